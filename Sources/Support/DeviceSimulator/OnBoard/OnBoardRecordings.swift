import GBCore
import MediaTime

/// What a simulated device has recorded itself, and how it replays it.
///
/// The recordings are made up as they are asked for: every second shows its own date and time, large for people and
/// as a row of light and dark fields for programs (``ClockPicture``).
public struct OnBoardRecordings: Sendable, Hashable {
  /// What the device does with an order for another rate.
  public enum Pace: String, Sendable, Hashable, CaseIterable {
    /// It sends faster and writes the times closer together.
    case scaled
    /// It sends faster and leaves the times as recorded.
    case unscaled
    /// It agrees and goes on as before.
    case ignored
  }

  /// How the device says that a file is over.
  public enum EndNotice: String, Sendable, Hashable, CaseIterable {
    case inDialog = "in-dialog"
    /// With a Call-ID of its own and the channel as sender.
    case outOfDialog = "out-of-dialog"
    case never
  }

  /// How long ago the oldest recording began, in seconds; recordings reach up to a minute ago.
  public var depth = 86_400
  /// Seconds of one file. Files begin at multiples of it.
  public var fileSeconds = 1_800
  /// Every how-manieth file is missing; 0: none.
  public var missingEvery = 0
  public var itemsPerPart = 2
  /// The longest stretch from the start of a question that it tells of, in seconds; 0: any (§4.6).
  public var longestAnswer = 0
  /// The most recordings that it tells of at once; 0: any (§4.6).
  public var mostItems = 0
  /// What it adds to the total that it announces.
  public var totalError = 0
  /// Seconds that its times are ahead of Beijing time.
  public var clockOffset = 0
  /// Replays and downloads at once; more get 486.
  public var sessions = 1
  public var pace = Pace.unscaled
  /// At and above this rate only key frames come; 0: never.
  public var keyFramesFrom = 0.0
  /// Whether it runs backwards.
  public var reverses = true
  public var endNotice = EndNotice.inDialog
  /// The answer to every INFO instead of obeying: 405, 481 or 501.
  public var infoStatus: Int?
  /// It hangs up a paused replay after this many milliseconds.
  public var pauseLimit: Int?
  /// The most it sends a download at.
  public var fastestDownload = 16
  public var announcesSize = true
  public var framesPerSecond = 10

  public init() {}

  /// The recordings that touch an interval.
  func files(of channel: DeviceID, name: String, from: WallTime, to: WallTime, now: WallTime) -> [RecordItem]
  {
    let length = Int64(fileSeconds)
    let oldest = now.seconds - Int64(depth)
    let newest = now.seconds - 60
    let to = longestAnswer > 0 ? min(to, from + .seconds(Int64(longestAnswer))) : to
    let most = mostItems > 0 ? mostItems : 20_000
    var items: [RecordItem] = []
    var number = max(from.seconds, oldest) / length
    while number * length < min(to.seconds, newest), items.count < most {
      defer { number += 1 }
      guard isThere(number) else { continue }
      let (start, end) = (max(number * length, oldest), min((number + 1) * length, newest))
      guard end > from.seconds, end > start else { continue }
      items.append(
        RecordItem(
          deviceID: channel, name: name, filePath: "\(start)_\(end)", start: WallTime(seconds: start),
          end: WallTime(seconds: end), kind: .time, fileSize: (end - start) * Int64(bytesPerSecond)))
    }
    return items
  }

  /// About what a second of it takes.
  var bytesPerSecond: Int { ClockPicture.keyFrameBytes + framesPerSecond * 40 }

  /// Whether this second was recorded.
  func isRecorded(_ second: Int64, now: WallTime) -> Bool {
    second >= now.seconds - Int64(depth) && second < now.seconds - 60 && isThere(second / Int64(fileSeconds))
  }

  private func isThere(_ file: Int64) -> Bool { missingEvery == 0 || file % Int64(missingEvery) != 0 }
}
