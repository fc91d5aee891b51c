import GBCore

/// One habit as files and the API write it.
///
/// The table of docs/ref/profiles.md is checked against this one.
public struct HabitKey: Sendable {
  /// Words with hyphens, as in a YAML file.
  public let name: String
  /// What may stand there, for people.
  public let values: String
  public let summary: String
  /// The value as text; nil where the habits say nothing.
  public let text: @Sendable (PeerHabits) -> String?
  /// Sets it; false, and nothing changed, for a text that is none of ``values``.
  public let set: @Sendable (String, inout PeerHabits) -> Bool

  /// Leaves it to the layer below. Always true.
  public let clear: @Sendable (inout PeerHabits) -> Bool

  private init<Value: Sendable>(
    _ name: String, _ values: String, _ summary: String,
    _ path: any WritableKeyPath<PeerHabits, Value?> & Sendable, text: @escaping @Sendable (Value) -> String,
    parse: @escaping @Sendable (String) -> Value?
  ) {
    (self.name, self.values, self.summary) = (name, values, summary)
    self.text = { $0[keyPath: path].map(text) }
    clear = { habits in
      habits[keyPath: path] = nil
      return true
    }
    set = { text, habits in
      guard let value = parse(text) else { return false }
      habits[keyPath: path] = value
      return true
    }
  }

  /// All of them, in the order people read them.
  public static let all: [HabitKey] = [
    HabitKey(
      "edition", "`2011`, `2016`, `2022`", "the edition to speak, whatever `X-GB-Ver` says", \.edition,
      text: { $0.year }, parse: { GBVersion(year: $0) }),
    HabitKey(
      "charset", "`GB2312`, `GB18030`, `UTF-8`", "the encoding of what is sent; else the edition's",
      \.encoding,
      text: { $0.rawValue }, parse: { TextEncodingName($0) }),
    HabitKey(
      "heartbeat-interval", "1…3600 seconds", "how often it reports", \.heartbeatInterval, text: { "\($0)" },
      parse: { number($0, 1...3_600) }),
    HabitKey(
      "heartbeat-count", "1…100", "missed heartbeats before it is offline", \.heartbeatCount,
      text: { "\($0)" },
      parse: { number($0, 1...100) }),
    HabitKey(
      "media", "a list of `udp`, `tcp-passive`, `tcp-active`", "ways of media to try, in this order",
      \.mediaTransports, text: { $0.map(\.rawValue).joined(separator: ",") }, parse: { transports($0) }),
    HabitKey(
      "stream", "`streamnumber`, `streamprofile`, `stream`, `streamMode`",
      "the SDP attribute that asks for a sub-stream; else all that do no harm", \.streamSelector,
      text: { $0.rawValue }, parse: { StreamSelector(rawValue: $0) }),
    HabitKey(
      "key-frame", "`2016`, `2022`, `both`", "the spelling of IFameCmd or IFrameCmd; else the edition's",
      \.keyFrameSpelling, text: { spelling($0) }, parse: { spelling($0) }),
    HabitKey(
      "time-zone", "`+08:00` and the like", "the zone of the times in its reports; else Beijing's",
      \.timeOffset,
      text: { TimeZoneText.text(beijingOffset: $0) }, parse: { TimeZoneText.beijingOffset($0) }),
    HabitKey(
      "arms-guard", "`yes`, `no`", "whether it is armed before it is asked for alarms", \.armsGuard,
      text: { $0 ? "yes" : "no" }, parse: { yes($0) }),
    HabitKey(
      "resets-alarms", "`yes`, `no`", "whether its alarm inputs are reset after each alarm", \.resetsAlarms,
      text: { $0 ? "yes" : "no" }, parse: { yes($0) }),
    HabitKey(
      "talk", "`two-sessions`, `single`",
      "live picture and broadcast, or one session both ways (`s=Talk`); else two sessions", \.talk,
      text: { $0.rawValue }, parse: { TalkForm(rawValue: $0) }),
    HabitKey(
      "voice-coding", "`pcma`, `pcmu`, `ps`", "how voices are sent to it; else by its offer", \.voiceCoding,
      text: { $0.rawValue }, parse: { VoiceCoding(rawValue: $0) }),
  ]

  /// The key of that name.
  public static func named(_ name: String) -> HabitKey? { all.first { $0.name == name } }

  private static func number(_ text: String, _ range: ClosedRange<Int>) -> Int? {
    guard let value = Int(text), range.contains(value) else { return nil }
    return value
  }

  private static func transports(_ text: String) -> [MediaTransportChoice]? {
    let words = text.split(separator: ",").map { String($0.filter { $0 != " " }) }
    let ways = words.compactMap { MediaTransportChoice(rawValue: $0) }
    guard !ways.isEmpty, ways.count == words.count, Set(ways).count == ways.count else { return nil }
    return ways
  }

  private static func spelling(_ spelling: KeyFrameSpelling) -> String {
    switch spelling {
    case .edition2016: "2016"
    case .edition2022: "2022"
    case .both: "both"
    }
  }

  private static func spelling(_ text: String) -> KeyFrameSpelling? {
    [KeyFrameSpelling.edition2016, .edition2022, .both].first { spelling($0) == text }
  }

  private static func yes(_ text: String) -> Bool? {
    switch text {
    case "yes", "true", "on": true
    case "no", "false", "off": false
    default: nil
    }
  }
}

/// Time zones as `+08:00`, kept as seconds ahead of Beijing.
enum TimeZoneText {
  private static let beijing = 8 * 3_600

  static func text(beijingOffset: Int) -> String {
    let minutes = (beijingOffset + beijing) / 60
    let (hours, rest) = (abs(minutes) / 60, abs(minutes) % 60)
    return (minutes < 0 ? "-" : "+") + (hours < 10 ? "0" : "") + "\(hours):" + (rest < 10 ? "0" : "")
      + "\(rest)"
  }

  /// Nil for what is no zone between −14:00 and +14:00.
  static func beijingOffset(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58,
      [1, 2, 4, 5].allSatisfy({ (48...57).contains(bytes[$0]) }),
      let hours = Int(String(decoding: bytes[1...2], as: UTF8.self)),
      let minutes = Int(String(decoding: bytes[4...5], as: UTF8.self)), minutes < 60,
      hours * 60 + minutes <= 14 * 60
    else { return nil }
    return (bytes[0] == 45 ? -1 : 1) * (hours * 3_600 + minutes * 60) - beijing
  }
}

extension GBVersion {
  /// The year of the edition.
  var year: String { self < .v2016 ? "2011" : is2022 ? "2022" : "2016" }

  init?(year: String) {
    switch year {
    case "2011": self = .v2011
    case "2016": self = .v2016
    case "2022": self = .v2022
    default: return nil
    }
  }
}
