import CharacterSets
import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import Logging
import Server
import Soak
import Synchronization

/// Opens and closes pictures of cameras that do everything wrong, many at once, and looks at what is left.
///
/// The server is a process of its own, so that its memory and descriptors are its alone; the cameras are simulated
/// in this one.
struct CallsSoak: Sendable {
  /// What one person does with a picture.
  private enum Look: CaseIterable {
    /// Watches for a moment.
    case watches
    /// Closes before anything came.
    case changesMind
    /// Goes away without a word, and closes afterwards.
    case leaves
    /// Watches the sub-stream.
    case watchesSmall
    /// Never closes: the server has to find out.
    case forgets
  }

  /// What the server holds at one moment, by the names of its metrics.
  struct Holdings: Codable, Sendable {
    var sessions = 0.0
    var viewers = 0.0
    var live = 0.0
    var connecting = 0.0
    var calls = 0.0
    var streamNumbers = 0.0
    var mediaStreams = 0.0
    var mediaSockets = 0.0
    var descriptors = 0
    var residentBytes = 0

    /// What must be back at nothing.
    var isEmpty: Bool {
      sessions == 0 && viewers == 0 && live == 0 && connecting == 0 && calls == 0 && streamNumbers == 0
        && mediaStreams == 0
    }
  }

  struct Outcome: Sendable {
    var cycles = 0
    var pictures = 0
    var refusals: [String: Int] = [:]
    var before = Holdings()
    /// After an eighth of the cycles, when every buffer had its size, and at the end.
    var early = Holdings()
    var end = Holdings()
    /// Calls that the cameras saw.
    var calls = 0
    /// Whether a camera without faults showed its picture afterwards.
    var showsAfterwards = false
  }

  let cycles: Int
  let width: Int
  let seed: UInt64
  private static let cameras = 64
  private static let password = "soak-calls"
  /// Longer than a forgotten session, a camera's rest and every SIP timer.
  private static let patience = 180

  func run(progress: @escaping @Sendable (Int, Holdings) -> Void) async throws -> Outcome {
    let folder = NSTemporaryDirectory() + "tributary-soak-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let server = try await ChildServer.start(in: folder + "/server")
    defer { server.stop() }
    let client = LocalHTTP(port: server.http, token: server.token)
    let fleet = try fleet(server, folder)
    for peer in fleet.description.peers {
      let device = API.NewDevice(id: peer.id.text, name: peer.name, password: Self.password)
      let answer = try client.request("POST", "/api/v1/devices", json: device)
      guard answer.status == 201 else { throw StartError("a device could not be added: \(answer.text)") }
    }
    let running = Task { try await fleet.run() }
    defer { running.cancel() }
    let channels = try await channels(
      client, count: fleet.description.peers.reduce(0) { $0 + $1.channels.count })
    var outcome = Outcome()
    outcome.before = try holdings(client, server)
    let first = max(1, cycles / 8)
    let tally = Tally()
    try await open(0..<first, channels, client, tally) {
      progress($0, (try? holdings(client, server)) ?? .init())
    }
    outcome.early = try await settled(client, server)
    progress(first, outcome.early)
    try await open(first..<cycles, channels, client, tally) {
      progress($0, (try? holdings(client, server)) ?? .init())
    }
    outcome.end = try await settled(client, server)
    (outcome.cycles, outcome.pictures, outcome.refusals) = tally.values
    outcome.calls = fleet.snapshot().calls
    outcome.showsAfterwards = shows(channels[0], client)
    return outcome
  }

  // MARK: Cameras

  /// One faultless recorder, and others of four brands with every fault of calls and media.
  private func fleet(_ server: ChildServer, _ folder: String) throws -> SimulatedFleet {
    var media = MediaSettings(source: .streetLoop(scenes: 2), hasAudio: false)
    (media.width, media.height, media.kilobits, media.keyFrameInterval) = (320, 180, 200, 1)
    media.cacheDirectory = folder + "/clips"
    var peers: [PeerDescription] = []
    for index in 0..<Self.cameras / 4 + 1 {
      guard let first = DeviceID("340200000011800010\(index < 10 ? "0" : "")\(index)") else { continue }
      var configuration = SimulatorConfiguration(
        sipPort: server.sip, platformID: server.platform, firstDeviceID: first, devices: 1,
        channelsPerDevice: 4,
        password: Self.password, transport: index % 3 == 2 ? .tcp : .udp,
        edition: index % 2 == 0 ? .v2016 : .v2022, media: media, keepaliveInterval: 20)
      if index > 0 { configuration.faults = Self.faults }
      guard var peer = try configuration.fleet().peers.first else { continue }
      peer.dialect = Dialect.all[index % Dialect.all.count]
      peers.append(peer)
    }
    var description = FleetDescription(sipPort: server.sip, platformID: server.platform, peers: peers)
    description.seed = seed
    description.textCodec = .chinese
    return SimulatedFleet(description, logger: Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() })
  }

  private static let faults = FaultPlan([
    PlannedFault(.inviteRefused, number: 486, probability: 0.05),
    PlannedFault(.inviteRefused, number: 488, probability: 0.03),
    PlannedFault(.inviteRefused, number: 503, probability: 0.03),
    PlannedFault(.answerDelay, duration: .milliseconds(400), probability: 0.1),
    PlannedFault(.answerMissing, probability: 0.02),
    PlannedFault(.silentMedia, probability: 0.04),
    PlannedFault(.wrongSSRC, probability: 0.05),
    PlannedFault(.ownSSRC, probability: 0.1),
    PlannedFault(.ssrcMissing, probability: 0.05),
    PlannedFault(.mediaBeforeACK, probability: 0.1),
    PlannedFault(.byeUnanswered, probability: 0.1),
    PlannedFault(.callEnds, duration: .milliseconds(150), probability: 0.1),
    PlannedFault(.byeLate, duration: .seconds(2), probability: 0.3),
    PlannedFault(.byeMissing, probability: 0.3),
    PlannedFault(.streamAfterBye, duration: .seconds(2), probability: 0.1),
    PlannedFault(.packetLoss, probability: 0.01),
    PlannedFault(.jitter, duration: .milliseconds(30), probability: 0.05),
    PlannedFault(.reordering, probability: 0.01),
    PlannedFault(.duplicates, probability: 0.01),
    PlannedFault(.natRebinding, from: .seconds(20), every: .seconds(30)),
    PlannedFault(.powerCut, duration: .seconds(4), from: .seconds(35), every: .seconds(60)),
  ])

  private func channels(_ client: LocalHTTP, count: Int) async throws -> [String] {
    for _ in 0..<300 {
      let answer = try client.request("GET", "/api/v1/channels?limit=200")
      let found = try answer.json(API.Page<API.Channel>.self).items.map(\.id).sorted()
      if found.count >= count { return found }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw StartError("the simulated cameras did not come in")
  }

  // MARK: Looks

  private func open(
    _ range: Range<Int>, _ channels: [String], _ client: LocalHTTP, _ tally: Tally,
    progress: @escaping @Sendable (Int) -> Void
  ) async throws {
    let next = Mutex(range.lowerBound)
    let lanes = width
    // Threads, not tasks: every look blocks on its socket.
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      let left = Mutex(lanes)
      for _ in 0..<lanes {
        Thread.detachNewThread { [self] in
          while let number = next.withLock({ value -> Int? in
            guard value < range.upperBound else { return nil }
            defer { value += 1 }
            return value
          }) {
            look(number, channels, client, tally)
            if number % max(1, cycles / 20) == 0 { progress(number) }
          }
          let isLast = left.withLock { value in
            value -= 1
            return value == 0
          }
          if isLast { done.resume() }
        }
      }
    }
  }

  /// One open and close.
  private func look(_ number: Int, _ channels: [String], _ client: LocalHTTP, _ tally: Tally) {
    var random = SoakRandom(seed: seed &+ UInt64(number) &* 0x9E37)
    let channel = channels[Int(random.next() % UInt64(channels.count))]
    let kind: Look =
      random.chance(0.005) ? .forgets : Look.allCases[Int(random.next() % UInt64(Look.allCases.count - 1))]
    let wish = API.LiveRequest(purpose: "soak", stream: kind == .watchesSmall ? "sub" : "main")
    do {
      let answer = try client.request("POST", "/api/v1/channels/\(channel)/live", json: wish)
      guard answer.status < 300 else { return tally.refused("\(answer.status)") }
      let session = try answer.json(API.MediaSessionOpened.self)
      switch kind {
      case .watches, .watchesSmall:
        let seconds = Double(random.next() % 200) / 1_000
        do {
          let seen = try client.stream(session.urls.fmp4, seconds: seconds, patience: 3)
          if seen.body.count > 500 { tally.picture() }
        } catch { tally.refused("no picture") }
      case .leaves: client.knock(session.urls.fmp4)
      case .changesMind: break
      case .forgets: return tally.cycle()
      }
      let closed = try client.request("DELETE", "/api/v1/media-sessions/\(session.session)")
      if closed.status >= 300, closed.status != 404 { tally.refused("close \(closed.status)") }
      tally.cycle()
    } catch { tally.refused("\(error)") }
  }

  private func shows(_ channel: String, _ client: LocalHTTP) -> Bool {
    guard
      let answer = try? client.request("POST", "/api/v1/channels/\(channel)/live", json: API.LiveRequest()),
      let session = try? answer.json(API.MediaSessionOpened.self),
      let seen = try? client.stream(session.urls.fmp4, seconds: 1)
    else { return false }
    _ = try? client.request("DELETE", "/api/v1/media-sessions/\(session.session)")
    return seen.body.count > 5_000
  }

  // MARK: What is held

  /// What the server still holds when nobody has wanted anything for as long as anything may last.
  private func settled(_ client: LocalHTTP, _ server: ChildServer) async throws -> Holdings {
    var found = try holdings(client, server)
    for _ in 0..<Self.patience where !found.isEmpty {
      try await Task.sleep(for: .seconds(1))
      found = try holdings(client, server)
    }
    return found
  }

  private func holdings(_ client: LocalHTTP, _ server: ChildServer) throws -> Holdings {
    let text = try client.request("GET", "/metrics").text
    func value(_ name: String) -> Double {
      for line in text.split(separator: "\n") where line.hasPrefix(name + " ") {
        return Double(line.dropFirst(name.count + 1)) ?? .nan
      }
      return .nan
    }
    var found = Holdings()
    found.sessions = value("tributary_sessions")
    found.viewers = value("tributary_viewers")
    found.live = value("tributary_streams_live")
    found.connecting = value("tributary_streams_connecting")
    found.calls = value("tributary_sip_calls")
    found.streamNumbers = value("tributary_stream_numbers")
    found.mediaStreams = value("tributary_media_streams")
    found.mediaSockets = value("tributary_media_sockets")
    let process = ProcessFigures(of: server.process)
    (found.descriptors, found.residentBytes) = (process.descriptors, process.residentBytes)
    return found
  }
}

/// What came of the looks.
private final class Tally: Sendable {
  private let counts = Mutex((cycles: 0, pictures: 0, refusals: [String: Int]()))

  func cycle() { counts.withLock { $0.cycles += 1 } }
  func picture() { counts.withLock { $0.pictures += 1 } }
  func refused(_ why: String) { counts.withLock { $0.refusals[String(why.prefix(80)), default: 0] += 1 } }

  var values: (Int, Int, [String: Int]) { counts.withLock { ($0.cycles, $0.pictures, $0.refusals) } }
}
