public import Federation
import Yams

/// Reads what `tributary plan` computes (docs/guide/planning.md).
///
/// Reading is strict: what nothing reads is an error with its line and the nearest word that is known.
public enum PlanFile {
  /// Bytes of the longest description.
  public static let longest = 1 << 20
  /// Levels that are described, one below the other, and cameras of the whole network.
  public static let mostLevels = 10_000
  public static let deepest = 16
  public static let mostCameras = 1_000_000_000

  /// - Returns: the network that the text describes.
  /// - Throws: ``PlanFileError``.
  public static func read(_ yaml: String) throws(PlanFileError) -> NetworkPlan {
    guard yaml.utf8.count <= longest else {
      throw PlanFileError(.tooLarge, line: 0, "a plan has at most \(longest >> 20) MiB")
    }
    let root: Node?
    do { root = try Yams.compose(yaml: yaml) } catch { throw syntax(error) }
    guard let root else { throw PlanFileError(.missingKey, line: 1, "the plan is empty") }
    let mapping = try PlanMapping(root, "the plan", keys: ["overhead", "disk-reserve", "focus", "network"])
    guard let network = mapping.node("network") else {
      throw PlanFileError(.missingKey, line: mapping.line, "the plan needs 'network', its highest level")
    }
    var reader = LevelReader()
    var plan = NetworkPlan(root: try reader.read(network, depth: 0, copies: 1))
    plan.overhead = try mapping.share("overhead") ?? plan.overhead
    plan.focus = try mapping.share("focus") ?? plan.focus
    if let reserve = try mapping.share("disk-reserve") {
      guard reserve < 1 else {
        throw PlanFileError(
          .wrongValue, line: mapping.line(of: "disk-reserve"), "'disk-reserve' leaves nothing to write to")
      }
      plan.diskReserve = reserve
    }
    return plan
  }

  private static func syntax(_ error: any Error) -> PlanFileError {
    guard let error = error as? YamlError else {
      return PlanFileError(.syntax, line: 0, "this is no YAML: \(error)")
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return PlanFileError(.syntax, line: mark.line, "this is no YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      return PlanFileError(
        .twice, line: context.mark.line, "'\(keys.sorted().first ?? "")' stands twice in one mapping")
    default: return PlanFileError(.syntax, line: 0, "this is no YAML: \(error)")
    }
  }
}

/// Reads levels, one inside the other.
private struct LevelReader {
  private static let keys = ["name", "count", "link", "cameras", "viewers", "record", "disk", "below"]

  private var names: Set<String> = []
  private var cameras = 0

  /// - Parameter copies: how many of the level above there are.
  mutating func read(_ node: Node, depth: Int, copies: Int) throws(PlanFileError) -> PlannedNode {
    let mapping = try PlanMapping(node, "a level", keys: Self.keys)
    guard depth < PlanFile.deepest, names.count < PlanFile.mostLevels else {
      throw PlanFileError(
        .tooLarge, line: mapping.line,
        "at most \(PlanFile.mostLevels) levels are described, \(PlanFile.deepest) below each other")
    }
    let name = try mapping.required("name", "what the level is called") { $0 }
    guard name.utf8.count <= 80, names.insert(name).inserted else {
      throw PlanFileError(
        .twice, line: mapping.line(of: "name"),
        "'\(name.prefix(60))' is too long or the name of another level: give each its own")
    }
    var level = PlannedNode(name)
    if depth > 0 {
      level.copies = try mapping.integer("count", 1...100_000) ?? 1
      level.link = try mapping.node("link").map { node throws(PlanFileError) in try link(node) }
    } else if mapping.node("count") != nil || mapping.node("link") != nil {
      throw PlanFileError(
        .wrongValue, line: mapping.line,
        "the highest level has neither 'count' nor 'link': nothing is above it")
    }
    level.cameras = try each(mapping.list("cameras")) { node throws(PlanFileError) in try Self.cameras(node) }
    level.viewers = try each(mapping.list("viewers")) { node throws(PlanFileError) in try viewers(node) }
    level.recordings = try each(mapping.list("record")) { node throws(PlanFileError) in try recording(node) }
    level.disk = try mapping.value("disk", PlanUnits.bytesWords, PlanUnits.bytes)
    let (all, isTooMany) = copies.multipliedReportingOverflow(by: level.copies)
    for group in level.cameras {
      let (count, overflows) = all.multipliedReportingOverflow(by: group.count)
      cameras = overflows ? .max : cameras + min(count, PlanFile.mostCameras + 1)
      try check(cameras <= PlanFile.mostCameras && !isTooMany, mapping)
    }
    try check(!isTooMany && all <= PlanFile.mostCameras, mapping)
    for child in try mapping.list("below", most: PlanFile.mostLevels) {
      level.children.append(try read(child, depth: depth + 1, copies: all))
    }
    return level
  }

  private func check(_ isFine: Bool, _ mapping: PlanMapping) throws(PlanFileError) {
    guard isFine else {
      throw PlanFileError(
        .tooLarge, line: mapping.line, "a network has at most \(PlanFile.mostCameras) levels and cameras")
    }
  }

  private func each<Value>(
    _ nodes: [Node], _ read: (Node) throws(PlanFileError) -> Value
  ) throws(PlanFileError) -> [Value] {
    var values: [Value] = []
    for node in nodes { values.append(try read(node)) }
    return values
  }

  private func link(_ node: Node) throws(PlanFileError) -> PlannedLink {
    let mapping = try PlanMapping(node, "a link", keys: ["capacity", "reserve"])
    return PlannedLink(
      capacity: try mapping.value("capacity", PlanUnits.rateWords, PlanUnits.rate),
      reserve: try mapping.share("reserve") ?? 0.2)
  }

  private static func cameras(_ node: Node) throws(PlanFileError) -> PlannedCameras {
    let mapping = try PlanMapping(node, "cameras", keys: ["count", "main", "sub"])
    let main = try mapping.required("main", PlanUnits.rateWords, PlanUnits.rate)
    return PlannedCameras(
      count: try mapping.required("count", "a whole number from 0 to 10000000") { text in
        Int(text).flatMap { (0...10_000_000).contains($0) ? $0 : nil }
      },
      // A camera without a sub-stream gives its main stream instead.
      main: main, sub: try mapping.value("sub", PlanUnits.rateWords, PlanUnits.rate) ?? main)
  }

  private func viewers(_ node: Node) throws(PlanFileError) -> PlannedViewers {
    let mapping = try PlanMapping(
      node, "viewers", keys: ["people", "pictures", "stream", "peak", "average"])
    let peak = try mapping.share("peak") ?? 1
    let average = try mapping.share("average")
    if let average, average > peak {
      throw PlanFileError(
        .wrongValue, line: mapping.line(of: "average"), "'average' of viewers is more than their 'peak'")
    }
    return PlannedViewers(
      people: try mapping.integer("people", 0...1_000_000) ?? 1,
      pictures: try mapping.integer("pictures", 1...1_000) ?? 1, stream: try stream(mapping) ?? .main,
      peak: peak, average: average ?? 0.3 * peak)
  }

  private func recording(_ node: Node) throws(PlanFileError) -> PlannedRecording {
    let mapping = try PlanMapping(node, "a recording", keys: ["share", "stream", "days"])
    let days = try mapping.required("days", "days from 0 to 36500") { text in
      Double(text).flatMap { (0...36_500).contains($0) ? $0 : nil }
    }
    return PlannedRecording(
      share: try mapping.share("share") ?? 1, stream: try stream(mapping) ?? .main, days: days)
  }

  private func stream(_ mapping: PlanMapping) throws(PlanFileError) -> PlannedStream? {
    try mapping.value("stream", "main or sub") { PlannedStream(rawValue: $0) }
  }
}
