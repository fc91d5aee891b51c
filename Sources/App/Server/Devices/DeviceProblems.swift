import GBCore
import HTTPAPI
import MediaTime

/// Why a device did not do what it was asked, as the interface tells it. The slugs are part of the contract.
extension Problem {
  static func deviceOffline(_ device: DeviceID) -> Problem {
    Problem(
      slug: "device-offline", status: 409, title: "The device is not registered",
      detail: "\(device) is not registered, so nobody knows where to ask it.",
      fix: "Look at its signalling ladder: it shows what it last sent and why it was refused.")
  }

  static func deviceSilent(_ device: DeviceID, _ what: String, waited: Duration) -> Problem {
    Problem(
      slug: "device-does-not-answer", status: 504, title: "The device does not answer",
      detail:
        "\(device) took \(what) and said nothing more for \(waited.components.seconds) s; devices often leave unanswered what they do not know.",
      fix: "It is not asked again until it registers with other firmware; “again=true” asks anyway.")
  }

  static func deviceUnreached(_ device: DeviceID, _ what: String) -> Problem {
    Problem(
      slug: "device-does-not-answer", status: 504, title: "The device does not answer",
      detail: "\(what) got no answer from the SIP side of \(device).",
      fix: "Look at its signalling ladder; with UDP, try TCP.")
  }

  static func deviceUnwilling(_ device: DeviceID, _ what: String) -> Problem {
    Problem(
      slug: "device-does-not-know", status: 409, title: "The device does not know this",
      detail: "\(device) left \(what) unanswered before and has the same firmware since.",
      fix: "“again=true” asks it anyway.")
  }

  static func deviceRefused(_ device: DeviceID, _ what: String, _ how: String) -> Problem {
    Problem(
      slug: "device-refused", status: 502, title: "The device refused",
      detail: "\(device) answered \(what) with \(how).",
      fix: "Some recorders act only when the command goes to their own code: try the target “device”.")
  }

  static func editionUnaware(_ device: DeviceID, _ what: String, speaks: GBVersion, since: GBVersion)
    -> Problem
  {
    Problem(
      slug: "edition-does-not-know", status: 409, title: "The device's edition does not know this",
      detail:
        "\(what) came with GB/T 28181-\(since.year); \(device) speaks \(speaks) (\(speaks.year)), so it was not sent.",
      fix: "If the device can do it, let it register with the “X-GB-Ver” of the newer edition.")
  }

  static func cameraHeld(_ by: String, priority: Int, for remaining: Duration, until: WallTime) -> Problem {
    let seconds = max(1, Int(remaining.components.seconds) + 1)
    return Problem(
      slug: "camera-held", status: 409, title: "Somebody else moves this camera",
      detail: "\(by) (priority \(priority)) has it until \(until.rfc3339).",
      fix: "Wait until it is let go, or ask \(by).", retryAfter: seconds)
  }
}

extension GBVersion {
  /// The year of the edition.
  var year: String {
    if self >= .v2022 { return "2022" }
    return self >= .v2016 ? "2016" : "2011"
  }
}
