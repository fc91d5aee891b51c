/// Where on the way from the camera to the screen something fails.
public enum Hop: String, Sendable, Hashable, CaseIterable {
  /// The device signs in at us.
  case registration
  /// It says again and again that it is there.
  case heartbeat
  /// It tells what it consists of.
  case catalog
  /// We call it.
  case call
  /// It sends to our media port.
  case media
  /// What arrives becomes a picture.
  case picture
  /// The picture goes to a browser.
  case delivery
}

/// Why there is no picture, or a bad one, in a person's terms. The raw value is stable for interfaces.
public enum Cause: String, Sendable, Hashable, CaseIterable {
  // Registration
  case neverHeard = "never-heard"
  case challengeIgnored = "challenge-ignored"
  case waitsForApproval = "waits-for-approval"
  case wrongPassword = "wrong-password"
  case wrongUser = "wrong-user"
  case noCredential = "no-credential"
  case lockedOut = "locked-out"
  case wrongRealm = "wrong-realm"
  case wrongPlatformCode = "wrong-platform-code"
  case saidGoodbye = "said-goodbye"

  // Heartbeat
  case silent
  case flapping
  case twoDevicesOneCode = "two-devices-one-code"
  case clockWrong = "clock-wrong"
  case oneWaySignalling = "one-way-signalling"

  // Catalog
  case catalogUnanswered = "catalog-unanswered"
  case catalogEmpty = "catalog-empty"
  case catalogIncomplete = "catalog-incomplete"
  case catalogDamaged = "catalog-damaged"

  // Call
  case callUnanswered = "call-unanswered"
  case ringsForEver = "rings-for-ever"
  case busy
  case channelUnknown = "channel-unknown"
  case cameraOffline = "camera-offline"
  case callForbidden = "call-forbidden"
  case mediaRefused = "media-refused"
  case deviceError = "device-error"
  case answerWithoutMedia = "answer-without-media"
  case noResources = "no-resources"

  // Media
  case unreachableAddress = "unreachable-address"
  case mediaBlocked = "media-blocked"
  case connectionFailed = "connection-failed"
  case mediaFromElsewhere = "media-from-elsewhere"
  case wrongStreamNumber = "wrong-stream-number"
  case heavyLoss = "heavy-loss"
  case mediaStopped = "media-stopped"
  case hungUp = "hung-up"

  // Picture
  case encrypted
  case unsupportedCodec = "unsupported-codec"
  case noKeyFrame = "no-key-frame"
  case notAStream = "not-a-stream"

  // Delivery
  case transcodingFull = "transcoding-full"

  public var hop: Hop {
    switch self {
    case .neverHeard, .challengeIgnored, .waitsForApproval, .wrongPassword, .wrongUser, .noCredential,
      .lockedOut, .wrongRealm, .wrongPlatformCode, .saidGoodbye:
      .registration
    case .silent, .flapping, .twoDevicesOneCode, .clockWrong, .oneWaySignalling: .heartbeat
    case .catalogUnanswered, .catalogEmpty, .catalogIncomplete, .catalogDamaged: .catalog
    case .callUnanswered, .ringsForEver, .busy, .channelUnknown, .cameraOffline, .callForbidden,
      .mediaRefused, .deviceError, .answerWithoutMedia, .noResources:
      .call
    case .unreachableAddress, .mediaBlocked, .connectionFailed, .mediaFromElsewhere, .wrongStreamNumber,
      .heavyLoss, .mediaStopped, .hungUp:
      .media
    case .encrypted, .unsupportedCodec, .noKeyFrame, .notAStream: .picture
    case .transcodingFull: .delivery
    }
  }

  /// Whether it explains a missing picture by itself; others only make it worse.
  public var isFatal: Bool {
    switch self {
    case .flapping, .twoDevicesOneCode, .clockWrong, .catalogUnanswered, .catalogEmpty, .catalogIncomplete,
      .catalogDamaged, .heavyLoss, .wrongStreamNumber:
      false
    default: true
    }
  }
}

/// Something that was found.
public struct Finding: Sendable, Hashable {
  public var cause: Cause
  /// What the sentences speak of: `{port}`, `{address}` …
  public var facts: [String: String]
  /// The message that shows it, when there is one.
  public var proof: MessageMark?

  public init(_ cause: Cause, _ facts: [String: String] = [:], proof: MessageMark? = nil) {
    (self.cause, self.facts, self.proof) = (cause, facts, proof)
  }

  /// What is the matter.
  public func sentence(_ language: Language) -> String { fill(cause.words(language).sentence) }
  /// What to do.
  public func fix(_ language: Language) -> String { fill(cause.words(language).fix) }

  private func fill(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      result += facts[String(rest[rest.index(after: open)..<close])] ?? "?"
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}

/// Which of the messages exchanged shows a finding.
public struct MessageMark: Sendable, Hashable {
  /// The method of the request, or of the request that a response answers.
  public var method: String
  /// Of a response; nil marks a request.
  public var status: Int?

  public init(_ method: String, _ status: Int? = nil) { (self.method, self.status) = (method, status) }
}

public enum Language: String, Sendable, Hashable, CaseIterable {
  case english = "en"
  case chinese = "zh"
}
