/// The state words of a catalog item and of its notifications, reduced to what a platform acts on (§6.1, §5.3).
public enum CatalogStatus: String, Sendable, Hashable, CaseIterable {
  case on
  case off
  /// The picture is gone but the device answers.
  case videoLost = "video-lost"
  case fault

  /// Maps every word seen in the field. Empty, absent and unknown words mean on: a camera is tried, not hidden.
  public init(word: some StringProtocol) {
    switch word.lowercased() {
    case "off", "offline", "0", "false", "no", "error", "notonline", "not online", "disconnect": self = .off
    case "vlost", "videolost", "video lost", "videoloss": self = .videoLost
    case "defect", "fault": self = .fault
    default: self = .on
    }
  }

  /// `ON` or `OFF`, the two words of the standard.
  public var word: String { self == .on ? "ON" : "OFF" }
}
