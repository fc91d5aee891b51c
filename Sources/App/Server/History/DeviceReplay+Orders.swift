import GBCore
import HTTPAPI
import MediaTime
import Recording
import Registry

/// What the viewer orders, and what becomes of it at a device that knows the order, or does not.
extension DeviceReplay {
  func apply(_ control: API.PlaybackControl) async throws {
    try await orders.pass { @Sendable [self] in try await obey(control) }
  }

  private func obey(_ control: API.PlaybackControl) async throws {
    if case .failed(let failure) = phase { throw Problem.conflict(failure.text) }
    if let rate = control.rate { try check(rate) }
    if control.paused == true { try await pause() }
    if let position = control.position { try await seek(to: min(max(position.wall, range.start), range.end)) }
    if let rate = control.rate, rate != self.rate { try await setRate(rate) }
    if control.paused == false { try await resume() }
  }

  private func check(_ rate: Double) throws {
    let known = traits.rates(of: channel.device)
    guard known.contains(rate) else {
      let words = known.map { $0 == $0.rounded() ? String(Int($0)) : String($0) }.joined(separator: ", ")
      throw Problem.conflict(
        "This device does not replay at \(rate)×.", fix: "It knows these rates: \(words).")
    }
  }

  func pause() async throws {
    wantsPause = true
    guard phase == .playing, let line else { return }
    let generation = generation
    let answer = await lines.order(.pause, on: line)
    guard self.generation == generation, phase == .playing else { return }
    lastKeepAlive = SystemClock.monotonic()
    switch answer {
    case .done(let response) where response?.isSuccess ?? true: phase = .paused
    case .done, .refused, .noCall, .noAnswer:
      // It cannot pause: we end the call and take it up again where it stands.
      if isUnsupported(answer) { traits.noOrders(of: channel.device) }
      hangUp(.resting)
    }
  }

  func resume() async throws {
    wantsPause = false
    switch phase {
    case .paused:
      if let target = pendingSeek {
        pendingSeek = nil
        phase = .playing
        since = SystemClock.monotonic()
        return try await seek(to: target)
      }
      await goOn()
    case .resting: call(at: takePending() ?? feed.change { $0.clock.position })
    case .ended: call(at: range.start)
    case .idle, .queued, .calling, .playing, .failed, .closed: break
    }
  }

  private func takePending() -> WallTime? { exchange(&pendingSeek, with: nil) }

  private func goOn() async {
    guard let line else { return }
    let generation = generation
    let answer = await lines.order(.play, range: PlaybackRange(.now), on: line)
    guard self.generation == generation, phase == .paused else { return }
    since = SystemClock.monotonic()
    if case .done(let response) = answer, response?.isSuccess ?? true {
      phase = .playing
      if let rate = exchange(&pendingRate, with: nil) { await changeRate(rate) }
    } else {
      anew(at: feed.change { $0.clock.position }, answer)
    }
  }

  /// What the device does not do in the dialog is done by another call from that moment on (§14.2 #35).
  private func anew(at moment: WallTime, _ answer: OrderAnswer) {
    if isUnsupported(answer) { traits.noOrders(of: channel.device) }
    hangUp(.resting)
    call(at: moment)
  }

  private func isUnsupported(_ answer: OrderAnswer) -> Bool {
    switch answer {
    case .refused(let status): status == 405 || status == 501 || status == 415
    case .done(let response): response?.status == 405 || response?.status == 501
    case .noAnswer, .noCall: false
    }
  }

  func seek(to target: WallTime) async throws {
    takenUpAt = nil
    switch phase {
    case .paused, .resting:
      pendingSeek = target
      return
    case .ended: return call(at: target)
    case .playing: break
    case .idle, .queued, .calling:
      // The call that is coming begins there.
      wanted = target
      return
    case .failed, .closed: return
    }
    guard let line, target >= callStart else { return anew(at: target, .noCall) }
    let generation = generation
    // Quiet first: what a demultiplexer makes of a clock that jumps is one clock without a jump, so that afterwards
    // nobody could tell the last pictures of the old place from the first of the new.
    feed.change { $0.clock.close() }
    let halt = await lines.order(.pause, on: line)
    guard self.generation == generation, phase == .playing else { return }
    guard case .done = halt else { return anew(at: target, halt) }
    try? await Task.sleep(for: Self.quiet)
    guard self.generation == generation, phase == .playing else { return }
    let seconds = (target - callStart).inSeconds
    let answer = await lines.order(.play, range: PlaybackRange(.seconds(seconds)), on: line)
    guard self.generation == generation, phase == .playing else { return }
    guard case .done(let response) = answer, response?.isSuccess ?? true else {
      return anew(at: target, answer)
    }
    since = SystemClock.monotonic()
    feed.change { state in
      state.clock.seek(to: target, now: SystemClock.monotonic(), isQuiet: true)
      state.hasEnded = false
    }
  }

  private func setRate(_ rate: Double) async throws {
    switch phase {
    case .playing:
      guard await changeRate(rate) else {
        throw Problem.conflict("This device does not replay at \(rate)×: it refused.")
      }
    case .paused: (self.rate, pendingRate) = (rate, rate)
    case .idle, .queued, .calling, .resting, .ended: self.rate = rate
    case .failed, .closed: break
    }
  }

  @discardableResult
  func changeRate(_ rate: Double) async -> Bool {
    guard let line else { return false }
    let generation = generation
    let answer = await lines.order(.play, scale: rate, on: line)
    guard self.generation == generation else { return false }
    guard case .done(let response) = answer, response?.isSuccess ?? true else {
      // Running backwards is optional; who refuses it may know everything else.
      if rate > 0, case .refused = answer, isUnsupported(answer) {
        traits.noOrders(of: channel.device)
      } else {
        traits.forget(rate: rate, of: channel.device)
      }
      if case .refused(status: 481) = answer { lost() }
      self.rate = 1
      publish()
      return false
    }
    // A device may do less than was asked and say so (2022: `Scale: -1`).
    self.rate = response?.scale ?? rate
    let pace = traits.pace(of: channel.device)
    feed.change { [rate = self.rate] in $0.clock.setRate(rate, pace: pace, now: SystemClock.monotonic()) }
    publish()
    return true
  }
}
