public import GBCore
public import SIPCore

/// A device that the server under test must know before the tester can play it.
public struct TestIdentity: Sendable, Hashable {
  public var id: DeviceID
  public var name: String
  public var password: String
  /// Seconds between heartbeats, and how many may be missed.
  public var keepaliveInterval: Int
  public var keepaliveCount: Int
}

/// A channel of such a device.
public struct TestChannel: Sendable, Hashable {
  public var device: DeviceID
  public var channel: DeviceID
}

/// A picture that the server under test shows to somebody.
public struct OpenedPicture: Sendable, Hashable {
  /// Whatever the actions need to find it again.
  public var handle: String
  public var address: String
  /// When the interval of a recording begins, as the interface writes it.
  public var start: String?
}

/// An order that a person gives through the server under test.
public enum PeerOrder: Sendable, Hashable {
  /// Moves: −1, 0 or 1 for each axis; all 0 stops. Speed 1…255.
  case move(pan: Int, tilt: Int, zoom: Int, speed: Int)
  case focus(Int)
  case iris(Int)
  case lensStop
  case setPreset(Int, name: String)
  case callPreset(Int)
  case deletePreset(Int)
  case startCruise(Int)
  case startScan(Int)
  case wiper(isOn: Bool)
  case keyFrame
  case reboot
  case record(isOn: Bool)
  case guardDuty(isOn: Bool)
  case resetAlarm
  case dragZoomIn
  case homePosition(preset: Int, seconds: Int)
  case precise(pan: Double, tilt: Double, zoom: Double)
  case snapshot
  case formatCard(Int)
  /// Speaks to the device's speaker.
  case broadcast

  /// The order as a person reads it.
  public var sentence: String {
    switch self {
    case .move(0, 0, 0, _): "stop moving"
    case .move(let pan, let tilt, let zoom, let speed):
      "move "
        + [
          pan < 0 ? "left" : pan > 0 ? "right" : nil, tilt < 0 ? "down" : tilt > 0 ? "up" : nil,
          zoom < 0 ? "zoom out" : zoom > 0 ? "zoom in" : nil,
        ].compactMap(\.self).joined(separator: " and ") + " at speed \(speed) of 255"
    case .focus(let way): "focus \(way < 0 ? "near" : "far")"
    case .iris(let way): "iris \(way < 0 ? "close" : "open")"
    case .lensStop: "stop focus and iris"
    case .setPreset(let number, let name): "store preset \(number) as “\(name)”"
    case .callPreset(let number): "go to preset \(number)"
    case .deletePreset(let number): "delete preset \(number)"
    case .startCruise(let number): "start cruise \(number)"
    case .startScan(let number): "start scan \(number)"
    case .wiper(let isOn): "wiper \(isOn ? "on" : "off")"
    case .keyFrame: "ask for a key frame"
    case .reboot: "restart the device"
    case .record(let isOn): "\(isOn ? "start" : "stop") recording on the device"
    case .guardDuty(let isOn): "\(isOn ? "arm" : "disarm") the device"
    case .resetAlarm: "reset the alarm"
    case .dragZoomIn: "zoom into a drawn rectangle"
    case .formatCard(let number): "format storage card \(number)"
    case .snapshot: "let the camera take a picture itself"
    case .broadcast: "speak through the device's speaker"
    case .homePosition(let preset, let seconds): "home position: preset \(preset) after \(seconds) s"
    case .precise(let pan, let tilt, let zoom): "move to pan \(pan)°, tilt \(tilt)°, zoom \(zoom)×"
    }
  }
}

/// What a case wants to know about the server under test.
public enum PeerQuestion: Sendable, Hashable {
  /// `yes` or `no`.
  case isOnline(DeviceID)
  /// How many channels of the device are listed.
  case channelCount(DeviceID)
  /// The name shown for a channel.
  case channelName(TestChannel)
  /// `online`, `offline`, `faulty` …
  case channelStatus(TestChannel)
  /// How many bytes of picture somebody who opens this receives in two seconds.
  case pictureBytes(OpenedPicture)
  /// `connecting`, `live`, `error`, `ended`.
  case pictureState(OpenedPicture)
  /// `h264`, `h265`; `unknown` when the interface does not say.
  case pictureCodec(OpenedPicture)
  /// The presets shown, as `1 North gate, 2 …`.
  case presets(TestChannel)
  /// The cruises shown, as `0 Round, 1 …`.
  case cruises(TestChannel)
  /// The home position, as `preset 1 after 60 s`.
  case homePosition(TestChannel)
  /// Where the camera looks, as `12.5 -3.0 2.0`: pan, tilt, zoom.
  case view(TestChannel)
  /// `offered`, `downloaded`, `done` … of the last upgrade of the device.
  case upgradeState(DeviceID)
  /// A block of the device's configuration, as text.
  case configuration(TestChannel, block: String)
  /// Whether somebody without a right is refused a picture: `yes` or `no`.
  case isStrangerRefused(TestChannel)
  /// How many alarms of the channel are shown.
  case alarmCount(TestChannel)
  /// How many recordings on the device are shown for the interval.
  case deviceRecordingCount(TestChannel, from: String, to: String)

  /// The question as a person reads it.
  public var sentence: String {
    switch self {
    case .isOnline(let id): "Is \(id) shown as online? (yes/no)"
    case .channelCount(let id): "How many channels does \(id) have? (number)"
    case .channelName(let channel): "What is \(channel.channel) of \(channel.device) called?"
    case .channelStatus(let channel): "Which state has \(channel.channel) of \(channel.device)?"
    case .pictureBytes: "Does a picture appear? (bytes, or 1 for yes and 0 for no)"
    case .pictureState: "What does the picture's state say? (connecting/live/error/ended)"
    case .pictureCodec: "Which video codec does the picture's state name? (h264/h265/unknown)"
    case .presets(let channel): "Which presets does \(channel.channel) have?"
    case .cruises(let channel): "Which cruises does \(channel.channel) have? (number and name)"
    case .homePosition(let channel):
      "What is the home position of \(channel.channel)? (as “preset 1 after 60 s”)"
    case .view(let channel): "Where does \(channel.channel) look? (pan, tilt, zoom)"
    case .upgradeState(let id): "How is the upgrade of \(id)? (“done” when it is)"
    case .configuration(let channel, let block): "Read \(block) of \(channel.channel). What does it say?"
    case .isStrangerRefused(let channel):
      "Try to open \(channel.channel) as somebody without a right. Is it refused? (yes/no)"
    case .alarmCount(let channel): "How many alarms of \(channel.channel) are shown? (number)"
    case .deviceRecordingCount(let channel, let from, let to):
      "How many recordings on the device are shown for \(channel.channel) from \(from) to \(to)? (number)"
    }
  }
}

/// Something a case does to the lower platform under test, which registers at the tester.
public enum LowerOrder: Sendable, Hashable {
  case start
  case stop
  /// Registers with a wrong password.
  case startWithWrongPassword
  /// Loses power or network without a word.
  case cut
  /// Reports an alarm.
  case raiseAlarm
}

/// Why an action did not happen.
public enum ActionFailure: Error, Sendable, Hashable {
  /// The system under test has no such function: the case fails.
  case missing(String)
  /// It refused or broke: the case fails.
  case refused(String)
  /// Nobody is there to do it: the case is skipped.
  case notPossible(String)
}

/// What cases need the system under test to do, and to tell.
public protocol PeerActions: Sendable {
  /// Makes a device known to the server.
  func provision(_ identity: TestIdentity) async throws
  /// Opens the live picture of a channel.
  ///
  /// - Parameter stream: 0 main, 1 sub; nil leaves it open.
  func openLive(_ channel: TestChannel, stream: Int?) async throws -> OpenedPicture
  /// Opens a recording that lies on the device. Times are Beijing time, `yyyy-MM-ddTHH:mm:ss`.
  func openPlayback(_ channel: TestChannel, from: String, to: String) async throws -> OpenedPicture
  /// Fetches a recording that lies on the device.
  func openDownload(_ channel: TestChannel, from: String, to: String) async throws
  /// Changes how a recording plays: speed, pause, a moment in it.
  func control(_ picture: OpenedPicture, _ change: PlaybackChange) async throws
  func close(_ picture: OpenedPicture) async throws
  func order(_ order: PeerOrder, of channel: TestChannel) async throws
  /// Sets values of a configuration block.
  func configure(_ channel: TestChannel, block: String, _ values: [String: Int]) async throws
  /// Has a device upgraded with a file of these bytes.
  func upgrade(_ device: DeviceID, file: [UInt8], firmware: String) async throws
  func ask(_ question: PeerQuestion) async throws -> String
  /// A server that sends this device to the server under test, and knows its password.
  func redirector(for identity: TestIdentity) async throws -> SIPHostPort
  /// Acts on the lower platform under test.
  func lower(_ order: LowerOrder) async throws
}

/// What few peers can be told to do.
extension PeerActions {
  public func configure(_ channel: TestChannel, block: String, _ values: [String: Int]) async throws {
    throw ActionFailure.missing("no function for setting \(block)")
  }

  public func upgrade(_ device: DeviceID, file: [UInt8], firmware: String) async throws {
    throw ActionFailure.missing("no function for upgrades")
  }

  public func redirector(for identity: TestIdentity) async throws -> SIPHostPort {
    throw ActionFailure.notPossible("needs a server that is set up to redirect")
  }
}

/// A change of a replay.
public enum PlaybackChange: Sendable, Hashable {
  case pause
  case resume
  case rate(Double)
  /// Seconds from the start of the requested interval.
  case seek(Double)
}
