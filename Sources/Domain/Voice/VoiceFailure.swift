/// Why a voice session did not come to be, or broke.
public enum VoiceFailure: Error, Sendable, Hashable {
  /// Nobody knows where the device is.
  case deviceOffline
  /// The SIP side of the device did not answer.
  case notDelivered
  /// The SIP side refused with this status.
  case rejected(status: Int)
  /// The device said no, perhaps with a reason.
  case refused(reason: String?)
  /// It took the call and said nothing more.
  case noResponse
  /// It agreed and did not call.
  case noCall
  /// It called for something that cannot be sent: no coding or no address that fits.
  case noCommonFormat
  /// No socket could be opened for it.
  case noPort
  /// It did not open its connection, or the connection broke.
  case mediaLost
}

/// How a voice session ended.
public enum VoiceEnd: Sendable, Hashable {
  /// By whoever speaks, or with what that person had open.
  case released
  /// By the device, with BYE or CANCEL.
  case deviceHungUp
  /// Another one speaks now.
  case taken
  case failed(VoiceFailure)
}
