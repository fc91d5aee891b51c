import DeviceSimulator
import GBCore
import Yams

/// Reads the peers of a scenario, one entry after the other; codes that nobody gives are counted on.
struct PeerReader {
  private static let keys = [
    "kind", "id", "count", "name", "password", "transport", "edition", "charset", "dialect", "media",
    "media-transports", "channels", "areas", "systems", "groups", "recorders", "expires", "keepalive",
    "keepalive-count", "retry", "catalog-items-per-part", "recordings", "voice", "faults",
  ]
  private static let editions: [(String, GBVersion)] = [
    ("2011", .v2011), ("2016", .v2016), ("2022", .v2022),
  ]
  private static let charsets: [(String, TextEncodingName)] = [
    ("gb2312", .gb2312), ("gb18030", .gb18030), ("utf-8", .utf8),
  ]
  private static let mediaTransports: [(String, MediaTransportChoice)] = [
    ("udp", .udp), ("tcp-passive", .tcpPassive), ("tcp-active", .tcpActive),
  ]

  private(set) var peers: [PeerDescription] = []
  private let media: MediaSettings
  private var codes: Set<DeviceID> = []
  private var channels = ChannelReader()

  init(media: MediaSettings) { self.media = media }

  /// Adds the peers of one entry.
  mutating func add(_ node: Node) throws(ScenarioError) {
    let mapping = try ScenarioMapping(node, "a peer", keys: Self.keys)
    guard let first = try mapping.value("id", "a code of 20 digits", ScenarioCode.standard) else {
      throw ScenarioError(.missingKey, line: mapping.line, "a peer needs 'id'")
    }
    let count = try mapping.integer("count", 1...20_000) ?? 1
    let template = try self.template(mapping, first)
    try channels.plan(mapping, peers: count)
    for index in 0..<count {
      guard let id = first.adding(index), codes.insert(id).inserted, peers.count < 20_000 else {
        throw ScenarioError(
          .wrongValue(nearest: nil), line: mapping.line(of: "id"),
          "the code \(first)\(index > 0 ? " + \(index)" : "") is taken already or runs over")
      }
      var peer = template
      peer.id = id
      peer.name = peer.name.numbered(index)
      peer.channels = try channels.read(mapping, of: peer, peerIndex: index)
      peers.append(peer)
    }
  }

  /// Everything but code, name and channels.
  private func template(
    _ mapping: ScenarioMapping, _ id: DeviceID
  ) throws(ScenarioError) -> PeerDescription {
    let kinds = PeerDescription.Kind.allCases.map { ($0.rawValue, $0) }
    guard let kind = try mapping.choice("kind", kinds) else {
      throw ScenarioError(.missingKey, line: mapping.line, "a peer needs 'kind'")
    }
    var peer = PeerDescription(
      kind, id: id, name: try mapping.text("name") ?? "Peer {n}", password: try mapping.required("password"))
    let transports = PeerDescription.Transport.allCases.map { ($0.rawValue, $0) }
    peer.transport = try mapping.choice("transport", transports) ?? .udp
    peer.edition = try mapping.choice("edition", Self.editions) ?? .v2016
    peer.charset = try mapping.choice("charset", Self.charsets)
    peer.dialect = try mapping.choice("dialect", Dialect.all.map { ($0.name, $0) }) ?? .generic
    peer.media =
      try mapping.node("media").map { node throws(ScenarioError) in
        try ScenarioMedia.read(node, over: media)
      } ?? media
    peer.mediaTransports = try mediaTransports(mapping)
    peer.expires = try mapping.integer("expires", 10...86_400 * 30) ?? peer.expires
    peer.keepaliveInterval = try mapping.integer("keepalive", 1...86_400) ?? peer.keepaliveInterval
    peer.keepaliveCount = try mapping.integer("keepalive-count", 1...100) ?? peer.keepaliveCount
    peer.retryInterval = try mapping.integer("retry", 1...86_400) ?? peer.retryInterval
    let parts = try mapping.integer("catalog-items-per-part", 1...10_000)
    peer.catalogItemsPerPart = parts ?? peer.catalogItemsPerPart
    peer.recordings = try mapping.node("recordings").map { node throws(ScenarioError) in
      try ScenarioRecordings.read(node)
    }
    peer.voice = try mapping.node("voice").map { node throws(ScenarioError) in
      try ScenarioVoice.read(node, over: peer.dialect.voice)
    }
    peer.faults = try ScenarioFaults.read(try mapping.list("faults", most: 1_000))
    peer.directory = try DirectoryReader.read(mapping, of: peer)
    return peer
  }

  private func mediaTransports(
    _ mapping: ScenarioMapping
  ) throws(ScenarioError) -> Set<MediaTransportChoice>? {
    guard mapping.contains("media-transports") else { return nil }
    var found: Set<MediaTransportChoice> = []
    for node in try mapping.list("media-transports", most: 3) {
      let entry = try ScenarioMapping(["transport": node], "media-transports", keys: ["transport"])
      if let choice = try entry.choice("transport", Self.mediaTransports) { found.insert(choice) }
    }
    return found
  }
}

extension String {
  /// `{n}` replaced by the number from 1.
  func numbered(_ index: Int) -> String { replacing("{n}", with: String(index + 1)) }
}
