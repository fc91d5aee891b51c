import DeviceSimulator
import GBCore
import Yams

/// Reads what a lower platform's catalog holds beside channels: areas, systems, groups with organisations, recorders.
enum DirectoryReader {
  private static let most = 100_000

  static func read(
    _ peer: ScenarioMapping, of description: PeerDescription
  ) throws(ScenarioError) -> [DirectoryEntry] {
    for key in ["areas", "systems", "groups", "recorders"]
    where peer.contains(key) && description.kind != .lowerPlatform {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: peer.line(of: key), "only a lower-platform has '\(key)'")
    }
    guard description.kind == .lowerPlatform else { return [] }
    var entries: [DirectoryEntry] = []
    for node in try peer.list("areas", most: most) { entries.append(try area(node)) }
    entries.append(DirectoryEntry(.system, id: description.id, name: description.name.numbered(0)))
    for node in try peer.list("systems", most: most) {
      entries.append(try entry(node, .system, parent: description.id))
    }
    for node in try peer.list("groups", most: most) { entries += try group(node, description.id) }
    for node in try peer.list("recorders", most: most) {
      entries.append(try entry(node, .recorder, parent: description.id))
    }
    guard Set(entries.map(\.id)).count == entries.count else {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: peer.line, "two entries of the directory have the same code")
    }
    return entries
  }

  /// An entry that a channel names.
  static func known(
    _ code: String, _ kind: DirectoryEntry.Kind, in peer: PeerDescription, line: Int
  ) throws(ScenarioError) -> DeviceID {
    let entries = peer.directory.filter { $0.kind == kind }
    if let found = entries.first(where: { $0.id.text == code }) { return found.id }
    let nearest = entries.isEmpty ? nil : Nearest.of(code, among: entries.prefix(1_000).map(\.id.text))
    let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
    throw ScenarioError(
      .wrongValue(nearest: nearest), line: line,
      "'\(code.prefix(60))' is no \(kind.rawValue) of this peer\(hint)")
  }

  private static func area(_ node: Node) throws(ScenarioError) -> DirectoryEntry {
    let mapping = try ScenarioMapping(node, "an area", keys: ["id", "name"])
    guard let id = try mapping.value("id", "2, 4, 6 or 8 digits", ScenarioCode.area) else {
      throw ScenarioError(.missingKey, line: mapping.line, "an area needs 'id'")
    }
    return DirectoryEntry(.area, id: id, name: try mapping.required("name"))
  }

  private static func entry(
    _ node: Node, _ kind: DirectoryEntry.Kind, parent: DeviceID
  ) throws(ScenarioError) -> DirectoryEntry {
    let mapping = try ScenarioMapping(node, "a \(kind.rawValue)", keys: ["id", "name", "area"])
    return DirectoryEntry(
      kind, id: try code(mapping, kind), name: try mapping.required("name"), parent: parent,
      civilCode: try mapping.value("area", "2, 4, 6 or 8 digits", ScenarioCode.area)?.text)
  }

  private static func group(_ node: Node, _ system: DeviceID) throws(ScenarioError) -> [DirectoryEntry] {
    let mapping = try ScenarioMapping(node, "a group", keys: ["id", "name", "area", "organisations"])
    let id = try code(mapping, .businessGroup)
    var entries = [
      DirectoryEntry(
        .businessGroup, id: id, name: try mapping.required("name"), parent: system,
        civilCode: try mapping.value("area", "2, 4, 6 or 8 digits", ScenarioCode.area)?.text)
    ]
    for node in try mapping.list("organisations", most: most) {
      let inner = try ScenarioMapping(node, "an organisation", keys: ["id", "name", "parent"])
      let parent = try inner.value("parent", "a code of 20 digits", ScenarioCode.standard)
      if let parent, !entries.contains(where: { $0.kind == .virtualOrganisation && $0.id == parent }) {
        throw ScenarioError(
          .wrongValue(nearest: nil), line: inner.line(of: "parent"),
          "'\(parent)' is no organisation before this one")
      }
      entries.append(
        DirectoryEntry(
          .virtualOrganisation, id: try code(inner, .virtualOrganisation), name: try inner.required("name"),
          parent: parent, businessGroup: id))
    }
    return entries
  }

  /// The code of an entry, whose digits 11–13 say what it is.
  private static func code(
    _ mapping: ScenarioMapping, _ kind: DirectoryEntry.Kind
  ) throws(ScenarioError) -> DeviceID {
    let types: ClosedRange<Int>
    switch kind {
    case .system: types = 200...299
    case .businessGroup: types = 215...215
    case .virtualOrganisation: types = 216...216
    case .recorder: types = 111...130
    case .area: types = 0...999
    }
    let word = types.count == 1 ? "\(types.lowerBound)" : "\(types.lowerBound)…\(types.upperBound)"
    let expected = "a code of 20 digits whose digits 11–13 are \(word)"
    let read: (String) -> DeviceID? = { text in
      ScenarioCode.standard(text).flatMap { $0.typeCode.map(types.contains) == true ? $0 : nil }
    }
    guard let id = try mapping.value("id", expected, read) else {
      throw ScenarioError(.missingKey, line: mapping.line, "a \(kind.rawValue) needs 'id'")
    }
    return id
  }
}
