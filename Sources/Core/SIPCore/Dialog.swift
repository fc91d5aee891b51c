/// One dialog: a call or a subscription between two parties (RFC 3261 §12).
///
/// Written for peers behind NAT with nonsense in Contact: messages go to the
/// address that the last packet came from (reference §1.6), and only the
/// Request-URI is taken from the Contact.
public struct Dialog: Sendable, Hashable {
  public enum State: Sendable, Hashable {
    case early
    case confirmed
  }

  /// What to do with a request that arrived for this dialog.
  public enum Verdict: Sendable, Equatable {
    case accepted
    /// An older CSeq than one seen before: answer 500 (§12.2.2).
    case outOfOrder
    /// Another dialog, or somebody who pretends: answer 481.
    case foreign
  }

  public let callID: String
  /// Our party, without tag.
  public let local: NameAddress
  /// The other party, without tag.
  public let remote: NameAddress
  public let localTag: String
  /// Nil while the peer gave none: devices answer SUBSCRIBE without a To tag.
  public internal(set) var remoteTag: String?
  public internal(set) var state: State
  /// The Contact of the peer, nil when it gave none that can be read.
  public internal(set) var contact: SIPURI?
  /// Route values to put into requests, in order.
  public internal(set) var routes: [String]
  /// CSeq number of the last request sent.
  public internal(set) var localSequence: UInt32
  /// CSeq number of the last request received.
  public internal(set) var remoteSequence: UInt32?
  /// CSeq number of the INVITE or SUBSCRIBE that made the dialog: the one its ACK repeats.
  public let creatingSequence: UInt32
  /// Where the peer's last packet came from: where the next request goes.
  public internal(set) var peer: SIPSource?

  /// The caller's side, from the request as it was sent and a 101–299 response to it.
  ///
  /// - Returns: nil when From, To, Call-ID or CSeq of the request is missing, or for another status.
  public init?(calling request: SIPRequest, answeredBy response: SIPResponse, from source: SIPSource?) {
    guard (101..<300).contains(response.status), let callID = request.callID, let from = request.from,
      let to = request.to, let tag = from.tag, let cseq = request.cseq
    else { return nil }
    self.callID = callID
    localTag = tag
    remoteTag = response.to?.tag
    local = from.withoutTag
    remote = to.withoutTag
    state = response.isProvisional ? .early : .confirmed
    contact = response.contact?.uri
    routes = response.headers.values(of: .recordRoute).reversed()
    localSequence = cseq.number
    creatingSequence = cseq.number
    peer = source
  }

  /// The callee's side, from a request that will be answered with `localTag` in To.
  ///
  /// - Returns: nil when From, To, Call-ID or CSeq is missing.
  public init?(called request: SIPRequest, localTag: String, from source: SIPSource) {
    guard let callID = request.callID, let from = request.from, let to = request.to, let cseq = request.cseq
    else { return nil }
    self.callID = callID
    self.localTag = localTag
    remoteTag = from.tag
    local = to.withoutTag
    remote = from.withoutTag
    state = .confirmed
    contact = request.contact?.uri
    routes = request.headers.values(of: .recordRoute)
    localSequence = 0
    remoteSequence = cseq.number
    creatingSequence = cseq.number
    peer = source
  }

  /// A later response to the creating request: confirms an early dialog, learns tag, Contact and address.
  public mutating func update(with response: SIPResponse, from source: SIPSource?) {
    if response.isSuccess { state = .confirmed }
    if let tag = response.to?.tag { remoteTag = tag }
    if let uri = response.contact?.uri { contact = uri }
    if let source { peer = source }
  }
}

extension NameAddress {
  var withoutTag: NameAddress {
    var copy = self
    copy.tag = nil
    return copy
  }
}
