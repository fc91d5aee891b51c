/// One element of a configuration block (§13.1): its name, its form and what the standard allows.
public struct ConfigurationField: Sendable, Hashable {
  public indirect enum Form: Sendable, Hashable {
    case integer(ClosedRange<Int>)
    case decimal(ClosedRange<Double>)
    /// At most so many bytes in the peer's encoding.
    case text(Int)
    /// Elements that repeat, each with these fields.
    case list(ConfigurationList)
    /// The inside of the block as it stands: what a platform passes through without looking.
    case raw
  }

  /// Empty for a block that is one value.
  public let name: String
  public let form: Form
  /// Must be there when it is written.
  public let isRequired: Bool
  /// Only devices say it.
  public let isReadOnly: Bool

  init(_ name: String, _ form: Form, isRequired: Bool = false, isReadOnly: Bool = false) {
    (self.name, self.form, self.isRequired, self.isReadOnly) = (name, form, isRequired, isReadOnly)
  }
}

/// Elements that repeat inside a block.
public struct ConfigurationList: Sendable, Hashable {
  /// How many there are is told where.
  enum Count: Sendable, Hashable {
    /// An element before the list.
    case element(String)
    /// The attribute `Num` of the element around the list.
    case attribute
    case both(String)
  }

  let item: String
  /// The element around the list; nil when the items stand in the block itself.
  let wrapper: String?
  let count: Count
  public let most: Int
  public let fields: [ConfigurationField]
}

/// The blocks of DeviceConfig and ConfigDownload (§13.1).
public enum ConfigurationKind: String, Sendable, Hashable, CaseIterable {
  case basicParam = "BasicParam"
  case videoParamOpt = "VideoParamOpt"
  case svacEncodeConfig = "SVACEncodeConfig"
  case svacDecodeConfig = "SVACDecodeConfig"
  case videoParamAttribute = "VideoParamAttribute"
  case videoRecordPlan = "VideoRecordPlan"
  case videoAlarmRecord = "VideoAlarmRecord"
  case pictureMask = "PictureMask"
  case frameMirror = "FrameMirror"
  case alarmReport = "AlarmReport"
  case osdConfig = "OSDConfig"
  case snapShotConfig = "SnapShotConfig"

  /// The word in any case; nil for unknown ones.
  public init?(name: String) {
    guard let kind = Self.allCases.first(where: { ASCII.equal($0.rawValue, name) }) else { return nil }
    self = kind
  }

  /// The first edition that has it.
  public var edition: GBVersion {
    switch self {
    case .basicParam, .videoParamOpt, .svacEncodeConfig, .svacDecodeConfig: .v2016
    case .videoParamAttribute, .videoRecordPlan, .videoAlarmRecord, .pictureMask, .frameMirror, .alarmReport,
      .osdConfig, .snapShotConfig:
      .v2022
    }
  }

  /// Whether DeviceConfig has it; VideoParamOpt can only be read.
  public var isWritable: Bool { self != .videoParamOpt }

  /// The names under which it may stand in an answer: 2022 calls the answer about snapshots `SnapShot`.
  var elementNames: [String] { self == .snapShotConfig ? ["SnapShot", rawValue] : [rawValue] }

  /// Everything it may carry, in the order of the schema.
  public var layout: [ConfigurationField] {
    switch self {
    case .basicParam: Self.basic
    case .videoParamOpt:
      [ConfigurationField("DownloadSpeed", .text(64)), ConfigurationField("Resolution", .text(256))]
    case .svacEncodeConfig, .svacDecodeConfig: [ConfigurationField("", .raw, isRequired: true)]
    case .videoParamAttribute: Self.videoAttributes
    case .videoRecordPlan: Self.recordPlan
    case .videoAlarmRecord: Self.alarmRecord
    case .pictureMask: Self.mask
    case .frameMirror: [ConfigurationField("", .integer(0...3), isRequired: true)]
    case .alarmReport: [Self.flag("MotionDetection"), Self.flag("FieldDetection")]
    case .osdConfig: Self.osd
    case .snapShotConfig: Self.snapshot
    }
  }

  private static func flag(_ name: String) -> ConfigurationField {
    ConfigurationField(name, .integer(0...1), isRequired: true)
  }

  private static func number(_ name: String, _ range: ClosedRange<Int>, isRequired: Bool = true)
    -> ConfigurationField
  {
    ConfigurationField(name, .integer(range), isRequired: isRequired)
  }

  private static let pixels = 0...65_535

  private static let basic = [
    ConfigurationField("Name", .text(256)), number("Expiration", 0...2_592_000, isRequired: false),
    number("HeartBeatInterval", 1...86_400, isRequired: false),
    number("HeartBeatCount", 1...1_000, isRequired: false),
    ConfigurationField("PositionCapability", .integer(0...2), isReadOnly: true),
    ConfigurationField("Longitude", .decimal(-180...180), isReadOnly: true),
    ConfigurationField("Latitude", .decimal(-90...90), isReadOnly: true),
  ]

  private static let videoAttributes = [
    ConfigurationField(
      "Item",
      .list(
        ConfigurationList(
          item: "Item", wrapper: nil, count: .attribute, most: 16,
          fields: [
            number("StreamNumber", 0...255), ConfigurationField("VideoFormat", .text(16)),
            ConfigurationField("Resolution", .text(32)), ConfigurationField("FrameRate", .text(16)),
            ConfigurationField("BitRateType", .text(16)), ConfigurationField("VideoBitRate", .text(16)),
          ])), isRequired: true)
  ]

  private static let recordPlan = [
    flag("RecordEnable"),
    ConfigurationField(
      "RecordSchedule",
      .list(
        ConfigurationList(
          item: "RecordSchedule", wrapper: nil, count: .element("RecordScheduleSumNum"), most: 7,
          fields: [
            number("WeekDayNum", 1...7),
            ConfigurationField(
              "TimeSegment",
              .list(
                ConfigurationList(
                  item: "TimeSegment", wrapper: nil, count: .element("TimeSegmentSumNum"), most: 8,
                  fields: [
                    number("StartHour", 0...23), number("StartMin", 0...59), number("StartSec", 0...59),
                    number("StopHour", 0...24), number("StopMin", 0...59), number("StopSec", 0...59),
                  ])), isRequired: true),
          ])), isRequired: true),
    number("StreamNumber", 0...255, isRequired: false),
  ]

  private static let alarmRecord = [
    flag("RecordEnable"), number("RecordTime", 0...86_400, isRequired: false),
    number("PreRecordTime", 0...86_400, isRequired: false),
    number("StreamNumber", 0...255, isRequired: false),
  ]

  private static let mask = [
    flag("On"),
    ConfigurationField(
      "RegionList",
      .list(
        ConfigurationList(
          item: "Item", wrapper: "RegionList", count: .both("SumNum"), most: 4,
          fields: [number("Seq", 1...4), ConfigurationField("Point", .text(64), isRequired: true)]))),
  ]

  private static let osd = [
    number("Length", 1...65_535), number("Width", 1...65_535), number("TimeX", pixels),
    number("TimeY", pixels),
    number("TimeEnable", 0...1, isRequired: false), number("TimeType", 0...1, isRequired: false),
    number("TextEnable", 0...1, isRequired: false),
    ConfigurationField(
      "Item",
      .list(
        ConfigurationList(
          item: "Item", wrapper: nil, count: .element("SumNum"), most: 8,
          fields: [
            ConfigurationField("Text", .text(32), isRequired: true), number("X", pixels), number("Y", pixels),
          ]))),
  ]

  private static let snapshot = [
    number("SnapNum", 1...10), number("Interval", 1...86_400),
    ConfigurationField("UploadURL", .text(1_024), isRequired: true),
    ConfigurationField("SessionID", .text(128), isRequired: true),
  ]
}
