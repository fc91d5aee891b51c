/// In how many sessions people talk with a device (§12.3).
public enum TalkForm: String, Sendable, Hashable, CaseIterable {
  /// The live picture with its sound, and a broadcast: every edition.
  case twoSessions = "two-sessions"
  /// One session with sound both ways, `s=Talk`: some devices of 2016.
  case single
}
