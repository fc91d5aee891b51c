import Federation
import GBCore
import Logging
import MediaTime
import MediaTransport
import Registry
import SDPCore
import SIPCore
import SIPTransport
import Streaming
import Synchronization

/// Calls of superiors that stand: what they say in them, what happens to their pictures, and their ends.
extension UpwardRelays {
  /// ACK, BYE or CANCEL that may belong to a call. True when it does.
  func received(_ request: SIPRequest, from source: SIPSource) -> Bool {
    guard let callID = request.callID else { return false }
    let isMine = state.withLock { state in
      guard var entry = state.entries[callID] else { return false }
      guard var dialog = entry.dialog else {
        return request.method == .cancel && entry.source.remote.host == source.remote.host
      }
      guard dialog.receive(request, from: source) == .accepted else { return false }
      entry.dialog = dialog
      state.entries[callID] = entry
      return true
    }
    guard isMine else { return false }
    switch request.method {
    case .ack: acknowledged(callID, request)
    case .bye: Task { await end(callID, because: "superior", tells: false) }
    case .cancel: Task { await fail(callID, 487) }
    default: return false
    }
    return true
  }

  private func acknowledged(_ callID: String, _ request: SIPRequest) {
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries[callID], !entry.isAcknowledged else { return nil }
      entry.patience?.cancel()
      state.entries[callID]?.isAcknowledged = true
      return entry
    }
    guard let entry else { return }
    if entry.offer == nil {
      // To our own offer the answer comes here (§7.6).
      guard let answer = try? StreamOffer(parsing: request.body), answer.path == .udp,
        let ssrc = entry.request?.ssrc
      else {
        Task { await end(callID, because: "no-agreement", tells: true) }
        return
      }
      note(callID) { entry in
        entry.offer = answer
        entry.request = RelayRequest(answer, answer.ssrc ?? StreamSSRC(ssrc))
      }
    }
    if let feed = entry.feed { return start(callID, feed) }
    guard entry.relay == nil else { return }
    Task { await resume(callID, entry.camera, because: "no-stream") }
  }

  /// Begins with recorded material, once it can be sent.
  private func start(_ callID: String, _ feed: any UpwardFeed) {
    if find(callID)?.relay == nil, attach(callID, feed.stream) == nil {
      Task { await end(callID, because: "no-stream", tells: true) }
      return
    }
    let isReady = state.withLock { state in
      guard let entry = state.entries[callID], entry.isAcknowledged else { return false }
      return entry.offer?.path == .udp || entry.isConnected
    }
    if isReady { feed.begin() }
  }

  /// Sends the stream as it is now.
  private func resume(_ callID: String, _ camera: CameraStream, because reason: String) async {
    guard let stream = await live.readyStream(camera, within: limits.recovery),
      attach(callID, stream) != nil
    else { return await end(callID, because: reason, tells: true) }
  }

  func attach(_ callID: String, _ stream: StreamID) -> RelayID? {
    guard let entry = find(callID), var request = entry.request else { return nil }
    request.keepsAll = entry.feed != nil
    do {
      let relay = try plane.attachRelay(stream, request)
      let isWanted = state.withLock { state in
        guard state.entries[callID] != nil else { return false }
        state.entries[callID]?.relay = relay
        state.byRelay[relay] = callID
        if state.early.remove(relay) != nil { state.entries[callID]?.isConnected = true }
        return true
      }
      if !isWanted { plane.detachRelay(relay) }
      return isWanted ? relay : nil
    } catch {
      logger.notice(
        "pictures cannot be sent to a superior", metadata: ["sip.call_id": "\(callID)", "error": "\(error)"])
      return nil
    }
  }

  /// Something happened on the media plane.
  func media(_ event: MediaEvent) {
    if case .relayConnected(let relay) = event { return connected(relay) }
    guard case .relayEnded(let relay, _, _, let end) = event else { return }
    let found = state.withLock { state -> (String, Entry)? in
      state.early.remove(relay)
      guard let callID = state.byRelay.removeValue(forKey: relay), let entry = state.entries[callID],
        entry.relay == relay
      else { return nil }
      state.entries[callID]?.relay = nil
      return (callID, entry)
    }
    guard let (callID, entry) = found else { return }
    switch end {
    case .detached: break
    case .streamEnded where entry.feed != nil:
      Task { await self.end(callID, because: "stream-lost", tells: true) }
    // The camera is called again by itself while somebody wants it.
    case .streamEnded: Task { await resume(callID, entry.camera, because: "stream-lost") }
    case .refused, .disconnected, .notConnected, .stuck:
      Task { await self.end(callID, because: "peer-\(end)", tells: true) }
    }
  }

  private func connected(_ relay: RelayID) {
    let found = state.withLock { state -> (String, any UpwardFeed)? in
      guard let callID = state.byRelay[relay] else {
        state.early.insert(relay)
        return nil
      }
      state.entries[callID]?.isConnected = true
      guard let entry = state.entries[callID], entry.isAcknowledged, let feed = entry.feed else { return nil }
      return (callID, feed)
    }
    if let (callID, feed) = found { start(callID, feed) }
  }

  // MARK: Recordings

  func happened(_ event: UpwardFeedEvent, _ callID: String) {
    Task {
      // What was given out last is still on its way.
      try? await Task.sleep(for: limits.drain)
      switch event {
      case .fileEnded: tellEnd(callID)
      case .lost: await end(callID, because: "stream-lost", tells: true)
      }
    }
  }

  /// MediaStatus 121, inside the dialog (§8.4); the superior hangs up then.
  private func tellEnd(_ callID: String) {
    let told = state.withLock { state -> (SIPRequest, Entry)? in
      guard var entry = state.entries[callID], var dialog = entry.dialog, !entry.isOver else { return nil }
      let request = dialog.request(.message)
      entry.dialog = dialog
      entry.isOver = true
      entry.patience?.cancel()
      entry.patience = patience(callID, because: "file-ended")
      state.entries[callID] = entry
      return (request, entry)
    }
    guard let told else { return }
    let entry = told.1
    var request = told.0
    let document = MANSCDPDocument.mediaEnded(sn: Int.random(in: 1...99_999), channel: entry.call.code)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    request.body = document.body(entry.call.superior.encoding, codec: signalling.codec)
    signalling.endpoint?.send(request, to: SIPTarget(entry.source), timeout: .seconds(10)) { _ in }
  }

  /// INFO in a call for recorded material (§8). False when it belongs to none.
  func order(_ request: SIPRequest, from source: SIPSource, _ transaction: SIPServerTransaction) -> Bool {
    guard let callID = request.callID else { return false }
    let entry = state.withLock { state -> Entry? in
      guard var entry = state.entries[callID], var dialog = entry.dialog,
        dialog.receive(request, from: source) == .accepted
      else { return nil }
      entry.dialog = dialog
      state.entries[callID] = entry
      return entry
    }
    guard let entry else { return false }
    guard let feed = entry.feed else {
      transaction.respond(SIPResponse(to: request, status: 405))
      return true
    }
    guard let order = PlaybackRequest(parsing: request.body) else {
      transaction.respond(SIPResponse(to: request, status: 400))
      return true
    }
    Task {
      let answer = await feed.order(order)
      transaction.respond(Self.response(to: request, order, answer))
      if case .done = answer { ordered(order, callID) }
    }
    return true
  }

  private static func response(
    to request: SIPRequest, _ order: PlaybackRequest, _ answer: OrderAnswer
  ) -> SIPResponse {
    switch answer {
    case .done(var told):
      var response = SIPResponse(to: request, status: 200)
      told?.cseq = order.cseq
      if let told {
        response.headers.append(.contentType, PlaybackRequest.contentType)
        response.body = told.body
      }
      return response
    case .refused(let status): return SIPResponse(to: request, status: status)
    case .noAnswer: return SIPResponse(to: request, status: 408)
    case .noCall: return SIPResponse(to: request, status: 481)
    }
  }

  /// Who goes on after the end is not at its end any more; who stops is expected to hang up.
  private func ordered(_ order: PlaybackRequest, _ callID: String) {
    state.withLock { state in
      guard var entry = state.entries[callID] else { return }
      switch order.method {
      case .pause: return
      case .play:
        guard entry.isOver else { return }
        entry.isOver = false
        entry.patience?.cancel()
      case .teardown:
        entry.patience?.cancel()
        entry.patience = patience(callID, because: "torn-down")
      }
      state.entries[callID] = entry
    }
  }

  // MARK: Ends

  /// Ends what is no longer granted. Call about once a second.
  func sweep() async {
    let standing = state.withLock { state in state.entries.map { ($0.key, $0.value.permit) } }
    for (callID, permit) in standing where !gate.holds(permit) {
      await end(callID, because: "revoked", tells: true)
    }
  }

  func endAll(of superior: DeviceID? = nil) async {
    let all = state.withLock { state in
      state.entries.filter { superior == nil || $0.value.call.superior.id == superior }.map(\.key)
    }
    for callID in all { await end(callID, because: "link", tells: true) }
  }
}
