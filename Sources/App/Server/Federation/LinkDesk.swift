import Federation
import GBCore
import Logging
import MediaTime
import MediaTransport
import Registry
import Synchronization

/// Who wants a picture, and how urgently.
struct LinkUser: Sendable, Hashable {
  var name: String
  /// 1…254.
  var priority: Int

  /// What the house does for itself: recordings, stills, tests.
  static let house = LinkUser(name: "recording", priority: 60)
  /// A platform above without a priority of its grant.
  static let ordinaryPriority = 100
}

/// Admits pictures to the links of this level and measures what they carry (``LinkLedger``).
final class LinkDesk: Sendable {
  private struct State {
    var ledger = LinkLedger()
    var lastSample: MonotonicTime?
  }

  /// What a call of a superior carries.
  struct Upward: Sendable {
    let callID: String
    let superior: DeviceID
    let camera: CameraStream
    /// Recorded material: times life's pace; nil for the live picture.
    var pace: Int?

    /// The stream that is sent, as the media plane calls it.
    var label: String { pace == nil ? camera.description : "upward \(camera.channel) \(callID)" }
  }

  /// A call of ours for recorded material below. It is never shared, so each counts by itself.
  struct Recorded: Sendable, Hashable {
    let channel: ChannelKey
    /// Tells it from others of the same camera.
    let ssrc: String
    /// Times life's pace.
    let pace: Int

    /// The stream that comes, as the media plane calls it.
    var label: String { Self.prefix + "\(channel) \(ssrc)" }
    fileprivate static let prefix = "history "
  }

  private static let sampleEvery: Duration = .seconds(10)

  private let state = Mutex(State())
  private let store: (any LinkStore)?
  private let name: @Sendable (ChannelKey) -> String?
  private let listeners = Mutex<[@Sendable (Set<String>) -> Void]>([])

  /// - Parameter name: what a channel is called.
  init(store: (any LinkStore)? = nil, name: @escaping @Sendable (ChannelKey) -> String? = { _ in nil }) {
    (self.store, self.name) = (store, name)
  }

  // MARK: Declaring

  /// Reads what links to those below were declared with.
  func load() async throws {
    guard let links = try await store?.lowerLinks() else { return }
    state.withLock { state in
      for (device, declaration) in links { state.ledger.declare(.init(.down, device), declaration) }
    }
  }

  func declare(_ superior: Superior) {
    declare(.init(.up, superior.id), .init(capacity: superior.capacity, reserve: superior.reserve))
  }

  /// Keeps what a link to somebody below was declared with.
  func save(_ declaration: LinkLedger.Declaration, below device: DeviceID) async throws {
    try await store?.saveLowerLink(declaration.capacity == nil ? nil : declaration, of: device)
    declare(.init(.down, device), declaration)
  }

  private func declare(_ link: LinkLedger.Link, _ declaration: LinkLedger.Declaration) {
    state.withLock { $0.ledger.declare(link, declaration) }
  }

  func forget(_ link: LinkLedger.Link) { state.withLock { $0.ledger.forget(link) } }

  var links: [(link: LinkLedger.Link, account: LinkLedger.Account)] { state.withLock { $0.ledger.links } }

  // MARK: Up

  /// Admits a call of a superior.
  ///
  /// - Returns: the calls in whose place it comes.
  func admit(_ call: Upward, for user: LinkUser) throws(LinkLedger.Refusal) -> [String] {
    let stream = stream(call.callID, call.camera, pace: call.pace ?? 1, user)
    return try state.withLock { state throws(LinkLedger.Refusal) -> [String] in
      try state.ledger.admit(stream, over: .init(.up, call.superior)).map(\.id)
    }
  }

  func ended(_ callID: String, _ superior: DeviceID) {
    state.withLock { $0.ledger.end(callID, over: .init(.up, superior)) }
  }

  // MARK: Down

  /// Admits a call to a camera of a platform below, or of a device with a declared link.
  ///
  /// - Returns: the streams in whose place it comes.
  func admit(_ camera: CameraStream, for user: LinkUser) throws(LinkLedger.Refusal) -> [String] {
    let stream = stream(camera.description, camera, user)
    return try state.withLock { state throws(LinkLedger.Refusal) -> [String] in
      guard Self.isLink(camera.channel.device, state.ledger) else { return [] }
      return try state.ledger.admit(stream, over: .init(.down, camera.channel.device)).map(\.id)
    }
  }

  /// Admits a call for recorded material below.
  func admit(_ call: Recorded, for user: LinkUser) throws(LinkLedger.Refusal) {
    let stream = stream(call.label, .main(call.channel), pace: call.pace, user)
    let victims = try state.withLock { state throws(LinkLedger.Refusal) -> [String] in
      guard Self.isLink(call.channel.device, state.ledger) else { return [] }
      return try state.ledger.admit(stream, over: .init(.down, call.channel.device)).map(\.id)
    }
    displace(victims)
  }

  func ended(_ call: Recorded) {
    state.withLock { $0.ledger.end(call.label, over: .init(.down, call.channel.device)) }
  }

  /// Whoever pulls from below ends those of these streams that are its own.
  func onDisplaced(_ body: @escaping @Sendable (Set<String>) -> Void) {
    listeners.withLock { $0.append(body) }
  }

  /// Tells that these streams lost their place.
  func displace(_ names: [String]) {
    guard !names.isEmpty else { return }
    for tell in listeners.withLock({ $0 }) { tell(Set(names)) }
  }

  /// Why a call would be refused now; nil when it would not.
  func refusal(of camera: CameraStream, for user: LinkUser) -> LinkLedger.Refusal? {
    let stream = stream(camera.description, camera, user)
    return state.withLock { $0.ledger.refusal(of: stream, over: .init(.down, camera.channel.device)) }
  }

  func ended(_ camera: CameraStream) {
    state.withLock { $0.ledger.end(camera.description, over: .init(.down, camera.channel.device)) }
  }

  /// Only neighbours have links that are worth counting, unless somebody said so of a device.
  private static func isLink(_ device: DeviceID, _ ledger: LinkLedger) -> Bool {
    ledger[.init(.down, device)] != nil || device.isPlatform
  }

  private func stream(_ id: String, _ camera: CameraStream, pace: Int = 1, _ user: LinkUser)
    -> LinkBudget<String>.Stream
  {
    let title = name(camera.channel) ?? camera.channel.channel.text
    let rate = pace * state.withLock { $0.ledger.expected(camera.description, isMain: camera.isMain) }
    return .init(id: id, rate: rate, priority: user.priority, user: "\(title) for \(user.name)")
  }

  // MARK: Measuring

  /// Takes over what streams really need. Call about once a second.
  func measure(_ streams: [MediaSnapshot.Stream], upward: [Upward], now: MonotonicTime, wall: WallTime) {
    // Pictures go up as they came, so one figure stands for both links.
    var rates: [String: Int] = [:]
    for stream in streams where stream.bitsPerSecond > 0 { rates[stream.label] = Int(stream.bitsPerSecond) }
    state.withLock { state in
      for call in upward {
        state.ledger.measured(
          call.callID, of: call.pace == nil ? call.label : nil, rate: rates[call.label] ?? 0,
          over: .init(.up, call.superior))
      }
      for (link, account) in state.ledger.links where link.direction == .down {
        for stream in account.budget.streams {
          state.ledger.measured(
            stream.id, of: stream.id.hasPrefix(Recorded.prefix) ? nil : stream.id,
            rate: rates[stream.id] ?? 0, over: link)
        }
      }
      guard state.lastSample.map({ now - $0 >= Self.sampleEvery }) ?? true else { return }
      state.lastSample = now
      state.ledger.sample(at: wall)
    }
  }
}

extension LinkLedger.Refusal {
  /// For a `Warning` of SIP (RFC 3261 §20.43, code 370: insufficient bandwidth).
  func warning(host: String) -> String { Self.warning(host: host, words(limit: 3)) }

  static func warning(host: String, _ words: String) -> String {
    let text = words.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline }
    return "370 \(host) \"\(text.prefix(240))\""
  }

  /// The words of such a warning; nil for others.
  static func words(inWarning text: String) -> String? {
    guard text.hasPrefix("370 "), let begin = text.firstIndex(of: "\""), let end = text.lastIndex(of: "\""),
      begin < end
    else { return nil }
    return String(text[text.index(after: begin)..<end].prefix(300))
  }
}
