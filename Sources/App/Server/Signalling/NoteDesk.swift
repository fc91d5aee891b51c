import GBCore
import Logging
import Registry
import SIPCore
import Synchronization

/// Signs what goes to devices with which a signalling digest was agreed, and checks what comes from them (§8.3 of the
/// standard, off for everybody else).
///
/// Asked on the SIP event loop for every message: while no device has a digest that is one look at a flag.
final class NoteDesk: Sendable {
  private struct State {
    var digests: [DeviceID: SignallingDigest] = [:]
    /// Where devices with a digest are heard from, and which one is heard there.
    var places: [DeviceID: SIPHostPort] = [:]
    var peers: [SIPHostPort: DeviceID] = [:]
    var refused: UInt64 = 0
  }

  private let store: any SignallingDigestStore
  private let hash: NoteHash
  private let logger: Logger
  private let isUsed = Atomic(false)
  private let state = Mutex(State())

  init(store: any SignallingDigestStore, hash: @escaping NoteHash, logger: Logger) {
    (self.store, self.hash, self.logger) = (store, hash, logger)
  }

  /// Messages that were refused.
  var refused: UInt64 { state.withLock { $0.refused } }

  func digest(of device: DeviceID) -> SignallingDigest? { state.withLock { $0.digests[device] } }

  /// Reads what was agreed, at the start and after another process changed it.
  func load() async throws {
    let digests = try await store.signallingDigests()
    state.withLock { state in
      state.digests = digests
      for device in state.places.keys where digests[device] == nil { Self.leave(device, &state) }
    }
    isUsed.store(!digests.isEmpty, ordering: .relaxed)
  }

  /// Agrees on a digest with a device, or (nil) on none.
  func set(_ digest: SignallingDigest?, of device: DeviceID, heardFrom registration: Registration?)
    async throws
  {
    try await store.setSignallingDigest(digest, of: device)
    state.withLock { state in
      state.digests[device] = digest
      Self.leave(device, &state)
      isUsed.store(!state.digests.isEmpty, ordering: .relaxed)
    }
    if let registration { heard(registration) }
  }

  /// A device registered, moved or was taken up from before a restart.
  func heard(_ registration: Registration) {
    guard isUsed.load(ordering: .relaxed) else { return }
    state.withLock { state in
      guard state.digests[registration.device] != nil else { return }
      Self.leave(registration.device, &state)
      state.places[registration.device] = registration.source.remote
      state.peers[registration.source.remote] = registration.device
    }
  }

  private static func leave(_ device: DeviceID, _ state: inout State) {
    guard let place = state.places.removeValue(forKey: device), state.peers[place] == device else { return }
    state.peers[place] = nil
  }

  // MARK: Messages

  /// Adds `Date` and `Note` to a request for a device with a digest. In dialogs nothing is added.
  func sign(_ request: inout SIPRequest, to remote: SIPHostPort) {
    guard isUsed.load(ordering: .relaxed), Self.isCovered(request),
      let digest = state.withLock({ state in state.peers[remote].flatMap { state.digests[$0] } })
    else { return }
    digest.sign(&request, clock: SystemClock.wall(), hash: hash)
  }

  /// Whether a request may be acted on. Whoever it names as its sender, and whoever is heard from where it came from,
  /// must have signed it if that is agreed.
  func accepts(_ request: SIPRequest, from source: SIPSource) -> Bool {
    guard isUsed.load(ordering: .relaxed), Self.isCovered(request) else { return true }
    let claimed = [request.fromUser.flatMap { DeviceID($0) }, Self.sender(of: request.body)].compactMap(
      \.self)
    let digests = state.withLock { state in
      Set(claimed + (state.peers[source.remote].map { [$0] } ?? [])).compactMap { device in
        state.digests[device].map { (device, $0) }
      }
    }
    for (device, digest) in digests {
      let verdict = digest.verify(request, clock: SystemClock.wall(), hash: hash)
      guard verdict != .valid else { continue }
      state.withLock { $0.refused += 1 }
      logger.notice(
        "a message without the agreed signalling digest was refused",
        metadata: ["device.id": "\(device)", "peer": "\(source.remote)", "cause": "\(verdict.rawValue)"])
      return false
    }
    return true
  }

  /// Requests outside dialogs, and every MESSAGE: those inside need the tags of their dialog.
  private static func isCovered(_ request: SIPRequest) -> Bool {
    switch request.method {
    case .register, .ack, .cancel, .bye, .info: false
    case .message, .options: true
    default: request.to?.tag == nil
    }
  }

  private static func sender(of body: [UInt8]) -> DeviceID? {
    Keepalive.scan(body.span)?.deviceID.flatMap { DeviceID(String(decoding: body[$0], as: UTF8.self)) }
  }
}
