import GBCore

/// A brand's habits, as far as they show on the wire.
///
/// No firmware is imitated: each row collects what the open field has reported of that brand's devices, so that a
/// platform meets it before the devices do.
public struct Dialect: Sendable, Hashable {
  /// How scenarios call it.
  public var name: String
  /// What DeviceInfo and the catalog say.
  public var manufacturer: String
  public var recorderModel: String
  public var cameraModel: String
  public var firmware: String
  /// The `User-Agent` of requests and responses.
  public var userAgent: String
  /// Digits 11–13 of the codes that its recorders give their cameras (§1.2).
  public var cameraType: String
  /// What it always does. A scenario can add to it.
  public var habits: Set<FaultKind>
  /// How it is spoken through.
  public var voice = VoiceHabits()

  /// A device that follows the standard.
  public static let generic = Dialect(
    name: "generic", manufacturer: "Tributary", recorderModel: "Simulated recorder",
    cameraModel: "Simulated camera", firmware: "1.0", userAgent: "Tributary-Simulator", cameraType: "132",
    habits: [])

  /// Answers with an SSRC of its own, wants `y=` last, refuses a stray To tag, names parents twice; its recorders call
  /// for the voices of their cameras.
  public static let hikvision = Dialect(
    name: "hikvision", manufacturer: "Hikvision", recorderModel: "DS-7816N-SIM", cameraModel: "DS-2CD-SIM",
    firmware: "V4.30.005", userAgent: "Embedded Net DVR/NVR/DVS", cameraType: "132",
    habits: [.ownSSRC, .earlySSRCRefused, .strayTagRefused, .parentTwice],
    voice: VoiceHabits(caller: .device))

  /// Stays silent when a challenge names no algorithm, spells its digest its own way, loses the leading zero of `y=`;
  /// calls for a voice before it answers, without a Subject.
  public static let dahua = Dialect(
    name: "dahua", manufacturer: "Dahua", recorderModel: "DH-NVR-SIM", cameraModel: "DH-IPC-SIM",
    firmware: "3.216.0000000.0.R", userAgent: "SIP UAS V2016.xx.xx", cameraType: "132",
    habits: [.silentWithoutAlgorithm, .digestSpelling, .ssrcZeroLost],
    voice: VoiceHabits(order: .callFirst, hasSubject: false))

  /// Gives its cameras codes of type 121 and leaves the area out; takes voices over its own connection.
  public static let uniview = Dialect(
    name: "uniview", manufacturer: "UNIVIEW", recorderModel: "NVR-SIM", cameraModel: "IPC-SIM",
    firmware: "B3221P", userAgent: "IP Camera", cameraType: "121", habits: [.civilCodeMissing],
    voice: VoiceHabits(transport: .tcpPassive))

  /// Has words of its own for the status and says when a registration ends in Contact only; wants voices as a program
  /// stream.
  public static let tiandy = Dialect(
    name: "tiandy", manufacturer: "Tiandy", recorderModel: "TC-R-SIM", cameraModel: "TC-C-SIM",
    firmware: "V13.1", userAgent: "Tiandy SIP UA", cameraType: "132",
    habits: [.statusWord, .expiresInContact], voice: VoiceHabits(codings: [.ps], asksAsVideo: true))

  /// All of them.
  public static let all: [Dialect] = [.generic, .hikvision, .dahua, .uniview, .tiandy]
}
