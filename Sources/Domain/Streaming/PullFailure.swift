/// Why a picture is not there, in terms a person can act on.
///
/// `code` is stable for interfaces; the console has a sentence for each in both languages.
public enum PullFailure: Sendable, Hashable {
  case deviceOffline
  /// The device answered with this SIP status.
  case refused(status: Int)
  /// The device answered 486: it cannot take more calls.
  case busy
  /// No final answer to the INVITE.
  case noAnswer
  /// The call stands, but nothing reached the media port by any transport.
  case noMedia
  /// Packets arrive, but no picture that can be decoded came out of them.
  case noPicture
  /// Media stopped in the middle.
  case mediaLost
  /// The device hung up.
  case hungUp
  /// We are out of media ports, SSRCs or sockets.
  case resources(String)
  /// The link it comes over is full, here or further below; in words, what is missing and who has it.
  case linkFull(String)
  /// The stream is in a private or encrypted format.
  case unsupported(String)

  public var code: String {
    switch self {
    case .deviceOffline: "device-offline"
    case .refused: "refused"
    case .busy: "busy"
    case .noAnswer: "no-answer"
    case .noMedia: "no-media"
    case .noPicture: "no-picture"
    case .mediaLost: "media-lost"
    case .hungUp: "hung-up"
    case .resources: "resources"
    case .linkFull: "link-full"
    case .unsupported: "unsupported"
    }
  }

  /// One sentence in English: what happened and what to do.
  public var sentence: String {
    switch self {
    case .deviceOffline:
      "The device is offline. Check its power and network; it registers again by itself."
    case .refused(let status):
      "The device refused the call with SIP \(status). Check the channel code and the device's own limits."
    case .busy:
      "The device cannot send more streams at once (486). Close another view of it, or wait."
    case .noAnswer:
      "The device did not answer the call. It may be restarting or overloaded."
    case .noMedia:
      "The device accepted the call but no media reached us by UDP or TCP. Check the advertised address and the firewall; run the media doctor."
    case .noPicture:
      "Packets arrive but contain no decodable picture. Check that the device sends H.264 or H.265 and that stream encryption is off."
    case .mediaLost: "The picture stopped arriving."
    case .hungUp: "The device ended the stream."
    case .resources(let what): "Tributary has no free \(what). Close some streams or raise the limit."
    case .linkFull(let what): "The link is full: \(what). Close another picture, or choose the sub-stream."
    case .unsupported(let what):
      "The device sends \(what), which cannot be shown. Switch the private format or encryption off."
    }
  }

  /// Whether another transport may help.
  var isWorthAnotherTransport: Bool {
    switch self {
    case .noMedia, .noPicture, .mediaLost: true
    case .refused(let status): [400, 415, 488, 500, 501, 606].contains(status)
    case .deviceOffline, .busy, .noAnswer, .hungUp, .resources, .linkFull, .unsupported: false
    }
  }
}
