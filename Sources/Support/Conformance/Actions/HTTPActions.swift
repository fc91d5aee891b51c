import Foundation
public import GBCore
public import SIPCore

/// Acts on Tributary through its own API, as a person does through the console.
public struct HTTPActions: PeerActions {
  private let http: PlainHTTP
  private let lowerControl: @Sendable (LowerOrder) async throws -> Void
  private let redirecting: (@Sendable (TestIdentity) async throws -> SIPHostPort)?

  /// - Parameters:
  ///   - token: an API key, or a session's token.
  ///   - redirecting: makes a device known to a server that sends it to this one, and says where that server is.
  ///   - lower: how the lower platform under test is started and stopped, if this program can.
  public init(
    host: String, port: Int, token: String,
    redirecting: (@Sendable (TestIdentity) async throws -> SIPHostPort)? = nil,
    lower: @escaping @Sendable (LowerOrder) async throws -> Void = { _ in
      throw ActionFailure.notPossible("nobody can start and stop the lower platform")
    }
  ) {
    http = PlainHTTP(host: host, port: port, token: token)
    (lowerControl, self.redirecting) = (lower, redirecting)
  }

  public func provision(_ identity: TestIdentity) async throws {
    let body: [String: any Sendable] = [
      "id": identity.id.text, "name": identity.name, "password": identity.password,
      "heartbeatInterval": identity.keepaliveInterval, "heartbeatCount": identity.keepaliveCount,
    ]
    let answer = try await http.request("POST", "/api/v1/devices", json: body)
    guard answer.status < 300 || answer.status == 409 else { throw Self.refusal(answer, "adding a device") }
  }

  public func openLive(_ channel: TestChannel, stream: Int?) async throws -> OpenedPicture {
    var body: [String: any Sendable] = [
      "purpose": "conformance test", "codecs": ["avc1", "hvc1", "mp4a"],
    ]
    if let stream { body["stream"] = stream == 0 ? "main" : "sub" }
    return try await open("live", channel, body)
  }

  public func openPlayback(_ channel: TestChannel, from: String, to: String) async throws -> OpenedPicture {
    try await open(
      "playback", channel,
      ["purpose": "conformance test", "source": "device", "from": from + "+08:00", "to": to + "+08:00"])
  }

  private func open(_ kind: String, _ channel: TestChannel, _ body: [String: any Sendable]) async throws
    -> OpenedPicture
  {
    let answer = try await http.request("POST", "/api/v1/channels/\(Self.id(channel))/\(kind)", json: body)
    guard answer.status < 300, let session = answer.object["session"] as? String else {
      throw Self.refusal(answer, "opening \(kind)")
    }
    let urls = answer.object["urls"] as? [String: Any]
    return OpenedPicture(
      handle: session, address: urls?["fmp4"] as? String ?? "", start: answer.object["from"] as? String)
  }

  public func control(_ picture: OpenedPicture, _ change: PlaybackChange) async throws {
    let body: [String: any Sendable]
    switch change {
    case .pause: body = ["paused": true]
    case .resume: body = ["paused": false]
    case .rate(let rate): body = ["rate": rate]
    case .seek(let seconds):
      guard let from = picture.start.flatMap({ Self.date($0) }) else {
        throw ActionFailure.missing("no start time of a replay in its session")
      }
      body = ["position": from.addingTimeInterval(seconds).formatted(.iso8601)]
    }
    let answer = try await http.request("PATCH", "/api/v1/media-sessions/\(picture.handle)", json: body)
    guard answer.status < 300 else { throw Self.refusal(answer, "controlling a replay") }
  }

  private static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: .iso8601))
      ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
  }

  public func close(_ picture: OpenedPicture) async throws {
    _ = try await http.request("DELETE", "/api/v1/media-sessions/\(picture.handle)")
  }

  public func openDownload(_ channel: TestChannel, from: String, to: String) async throws {
    let body: [String: any Sendable] = [
      "from": from + "+08:00", "to": to + "+08:00", "speed": 4, "purpose": "conformance test",
    ]
    let answer = try await http.request("POST", "/api/v1/channels/\(Self.id(channel))/downloads", json: body)
    guard answer.status < 300 else { throw Self.refusal(answer, "downloading from a device") }
  }

  public func order(_ order: PeerOrder, of channel: TestChannel) async throws {
    let route = OrderRoute(order)
    let owner = route.isDevice ? "devices/\(channel.device.text)" : "channels/\(Self.id(channel))"
    let answer = try await http.request(route.method, "/api/v1/\(owner)/\(route.path)", json: route.body)
    guard answer.status < 300 else { throw Self.refusal(answer, "“\(order.sentence)”") }
  }

  public func configure(_ channel: TestChannel, block: String, _ values: [String: Int]) async throws {
    let answer = try await http.request(
      "PUT", "/api/v1/channels/\(Self.id(channel))/configuration/\(block)", json: ["values": values])
    guard answer.status < 300 else { throw Self.refusal(answer, "setting \(block)") }
    let differences = answer.object["differences"] as? [String] ?? []
    guard differences.isEmpty else {
      throw ActionFailure.refused("setting \(block): it reads back otherwise: \(differences)")
    }
  }

  public func upgrade(_ device: DeviceID, file: [UInt8], firmware: String) async throws {
    let name = "conform-\(device.text).bin"
    let placed = try await http.upload(file, to: "/api/v1/firmware/\(name)")
    guard placed.status < 300 else { throw Self.refusal(placed, "placing firmware") }
    let answer = try await http.request(
      "POST", "/api/v1/devices/\(device.text)/controls",
      json: ["command": "upgrade", "file": name, "firmware": firmware])
    guard answer.status < 300 else { throw Self.refusal(answer, "upgrading a device") }
  }

  public func redirector(for identity: TestIdentity) async throws -> SIPHostPort {
    guard let redirecting else {
      throw ActionFailure.notPossible("needs a server that is set up to redirect")
    }
    return try await redirecting(identity)
  }

  public func ask(_ question: PeerQuestion) async throws -> String {
    switch question {
    case .isOnline(let id):
      let answer = try await http.request("GET", "/api/v1/devices/\(id.text)")
      // A device that missed a heartbeat is suspect, not gone.
      return ["online", "suspect"].contains(answer.object["status"] as? String ?? "") ? "yes" : "no"
    case .channelCount(let id):
      let answer = try await http.request("GET", "/api/v1/devices/\(id.text)")
      return (answer.object["channels"] as? Int).map(String.init) ?? "unknown"
    case .channelName(let channel): return try await field("name", of: channel)
    case .channelStatus(let channel): return try await field("status", of: channel)
    case .pictureBytes(let picture):
      let answer = try await http.request("GET", picture.address, cut: .seconds(2))
      return String(answer.status == 200 ? answer.body.count : 0)
    case .pictureState(let picture):
      let answer = try await http.request("GET", "/api/v1/media-sessions/\(picture.handle)")
      return answer.object["state"] as? String ?? "ended"
    case .pictureCodec(let picture):
      let answer = try await http.request("GET", "/api/v1/media-sessions/\(picture.handle)")
      return answer.object["codec"] as? String ?? "unknown"
    case .presets(let channel):
      let answer = try await http.request("GET", "/api/v1/channels/\(Self.id(channel))/presets")
      guard answer.status < 300 else { throw Self.refusal(answer, "listing presets") }
      return Self.numbered(answer)
    case .cruises(let channel): return Self.numbered(try await view("cruises", of: channel))
    case .homePosition(let channel):
      let home = try await view("home-position", of: channel).object
      return "preset \(home["preset"] ?? "?") after \(home["resetTime"] ?? "?") s"
    case .view(let channel):
      let place = try await view("ptz-position", of: channel).object
      return ["pan", "tilt", "zoom"].map { "\((place[$0] as? NSNumber)?.doubleValue ?? .nan)" }
        .joined(separator: " ")
    case .upgradeState(let id):
      let answer = try await http.request("GET", "/api/v1/devices/\(id.text)/upgrades")
      let items = answer.object["items"] as? [[String: Any]] ?? []
      return items.first?["state"] as? String ?? "none"
    case .alarmCount(let channel):
      let answer = try await http.request("GET", "/api/v1/alarms?channel=\(Self.id(channel))")
      guard answer.status < 300 else { throw Self.refusal(answer, "listing alarms") }
      return String((answer.object["items"] as? [Any])?.count ?? 0)
    case .configuration(let channel, let block):
      let answer = try await http.request(
        "GET", "/api/v1/channels/\(Self.id(channel))/configuration/\(block)")
      guard answer.status < 300 else { throw Self.refusal(answer, "reading a device's configuration") }
      return answer.text
    case .isStrangerRefused(let channel):
      var stranger = http
      stranger.token = nil
      let body: [String: any Sendable] = ["purpose": "conformance test"]
      let answer = try await stranger.request("POST", "/api/v1/channels/\(Self.id(channel))/live", json: body)
      return answer.status == 401 || answer.status == 403 ? "yes" : "no, \(answer.status)"
    case .deviceRecordingCount(let channel, let from, let to):
      return String(try await records(channel, from, to))
    }
  }

  /// Recordings on the device.
  private func records(_ channel: TestChannel, _ from: String, _ to: String) async throws -> Int {
    let zone = "%2B08:00"
    let path =
      "/api/v1/channels/\(Self.id(channel))/records?source=device&from=\(from)\(zone)&to=\(to)\(zone)"
    let answer = try await http.request("GET", path, limit: .seconds(60))
    guard answer.status < 300 else { throw Self.refusal(answer, "searching recordings on a device") }
    return (answer.object["records"] as? [Any])?.count ?? 0
  }

  private func view(_ name: String, of channel: TestChannel) async throws -> PlainHTTP.Answer {
    let answer = try await http.request("GET", "/api/v1/channels/\(Self.id(channel))/\(name)")
    guard answer.status < 300 else { throw Self.refusal(answer, "reading the \(name) of a camera") }
    return answer
  }

  /// `1 Gate, 2 Yard`.
  private static func numbered(_ answer: PlainHTTP.Answer) -> String {
    let list = answer.object["items"] as? [[String: Any]] ?? []
    return list.map { "\($0["number"] ?? "") \($0["name"] ?? "")" }.joined(separator: ", ")
  }

  private func field(_ name: String, of channel: TestChannel) async throws -> String {
    let answer = try await http.request("GET", "/api/v1/channels/\(Self.id(channel))")
    return answer.object[name] as? String ?? "unknown"
  }

  public func lower(_ order: LowerOrder) async throws { try await lowerControl(order) }

  private static func id(_ channel: TestChannel) -> String {
    "\(channel.device.text)_\(channel.channel.text)"
  }

  /// A route that does not exist is a function that does not exist.
  private static func refusal(_ answer: PlainHTTP.Answer, _ what: String) -> ActionFailure {
    let detail = answer.object["detail"] as? String ?? answer.text
    let isUnknownRoute =
      answer.status == 405
      || answer.status == 404 && (answer.object["type"] as? String)?.hasSuffix("no-such-route") == true
      || answer.status == 404 && answer.object["detail"] == nil
    return isUnknownRoute
      ? .missing("no function for \(what)") : .refused("\(what): \(answer.status) \(detail.prefix(200))")
  }
}
