extension SIPRequest {
  /// The ACK for a 3xx–6xx answer to this INVITE (RFC 3261 §17.1.1.3): same branch, To as answered.
  public func acknowledgement(of refusal: SIPResponse) -> SIPRequest {
    var ack = follower(.ack)
    ack.headers.copy(.to, from: refusal.headers)
    return ack
  }

  /// The CANCEL of this request (RFC 3261 §9.1): same branch, To as sent.
  public func cancellation() -> SIPRequest {
    var cancel = follower(.cancel)
    cancel.headers.copy(.to, from: headers)
    return cancel
  }

  /// A request with everything that the two have in common with this one.
  private func follower(_ method: SIPMethod) -> SIPRequest {
    var request = SIPRequest(method: method, requestURI: requestURI)
    if let via { request.headers.append(.via, via.description) }
    request.headers.copy(.from, from: headers)
    request.headers.copy(.callID, from: headers)
    request.headers.append(.cseq, CSeq(number: cseq?.number ?? 1, method: method).description)
    request.headers.append(.maxForwards, "70")
    request.headers.copy(.route, from: headers)
    return request
  }
}
