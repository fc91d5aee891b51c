/// How an alarm came about: `AlarmMethod` (§10.1). The raw value is the digit on the wire.
public enum AlarmMethod: Int, Sendable, Hashable, CaseIterable, Comparable {
  case telephone = 1
  case device = 2
  case sms = 3
  case position = 4
  case video = 5
  case fault = 6
  case other = 7

  /// Reads a digit, or one of the words that devices write instead.
  public init?(_ text: some StringProtocol) {
    let word = text.lowercased()
    if let digit = Int(word) {
      self.init(rawValue: digit)
      return
    }
    guard let method = Self.allCases.first(where: { $0.word == word || $0.otherWords.contains(word) }) else {
      return nil
    }
    self = method
  }

  /// The word of the API.
  public var word: String {
    switch self {
    case .telephone: "telephone"
    case .device: "device"
    case .sms: "sms"
    case .position: "position"
    case .video: "video"
    case .fault: "fault"
    case .other: "other"
    }
  }

  private var otherWords: [String] {
    switch self {
    case .telephone: ["phone", "tel"]
    case .device: ["devicealarm", "io"]
    case .sms: ["message"]
    case .position: ["gps"]
    case .video: ["videoalarm"]
    case .fault: ["devicefault", "faultalarm"]
    case .other: []
    }
  }

  public static func < (left: AlarmMethod, right: AlarmMethod) -> Bool { left.rawValue < right.rawValue }
}

/// What kind of event a method and its `AlarmType` name (§10.1). These are words for what a *device* reports;
/// this platform draws no conclusion of its own from any picture.
public enum AlarmKind {
  /// The word of the API, such as `tamper`; nil where the standard has no name.
  public static func word(_ method: AlarmMethod, type: Int?) -> String? {
    guard let type else { return method == .device ? "input" : nil }
    let words: [String]
    switch method {
    case .device:
      words = ["video-loss", "tamper", "disk-full", "over-temperature", "under-temperature"]
    case .video:
      words = [
        "manual", "motion", "object-left", "object-removed", "trip-wire", "intrusion", "wrong-way",
        "loitering",
        "flow", "density", "video-abnormal", "fast-movement", "occlusion",
      ]
    case .fault: words = ["disk-fault", "fan-fault"]
    case .telephone, .sms, .position, .other: return nil
    }
    return words.indices.contains(type - 1) ? words[type - 1] : nil
  }

  /// The `AlarmType` behind a word that a device wrote instead of a number.
  static func type(_ method: AlarmMethod, word: String) -> Int? {
    let wanted = word.lowercased().filter { $0.isLetter }
    return (1...13).first { number in
      Self.word(method, type: number)?.filter { $0.isLetter } == wanted
    }
  }
}
