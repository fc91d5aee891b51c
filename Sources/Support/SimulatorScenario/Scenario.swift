public import DeviceSimulator
import GBCore
import Yams

/// Reads what `tributary simulate --scenario` plays (docs/ref/scenario.md).
///
/// Reading is strict: what nothing reads is an error with its line and the nearest word that is known.
public enum Scenario {
  /// Bytes of the longest scenario.
  public static let longest = 4 << 20
  /// Channels and directory entries of all peers together.
  public static let mostChannels = 1_000_000

  /// - Returns: the fleet that the text describes.
  /// - Throws: ``ScenarioError``.
  public static func read(_ yaml: String) throws(ScenarioError) -> FleetDescription {
    guard yaml.utf8.count <= longest else {
      throw ScenarioError(.tooLarge, line: 0, "a scenario has at most \(longest >> 20) MiB")
    }
    let root: Node?
    do { root = try Yams.compose(yaml: yaml) } catch { throw syntax(error) }
    guard let root else { throw ScenarioError(.missingKey, line: 1, "the scenario is empty") }
    return try fleet(root)
  }

  private static func syntax(_ error: any Error) -> ScenarioError {
    guard let error = error as? YamlError else {
      return ScenarioError(.syntax, line: 0, "this is no YAML: \(error)")
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ScenarioError(.syntax, line: mark.line, "this is no YAML: \(problem)")
    default: return ScenarioError(.syntax, line: 0, "this is no YAML: \(error)")
    }
  }

  private static func fleet(_ root: Node) throws(ScenarioError) -> FleetDescription {
    let mapping = try ScenarioMapping(
      root, "the scenario", keys: ["platform", "seed", "registrations-per-second", "media", "peers"])
    guard let platform = mapping.node("platform") else {
      throw ScenarioError(.missingKey, line: mapping.line, "the scenario needs 'platform'")
    }
    var fleet = try self.platform(platform)
    if let seed = try mapping.value("seed", "a whole number from 0", { UInt64($0) }) { fleet.seed = seed }
    if let rate = try mapping.integer("registrations-per-second", 1...10_000) {
      fleet.registrationsPerSecond = rate
    }
    let media = try mapping.node("media").map { node throws(ScenarioError) in
      try ScenarioMedia.read(node, over: MediaSettings())
    }
    var reader = PeerReader(media: media ?? MediaSettings())
    for node in try mapping.list("peers", most: 20_000) { try reader.add(node) }
    guard !reader.peers.isEmpty else {
      throw ScenarioError(
        .missingKey, line: mapping.line, "the scenario needs 'peers', a list of at least one")
    }
    fleet.peers = reader.peers
    return fleet
  }

  private static func platform(_ node: Node) throws(ScenarioError) -> FleetDescription {
    let mapping = try ScenarioMapping(node, "the platform", keys: ["id", "host", "port", "domain"])
    guard let id = try mapping.value("id", "a code of 20 digits", ScenarioCode.standard) else {
      throw ScenarioError(.missingKey, line: mapping.line, "the platform needs 'id'")
    }
    return FleetDescription(
      serverHost: try mapping.text("host") ?? "127.0.0.1",
      sipPort: try mapping.integer("port", 1...65_535) ?? 5_060,
      platformID: id, domain: try mapping.text("domain"), peers: [])
  }
}

/// Codes of a scenario.
enum ScenarioCode {
  static func standard(_ text: String) -> DeviceID? {
    DeviceID(text).flatMap { $0.isStandard ? $0 : nil }
  }

  /// 2, 4, 6 or 8 digits.
  static func area(_ text: String) -> DeviceID? {
    guard [2, 4, 6, 8].contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return DeviceID(text)
  }
}
