import Access
import GBCore
import Registry
import SIPCore
import SIPTransport

extension Signalling {
  /// What the rest of the server does when something happened here.
  struct Listeners: Sendable {
    /// A device came online (true) or went offline (false).
    var presence: @Sendable (DeviceID, Bool) -> Void = { _, _ in }
    /// A request that a platform above makes in that role. Whoever takes it answers it; false when nobody did.
    var superior: @Sendable (SIPRequest, SIPSource, SIPServerTransaction) -> Bool = { _, _, _ in false }
    /// A MESSAGE between two levels of our kind. Whoever takes it answers it.
    var level: @Sendable (SIPRequest, SIPSource, SIPServerTransaction) -> Void = { request, _, transaction in
      transaction.respond(SIPResponse(to: request, status: 415))
    }
    /// Says in a request to a platform below who is behind it.
    var dress: @Sendable (inout SIPRequest, ChannelKey, AccessOperation) -> Void = { _, _, _ in }
    /// A request inside or about a call: BYE, INFO, ACK, CANCEL. False when no call matches.
    var call: @Sendable (SIPRequest, SIPSource) -> Bool = { _, _ in false }
    /// The end of a recording that a device sends, with the Call-ID of the message.
    var mediaStatus: @Sendable (MediaStatusNotice, DeviceID, String?) -> Void = { _, _, _ in }
    /// An INVITE of a device. Whoever takes it answers it; false when nobody did.
    var invite: @Sendable (SIPRequest, SIPSource, SIPServerTransaction) -> Bool = { _, _, _ in false }
    /// A notice of a device that nobody here understands, and the answer it may need. False when nobody did.
    var notice: @Sendable (MANSCDPMessage, DeviceID, SIPSource) -> Bool = { _, _, _ in false }
    /// A SUBSCRIBE or NOTIFY. Whoever takes it answers it; false when nobody did.
    var event: @Sendable (SIPRequest, SIPSource, SIPServerTransaction) -> Bool = { _, _, _ in false }
    /// A device registered: for the first time since it was offline (true), or again.
    var registered: @Sendable (Registration, Bool) -> Void = { _, _ in }
    /// Something was heard of a device's catalog, or was to be.
    var catalog: @Sendable (DeviceID, CatalogNews) -> Void = { _, _ in }
    /// The status of these channels changed, or they are new.
    var channels: @Sendable ([ChannelKey]) -> Void = { _ in }
  }

  /// What became of a device's catalog.
  enum CatalogNews: Sendable, Hashable {
    /// A query was answered as far as it will be.
    case read(isComplete: Bool)
    /// A query could not be delivered, or got no answer.
    case unread
    /// A notification came; whether all of it could be read.
    case changed(isWhole: Bool)
    /// A notification could not be read at all.
    case lost
  }
}
