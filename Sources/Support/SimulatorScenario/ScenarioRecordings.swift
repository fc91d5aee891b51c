import DeviceSimulator
import Yams

/// Reads what a peer has recorded itself.
enum ScenarioRecordings {
  private static let keys = [
    "hours", "file-seconds", "missing-every", "items-per-part", "longest-answer", "most-items",
    "total-error", "clock-offset", "sessions",
    "pace", "key-frames-from", "reverses", "end-notice", "info-status", "pause-limit", "fastest-download",
    "announces-size", "frame-rate",
  ]
  private static let switches: [(String, Bool)] = [("true", true), ("false", false)]

  static func read(_ node: Node) throws(ScenarioError) -> OnBoardRecordings {
    let mapping = try ScenarioMapping(node, "recordings", keys: keys)
    var recordings = OnBoardRecordings()
    if let hours = try mapping.integer("hours", 1...24 * 366) { recordings.depth = hours * 3_600 }
    recordings.fileSeconds = try mapping.integer("file-seconds", 1...86_400) ?? recordings.fileSeconds
    recordings.missingEvery = try mapping.integer("missing-every", 0...1_000_000) ?? recordings.missingEvery
    recordings.itemsPerPart = try mapping.integer("items-per-part", 1...10_000) ?? recordings.itemsPerPart
    recordings.longestAnswer =
      try mapping.integer("longest-answer", 0...366 * 86_400) ?? recordings.longestAnswer
    recordings.mostItems = try mapping.integer("most-items", 0...20_000) ?? recordings.mostItems
    recordings.totalError = try mapping.integer("total-error", -10_000...10_000) ?? recordings.totalError
    recordings.clockOffset = try mapping.integer("clock-offset", -50_400...50_400) ?? recordings.clockOffset
    recordings.sessions = try mapping.integer("sessions", 0...1_000) ?? recordings.sessions
    let paces = OnBoardRecordings.Pace.allCases.map { ($0.rawValue, $0) }
    recordings.pace = try mapping.choice("pace", paces) ?? recordings.pace
    let fewest = try mapping.integer("key-frames-from", 0...64)
    recordings.keyFramesFrom = fewest.map(Double.init) ?? recordings.keyFramesFrom
    recordings.reverses = try mapping.choice("reverses", switches) ?? recordings.reverses
    let notices = OnBoardRecordings.EndNotice.allCases.map { ($0.rawValue, $0) }
    recordings.endNotice = try mapping.choice("end-notice", notices) ?? recordings.endNotice
    recordings.infoStatus = try mapping.integer("info-status", 300...699)
    recordings.pauseLimit = try mapping.integer("pause-limit", 1...3_600_000)
    recordings.fastestDownload = try mapping.integer("fastest-download", 1...64) ?? recordings.fastestDownload
    recordings.announcesSize = try mapping.choice("announces-size", switches) ?? recordings.announcesSize
    recordings.framesPerSecond = try mapping.integer("frame-rate", 1...60) ?? recordings.framesPerSecond
    return recordings
  }
}
