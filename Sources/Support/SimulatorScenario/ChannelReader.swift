import DeviceSimulator
import GBCore
import Yams

/// Reads the channels of peers.
struct ChannelReader {
  private static let keys = [
    "id", "count", "name", "kind", "place", "ptz-type", "scene", "codec", "movable", "area", "recorder",
    "organisations", "longitude", "latitude", "online",
  ]
  /// Digits 11–13 of codes that nobody gives (§1.2).
  private static let types: [ChannelDescription.Kind: String] = [
    .alarmInput: "134", .alarmOutput: "135", .microphone: "136", .loudspeaker: "137",
  ]

  private var total = 0
  /// The last serial number given, by the first thirteen digits.
  private var serials: [String: Int] = [:]

  /// - Parameter peerIndex: codes that are given count on from peer to peer of one entry.
  mutating func read(
    _ peer: ScenarioMapping, of description: PeerDescription, peerIndex: Int
  ) throws(ScenarioError) -> [ChannelDescription] {
    var channels: [ChannelDescription] = []
    if let node = peer.node("channels"), node.scalar != nil {
      // `channels: 16` is sixteen cameras.
      let count = try peer.integer("channels", 0...100_000) ?? 0
      for index in 0..<count {
        let id = try next(.camera, description, line: node.line)
        channels.append(ChannelDescription(id: id, name: "Camera \(index + 1)", scene: index))
      }
    } else {
      for node in try peer.list("channels", most: 100_000) {
        channels += try entry(node, description, peerIndex: peerIndex, first: channels.count)
      }
    }
    guard Set(channels.map(\.id)).count == channels.count else {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: peer.line(of: "channels"), "two channels have the same code")
    }
    return channels
  }

  /// Refuses what is too large before anything of that size is made.
  ///
  /// - Parameter peers: how many peers have the channels of this entry.
  mutating func plan(_ peer: ScenarioMapping, peers: Int) throws(ScenarioError) {
    var planned = 0
    if let node = peer.node("channels"), node.scalar != nil {
      planned = try peer.integer("channels", 0...100_000) ?? 0
    } else {
      for node in try peer.list("channels", most: 100_000) {
        let mapping = try ScenarioMapping(node, "a channel", keys: Self.keys)
        planned += try mapping.integer("count", 1...100_000) ?? 1
      }
    }
    // At most 20 000 peers with 100 000 entries of 100 000 channels: no overflow.
    total += planned * peers
    guard total <= Scenario.mostChannels else {
      throw ScenarioError(
        .tooLarge, line: peer.line(of: "channels"),
        "a scenario has at most \(Scenario.mostChannels) channels")
    }
  }

  private mutating func entry(
    _ node: Node, _ peer: PeerDescription, peerIndex: Int, first: Int
  ) throws(ScenarioError) -> [ChannelDescription] {
    let mapping = try ScenarioMapping(node, "a channel", keys: Self.keys)
    let count = try mapping.integer("count", 1...100_000) ?? 1
    let kinds = ChannelDescription.Kind.allCases.map { ($0.rawValue, $0) }
    let kind = try mapping.choice("kind", kinds) ?? .camera
    let given = try mapping.value("id", "a code of 20 digits", ScenarioCode.standard)
    let name = try mapping.text("name") ?? "\(kind.rawValue.capitalizedWord) {n}"
    let scene = try mapping.integer("scene", 0...1_000_000)
    let template = try template(mapping, peer, kind)
    var channels: [ChannelDescription] = []
    for index in 0..<count {
      var channel = template
      if let given {
        guard let id = given.adding(peerIndex * count + index) else {
          throw ScenarioError(
            .wrongValue(nearest: nil), line: mapping.line(of: "id"),
            "there are not enough codes after \(given)")
        }
        channel.id = id
      } else {
        channel.id = try next(kind, peer, line: mapping.line)
      }
      channel.name = name.numbered(index)
      channel.scene = scene ?? first + index
      // A grid of streets, a hundred metres apart.
      channel.longitude += Double(index % 100) * 0.001
      channel.latitude += Double(index / 100 % 100) * 0.001
      channels.append(channel)
    }
    return channels
  }

  /// Everything that the channels of an entry share.
  private func template(
    _ mapping: ScenarioMapping, _ peer: PeerDescription, _ kind: ChannelDescription.Kind
  ) throws(ScenarioError) -> ChannelDescription {
    var channel = ChannelDescription(id: peer.id, name: "", kind: kind)
    channel.place = try mapping.text("place") ?? ""
    channel.ptzType = try mapping.integer("ptz-type", 1...7) ?? channel.ptzType
    channel.codec = try mapping.choice("codec", ScenarioMedia.codecs)
    channel.isMovable = try mapping.flag("movable") ?? false
    if channel.isMovable, !mapping.contains("ptz-type") { channel.ptzType = 1 }
    channel.civilCode = try mapping.value("area", "2, 4, 6 or 8 digits", ScenarioCode.area)?.text
    channel.parent = try reference(mapping, "recorder", among: peer, .recorder)
    for code in try mapping.texts("organisations", most: 100) {
      channel.organisations.append(
        try DirectoryReader.known(
          code, .virtualOrganisation, in: peer, line: mapping.line(of: "organisations")))
    }
    channel.longitude = try mapping.number("longitude", 0...180) ?? channel.longitude
    channel.latitude = try mapping.number("latitude", 0...90) ?? channel.latitude
    channel.isOnline = try mapping.flag("online") ?? true
    return channel
  }

  private func reference(
    _ mapping: ScenarioMapping, _ key: String, among peer: PeerDescription, _ kind: DirectoryEntry.Kind
  ) throws(ScenarioError) -> DeviceID? {
    guard let code = try mapping.text(key) else { return nil }
    return try DirectoryReader.known(code, kind, in: peer, line: mapping.line(of: key))
  }

  /// The next free code of a kind in the domain of a peer.
  private mutating func next(
    _ kind: ChannelDescription.Kind, _ peer: PeerDescription, line: Int
  ) throws(ScenarioError) -> DeviceID {
    let type = Self.types[kind] ?? peer.dialect.cameraType
    // Cameras that register by themselves have codes of type 132: their channels take another.
    let camera = type == "132" && peer.id.typeCode == 132 ? "131" : type
    let prefix = String(peer.id.text.prefix(10)) + camera
    let serial = String(serials[prefix, default: 0] + 1)
    guard serial.count <= 7,
      let id = DeviceID(prefix + String(repeating: "0", count: 7 - serial.count) + serial)
    else { throw ScenarioError(.tooLarge, line: line, "there are no codes left in \(prefix)") }
    serials[prefix, default: 0] += 1
    return id
  }
}

extension String {
  /// `alarm-input` to `Alarm input`.
  fileprivate var capitalizedWord: String {
    let words = replacing("-", with: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}
