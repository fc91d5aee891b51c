import DeviceSimulator
import GBCore
import Yams

/// The `voice` of a peer: how it is spoken through.
enum ScenarioVoice {
  private static let transports: [(String, MediaTransportChoice)] = [
    ("udp", .udp), ("tcp-passive", .tcpPassive), ("tcp-active", .tcpActive),
  ]

  static func read(_ node: Node, over habits: VoiceHabits) throws(ScenarioError) -> VoiceHabits {
    let mapping = try ScenarioMapping(
      node, "voice",
      keys: [
        "answer", "calls", "order", "delay", "caller", "subject", "transport", "coding", "as-video",
        "acknowledges", "talk",
      ])
    var habits = habits
    habits.answer =
      try mapping.choice("answer", VoiceHabits.Answer.allCases.map { ($0.rawValue, $0) }) ?? habits.answer
    habits.order =
      try mapping.choice("order", VoiceHabits.Order.allCases.map { ($0.rawValue, $0) }) ?? habits.order
    habits.caller =
      try mapping.choice("caller", VoiceHabits.Caller.allCases.map { ($0.rawValue, $0) }) ?? habits.caller
    habits.transport = try mapping.choice("transport", transports) ?? habits.transport
    if let coding = try mapping.choice("coding", VoiceCoding.allCases.map { ($0.rawValue, $0) }) {
      habits.codings = [coding]
    }
    habits.delay = try mapping.duration("delay") ?? habits.delay
    habits.calls = try mapping.flag("calls") ?? habits.calls
    habits.hasSubject = try mapping.flag("subject") ?? habits.hasSubject
    habits.asksAsVideo = try mapping.flag("as-video") ?? habits.asksAsVideo
    habits.acknowledges = try mapping.flag("acknowledges") ?? habits.acknowledges
    habits.takesTalk = try mapping.flag("talk") ?? habits.takesTalk
    return habits
  }
}
