import DeviceSimulator
import Yams

/// The `faults` of a peer.
enum ScenarioFaults {
  static func read(_ nodes: [Node]) throws(ScenarioError) -> FaultPlan {
    var plan = FaultPlan()
    for node in nodes { plan.add(try fault(node)) }
    return plan
  }

  private static func fault(_ node: Node) throws(ScenarioError) -> PlannedFault {
    let kinds = FaultKind.allCases.map { ($0.rawValue, $0) }
    // A fault that needs nothing else may be a word of its own.
    if node.scalar != nil {
      let bare = try ScenarioMapping(["fault": node], "a fault", keys: ["fault"])
      guard let kind = try bare.choice("fault", kinds) else {
        throw ScenarioError(.missingKey, line: node.line, "a fault needs a name")
      }
      guard kind.parameter == .none else { throw missing(kind, line: node.line) }
      return PlannedFault(kind)
    }
    let mapping = try ScenarioMapping(
      node, "a fault",
      keys: ["fault", "for", "status", "number", "probability", "from", "until", "every"])
    guard let kind = try mapping.choice("fault", kinds) else {
      throw ScenarioError(.missingKey, line: mapping.line, "a fault needs 'fault', its name")
    }
    var fault = PlannedFault(kind)
    try readValue(of: &fault, mapping)
    fault.probability = try mapping.number("probability", 0...1) ?? 1
    fault.from = try mapping.duration("from") ?? .zero
    fault.until = try mapping.duration("until")
    if let until = fault.until, until <= fault.from {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: mapping.line(of: "until"), "\(kind.rawValue) ends before it begins")
    }
    if mapping.contains("every"), !kind.isEvent {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: mapping.line(of: "every"),
        "\(kind.rawValue) happens at occasions, not every so often: give it a probability")
    }
    fault.every = try mapping.duration("every")
    if let every = fault.every, every < .milliseconds(100) {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: mapping.line(of: "every"), "'every' must be at least 100ms")
    }
    return fault
  }

  /// `for`, `status` or `number`: the one that the kind takes, and no other.
  private static func readValue(
    of fault: inout PlannedFault, _ mapping: ScenarioMapping
  ) throws(ScenarioError) {
    let key: String?
    switch fault.kind.parameter {
    case .none: key = nil
    case .duration: key = "for"
    case .status: key = "status"
    case .number: key = "number"
    }
    for other in ["for", "status", "number"] where other != key && mapping.contains(other) {
      throw ScenarioError(
        .wrongValue(nearest: key), line: mapping.line(of: other), "\(fault.kind.rawValue) takes no '\(other)'"
      )
    }
    guard let key else { return }
    guard mapping.contains(key) else { throw missing(fault.kind, line: mapping.line) }
    switch fault.kind.parameter {
    case .none: break
    case .duration: fault.duration = try mapping.duration(key, mayBeNegative: true) ?? .zero
    case .status: fault.number = try mapping.integer(key, 300...699) ?? 0
    case .number: fault.number = try mapping.integer(key, -1_000_000...1_000_000) ?? 0
    }
  }

  private static func missing(_ kind: FaultKind, line: Int) -> ScenarioError {
    let key: String
    switch kind.parameter {
    case .none: key = "nothing else"
    case .duration: key = "'for', a length of time"
    case .status: key = "'status', a SIP status from 300 to 699"
    case .number: key = "'number'"
    }
    return ScenarioError(.missingKey, line: line, "\(kind.rawValue) needs \(key)")
  }
}
