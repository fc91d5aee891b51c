import GBCore
import HTTPAPI
import Voice

/// Why nobody can be heard at a device, as the interface tells it. The slugs are part of the contract.
extension Problem {
  static func speakerHeld(_ device: DeviceID, _ by: String, priority: Int) -> Problem {
    Problem(
      slug: "speaker-held", status: 409, title: "Somebody else speaks there",
      detail: "\(by) (priority \(priority)) speaks through \(device).",
      fix: "Wait until that is over; with a higher priority, “take” takes the loudspeaker.", retryAfter: 5)
  }

  static func voice(_ end: VoiceEnd, _ device: DeviceID) -> Problem {
    switch end {
    case .released: .gone("The voice session was ended before the device called.")
    case .taken: .conflict("Somebody with a higher priority took the loudspeaker.")
    case .deviceHungUp:
      Problem(
        slug: "voice-hung-up", status: 502, title: "The device hung up",
        detail: "\(device) ended the voice session.",
        fix: "Another platform or a local client may be speaking through it.")
    case .failed(.deviceOffline): .deviceOffline(device)
    case .failed(let failure): failed(failure, device)
    }
  }

  private static func failed(_ failure: VoiceFailure, _ device: DeviceID) -> Problem {
    let (slug, status, detail, fix) = failure.words(of: device)
    return Problem(
      slug: slug, status: status, title: "Nobody can be heard there", detail: detail, fix: fix)
  }
}

extension VoiceFailure {
  /// The stable name, the status, what happened and what to do.
  func words(of device: DeviceID) -> (slug: String, status: Int, detail: String, fix: String) {
    switch self {
    case .deviceOffline:
      return (
        "device-offline", 409, "\(device) is not registered any more.",
        "Look at its signalling ladder: it shows what it last sent."
      )
    case .notDelivered:
      return (
        "device-does-not-answer", 504, "The call got no answer from the SIP side of \(device).",
        "Look at its signalling ladder; with UDP, try TCP."
      )
    case .rejected(let status):
      return (
        "voice-rejected", 502, "\(device) refused the call with SIP status \(status).",
        "404 and 481 mean that it knows none of the codes that were asked: see whether its catalog has a loudspeaker (type 137)."
      )
    case .refused(let reason):
      let said = reason.map { ": “\($0)”" } ?? ""
      return (
        "voice-refused", 502, "\(device) answered the broadcast with ERROR\(said).",
        "It has no loudspeaker, or it is in use: switch its audio output on, and end what other platforms play there."
      )
    case .noResponse:
      return (
        "voice-no-response", 504, "\(device) took the call and said nothing more for 10 s.",
        "Many cameras without a loudspeaker do this; look whether its audio output is switched on."
      )
    case .noCall:
      return (
        "voice-no-call", 504, "\(device) agreed and did not call for the voice within 10 s.",
        "It may call another server: look at its signalling ladder, and whether the platform's address in the device is right."
      )
    case .noCommonFormat:
      return (
        "voice-no-format", 502, "\(device) called for a coding or an address that does not exist here.",
        "Set its audio input to G.711A; AAC cannot be sent."
      )
    case .noPort:
      return (
        "voice-no-port", 503, "No port could be opened for the voice.",
        "Look at media.voice-ports: the range may be in use or too small."
      )
    case .mediaLost:
      return (
        "voice-connection-lost", 502, "The media connection with \(device) did not come, or broke.",
        "Open media.voice-ports in the firewall, or let the device use UDP."
      )
    }
  }
}

extension VoiceEnd {
  /// Why it ended, in words for the event stream; nil when that was wanted.
  func cause(_ device: DeviceID) -> API.Cause? {
    guard self != .released else { return nil }
    let problem = Problem.voice(self, device)
    return API.Cause(code: problem.slug, text: problem.detail, fix: problem.fix)
  }

  /// A word for metrics.
  var word: String {
    switch self {
    case .released: "released"
    case .deviceHungUp: "device-hung-up"
    case .taken: "taken"
    case .failed: "failed"
    }
  }
}
