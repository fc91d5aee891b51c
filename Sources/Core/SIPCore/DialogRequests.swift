extension Dialog {
  /// The next request of this dialog, CSeq counted up. The transport adds Via, Max-Forwards and
  /// Content-Length.
  public mutating func request(_ method: SIPMethod) -> SIPRequest {
    localSequence += localSequence < UInt32.max ? 1 : 0
    return make(method, sequence: localSequence)
  }

  /// The ACK for the 2xx that confirmed this dialog: the INVITE's number, no new one (§13.2.2.4).
  public func acknowledgement() -> SIPRequest { make(.ack, sequence: creatingSequence) }

  private func make(_ method: SIPMethod, sequence: UInt32) -> SIPRequest {
    var from = local
    from.tag = localTag
    var to = remote
    to.tag = remoteTag
    var request = SIPRequest(
      method: method, uri: requestURI, from: from, to: to, callID: callID, cseq: sequence)
    for route in routes { request.headers.append(.route, route) }
    return request
  }

  /// The Contact when it is usable, else its user at the address the peer's packets come from
  /// (reference §7.1, §14.2 #5 and #25).
  public var requestURI: SIPURI {
    guard let peer else { return contact ?? remote.uri }
    if let contact, Self.isUsable(contact.host, seenFrom: peer.remote.host) { return contact }
    var uri = SIPURI(user: contact?.user ?? remote.uri.user, host: peer.remote.host, port: peer.remote.port)
    if let transport = peer.transport.uriParameter { uri.parameters["transport"] = transport }
    return uri
  }

  /// A Contact host that may stand in a Request-URI: any but unspecified, and loopback only for a local peer.
  private static func isUsable(_ host: String, seenFrom source: String) -> Bool {
    if IPText.areSame(host, source) { return true }
    if host.isEmpty || host == "0.0.0.0" || host == "::" || host == "localhost" { return false }
    return !host.hasPrefix("127.") && host != "::1"
  }

  /// Judges a request that carries this dialog's Call-ID, and learns from it when it is accepted.
  ///
  /// Right tags from another host are refused, and wrong tags are forgiven only
  /// to the host that the dialog is with: devices mix up tags, attackers cannot
  /// choose their address (reference §14.2 #33, §15.3 R5).
  public mutating func receive(_ request: SIPRequest, from source: SIPSource) -> Verdict {
    guard request.callID == callID else { return .foreign }
    if let peer, peer.remote.host != source.remote.host { return .foreign }
    if peer == nil, !hasTags(of: request) { return .foreign }
    if let cseq = request.cseq {
      // A BYE ends the call whatever its number; an ACK repeats an old one by rule.
      if let last = remoteSequence, cseq.number < last, request.method != .bye, request.method != .ack {
        return .outOfOrder
      }
      remoteSequence = max(remoteSequence ?? 0, cseq.number)
    }
    peer = source
    if request.method == .invite || request.method == .subscribe || request.method == .notify,
      let uri = request.contact?.uri
    {
      contact = uri
    }
    return .accepted
  }

  /// Whether both tags are the ones of this dialog (§12.2.2).
  public func hasTags(of request: SIPRequest) -> Bool {
    request.to?.tag == localTag && (remoteTag == nil || request.from?.tag == remoteTag)
  }
}
