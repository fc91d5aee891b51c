import GBCore
import Registry

/// A media call to place: everything the SDP says.
struct CallRequest: Sendable, Hashable {
  var channel: ChannelKey
  var path: MediaTransportChoice
  /// The media port we opened.
  var port: UInt16
  var ssrc: UInt32
  /// 0 main, 1 first sub-stream; nil leaves the choice to the device.
  var streamNumber: Int?
  /// Live, or recorded material of an interval.
  var session = InviteOffer.Session.live

  init(
    channel: ChannelKey, path: MediaTransportChoice, port: UInt16, ssrc: UInt32, streamNumber: Int?,
    session: InviteOffer.Session = .live
  ) {
    (self.channel, self.path, self.port, self.ssrc) = (channel, path, port, ssrc)
    (self.streamNumber, self.session) = (streamNumber, session)
  }
}

/// What became of a call.
enum CallEvent: Sendable, Hashable {
  /// 200: the call stands. Nil fields were not in the answer; `connects` when the device waits for us although
  /// we offered to wait for it.
  case answered(ssrc: UInt32?, host: String?, port: UInt16?, connects: Bool)
  case refused(status: Int)
  /// Refused because the link does not bear one more stream; in the words of who refused.
  case linkFull(String)
  case noAnswer
  /// Before `answered`: how many bytes a download will have.
  case announced(fileSize: Int64)
  /// The device has sent all of a recording (MediaStatus 121).
  case fileEnded
  /// BYE from the device.
  case hungUp
}

/// A call in progress.
struct CallHandle: Sendable, Hashable {
  let serial: UInt64
}

/// Places media calls. Implemented by ``CallService``; a test implements it with a script.
protocol Calling: Sendable {
  /// Sends the INVITE and returns at once. Events come in order on any thread.
  ///
  /// - Returns: nil when the device cannot be reached because it is not registered.
  func place(_ request: CallRequest, events: @escaping @Sendable (CallEvent) -> Void) async -> CallHandle?
  /// CANCEL, or ACK and BYE, as the call's state needs. No events follow.
  func hangUp(_ call: CallHandle) async
}
