import GBCore
import MPEGCore
import MediaTime
import NIOCore
import RTPCore

/// Sends a stretch of recordings, at the pace it is told.
///
/// Proof for @unchecked: everything mutable is touched on the media event loop only.
final class OnBoardPlayer: @unchecked Sendable {
  struct Plan: Sendable {
    let recordings: OnBoardRecordings
    /// Unix seconds, UTC.
    let start: Int64
    let end: Int64
    /// Multiple of real time, for a download.
    let speed: Int?
    let ssrc: UInt32
    let zone: Duration
  }

  private static let tick = TimeAmount.milliseconds(10)

  let plan: Plan
  private let loop: any EventLoop
  /// Called on the media loop when all was sent.
  private let onEnd: @Sendable () -> Void
  private var output: MediaOutput?
  private var timer: RepeatedTask?
  private var packetizer: RTPPacketizer
  private var muxer = PSMuxer(formats: [TrackFormat(codec: .h264)])
  /// The number of the next picture since 1970.
  private var frame: Int64
  private var rate: Double
  private var isPaused = false
  private var hasEnded = false
  /// Real time and the pictures that were due by then.
  private var paceStart = NIODeadline.now()
  private var paceFrames = 0.0
  /// Stream time of `anchorFrame`.
  private var anchorTicks: Int64
  private var anchorFrame: Int64
  private var pausedSince: NIODeadline?
  private(set) var packetsSent = 0

  init(_ plan: Plan, loop: any EventLoop, onEnd: @escaping @Sendable () -> Void) {
    (self.plan, self.loop, self.onEnd) = (plan, loop, onEnd)
    packetizer = RTPPacketizer(ssrc: plan.ssrc, sequenceNumber: .random(in: 0...UInt16.max))
    frame = plan.start * Int64(plan.recordings.framesPerSecond)
    anchorFrame = frame
    rate = Double(plan.speed ?? 1)
    anchorTicks = plan.start % 80_000 * MediaTicks.perSecond
  }

  private var perSecond: Int64 { Int64(plan.recordings.framesPerSecond) }

  func begin(_ output: MediaOutput) {
    guard self.output == nil, !hasEnded else { return }
    self.output = output
    resetPace()
    timer = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tick) { [weak self] _ in
      self?.advance()
    }
  }

  func stop() {
    hasEnded = true
    timer?.cancel()
    timer = nil
    output = nil
  }

  // MARK: Orders

  /// Carries out an order and says what became of it.
  func obey(_ order: PlaybackRequest) -> PlaybackResponse {
    var response = PlaybackResponse(cseq: order.cseq, range: order.range, scale: order.scale)
    switch order.method {
    case .pause: isPaused = true
    case .teardown: stop()
    case .play:
      if let scale = order.scale {
        guard scale > 0 || plan.recordings.reverses else {
          return PlaybackResponse(status: 501, cseq: order.cseq)
        }
        change(rate: scale < 0 ? -1 : scale)
        response.scale = plan.recordings.pace == .ignored ? order.scale : rate
      }
      if case .seconds(let seconds) = order.range?.start {
        guard seconds <= Double(plan.end - plan.start) else {
          return PlaybackResponse(status: 457, cseq: order.cseq)
        }
        seek(to: plan.start + Int64(seconds))
        response.rtpSequence = packetizer.sequenceNumber
        response.rtpTime = UInt32(truncatingIfNeeded: ticks(of: frame))
      }
      isPaused = false
      hasEnded = false
      resetPace()
    }
    return response
  }

  private func change(rate: Double) {
    guard plan.recordings.pace != .ignored else { return }
    anchorTicks = ticks(of: frame)
    anchorFrame = frame
    self.rate = rate
    if rate < 0 { frame = frame / perSecond * perSecond }
  }

  private func seek(to second: Int64) {
    let target = second * perSecond
    switch plan.recordings.pace {
    case .scaled:
      // This kind writes one clock through everything.
      anchorTicks = ticks(of: frame) + MediaTicks.perSecond / perSecond
      anchorFrame = target
    case .unscaled, .ignored: break
    }
    frame = target
  }

  private func resetPace() {
    paceStart = .now()
    paceFrames = 0
  }

  // MARK: Sending

  private func advance() {
    guard let output, !isPaused, !hasEnded, output.channel.isActive, output.channel.isWritable else {
      if isPaused { resetPace() }
      return
    }
    let elapsed = Double((NIODeadline.now() - paceStart).nanoseconds) / 1e9
    let due = elapsed * abs(rate) * Double(perSecond)
    var sent = 0
    while paceFrames < due, sent < 40, !hasEnded {
      paceFrames += 1
      sent += 1
      send(output)
    }
    output.channel.flush()
  }

  private func send(_ output: MediaOutput) {
    guard skipHoles() else { return end() }
    let isKey = frame % perSecond == 0
    let keysOnly =
      plan.recordings.keyFramesFrom > 0 && abs(rate) >= plan.recordings.keyFramesFrom && plan.speed == nil
    if isKey || !keysOnly { write(isKey, output) }
    frame += 1
    // Backwards by groups: the pictures of a second run forwards, the seconds do not.
    if rate < 0, frame % perSecond == 0 { frame -= 2 * perSecond }
  }

  /// - Returns: false at the end of the interval or of the recordings.
  private func skipHoles() -> Bool {
    let now = LiveSceneEncoder.now()
    while true {
      let second = frame / perSecond
      guard rate > 0 ? second < plan.end : second >= plan.start else { return false }
      if plan.recordings.isRecorded(second, now: now) { return true }
      if plan.recordings.pace == .scaled, rate > 0 { anchorFrame += perSecond }
      frame = rate > 0 ? (second + 1) * perSecond : (second - 1) * perSecond
    }
  }

  private func end() {
    hasEnded = true
    onEnd()
  }

  private func ticks(of frame: Int64) -> Int64 {
    let distance = Double(frame - anchorFrame) * 90_000 / Double(perSecond)
    let isScaled = plan.recordings.pace == .scaled && plan.speed == nil
    return anchorTicks + Int64((isScaled ? distance / rate : distance).rounded())
  }

  private func write(_ isKey: Bool, _ output: MediaOutput) {
    let time = MediaTicks(ticks(of: frame))
    let payload =
      isKey
      ? ClockPicture.keyFrame(of: frame / perSecond, zone: plan.zone)
      : ClockPicture.repetition(Int(frame % perSecond))
    let unit = AccessUnit(
      codec: .h264, isKeyFrame: isKey, pts: time, dts: time, arrival: WallTime(nanoseconds: 0),
      payload: payload)
    var packed: [UInt8] = []
    muxer.pack(unit, into: &packed)
    var bytes: [UInt8] = []
    var packets: [Range<Int>] = []
    let framing: RTPPacketizer.Framing = if case .datagrams = output { .datagram } else { .rfc4571 }
    packetizer.append(
      packed.span, timestamp: UInt32(truncatingIfNeeded: time.value), framing: framing, to: &bytes,
      packets: &packets)
    packetsSent += packets.count
    let buffer = ByteBuffer(bytes: bytes)
    for range in packets {
      guard let slice = buffer.getSlice(at: range.lowerBound, length: range.count) else { continue }
      switch output {
      case .datagrams(let channel, let address):
        channel.write(AddressedEnvelope(remoteAddress: address, data: slice), promise: nil)
      case .connection(let channel): channel.write(slice, promise: nil)
      }
    }
  }
}
