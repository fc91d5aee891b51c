/// What somebody may be granted to do with a channel. That it appears in lists at all comes with every grant.
public enum AccessOperation: String, Sendable, Hashable, CaseIterable, Codable {
  /// The picture as it is now, stills included.
  case live
  /// Recordings, shown.
  case replay
  /// Recordings, taken away as files.
  case download
  /// Moving the camera and commanding what hangs at it.
  case control
  /// Speaking there.
  case audio
  /// Setting it up.
  case configure
}
