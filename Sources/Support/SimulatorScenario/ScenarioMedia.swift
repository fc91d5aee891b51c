import DeviceSimulator
import MPEGCore
import Yams

/// The `media` of a scenario or a peer.
enum ScenarioMedia {
  static let codecs: [(String, MediaCodec)] = [("h264", .h264), ("h265", .h265)]

  static func read(_ node: Node, over settings: MediaSettings) throws(ScenarioError) -> MediaSettings {
    let mapping = try ScenarioMapping(
      node, "media",
      keys: [
        "source", "scenes", "file", "codec", "sound", "width", "height", "frame-rate", "key-frame-interval",
        "kilobits", "begin",
      ])
    var settings = settings
    let scenes = try mapping.integer("scenes", 1...8) ?? 2
    let source = try mapping.choice(
      "source",
      [("loop", MediaSettings.Source.streetLoop(scenes: scenes)), ("live", .liveStreet(scenes: scenes))])
    if let source {
      settings.source = source
    } else if mapping.contains("scenes") {
      settings.source = .streetLoop(scenes: scenes)
    }
    if let file = try mapping.text("file") { settings.source = .file(file) }
    settings.codec = try mapping.choice("codec", codecs) ?? settings.codec
    settings.hasAudio = try mapping.flag("sound") ?? settings.hasAudio
    settings.width = try mapping.integer("width", 64...3_840) ?? settings.width
    settings.height = try mapping.integer("height", 64...2_160) ?? settings.height
    settings.frameRate = try mapping.integer("frame-rate", 1...60) ?? settings.frameRate
    settings.keyFrameInterval = try mapping.integer("key-frame-interval", 1...10) ?? settings.keyFrameInterval
    settings.kilobits = try mapping.integer("kilobits", 50...50_000) ?? settings.kilobits
    settings.start =
      try mapping.choice(
        "begin",
        [
          ("last-key-frame", .atLastKeyFrame), ("next-key-frame", .atNextKeyFrame),
          ("cached", .withCachedGroup),
        ]) ?? settings.start
    return settings
  }
}
