/// What makes two messages belong to one transaction.
public struct SIPTransactionKey: Sendable, Hashable {
  private let bytes: [UInt8]
  /// Of ``bytes``, seeded by the process like every hash of Swift. Made once: a table of transactions asks for it
  /// again for every neighbour of an entry that goes.
  private let digest: Int

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    var hasher = Hasher()
    // One call for all bytes: an array would be hashed element by element.
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    digest = hasher.finalize()
  }

  public static func == (left: SIPTransactionKey, right: SIPTransactionKey) -> Bool {
    left.digest == right.digest && left.bytes == right.bytes
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  /// The server side (RFC 3261 §17.2.3): branch, `sent-by`, Call-ID, CSeq number and method.
  ///
  /// Call-ID and number are more than the RFC asks for. They never differ between
  /// retransmissions, and keep apart the cameras behind one NAT that all count
  /// their branches from 1, and those that use one branch for ever.
  ///
  /// - Parameter method: the method to look for, nil for the request's own; an ACK is looked up as its
  ///   INVITE.
  /// - Returns: nil when Via, Call-ID or CSeq is missing or unreadable.
  public init?(server request: SIPRequest, as method: SIPMethod? = nil) {
    var key: [UInt8] = []
    key.reserveCapacity(160)
    let hasVia = request.headers.withValue(of: .via) { span -> Bool in
      guard let via = ViaSlices(span, 0..<span.count) else { return false }
      if let branch = via.parameter(span, "branch") { Self.add(span, branch, to: &key) }
      Self.add(span, via.sentBy, to: &key)
      return true
    }
    guard hasVia == true, Self.addCall(request.headers, to: &key) else { return nil }
    let wanted = method ?? request.method
    key.append(contentsOf: (wanted == .ack ? SIPMethod.invite : wanted).name.utf8)
    self.init(bytes: key)
  }

  /// The client side (RFC 3261 §17.1.3): branch and method.
  public init(branch: String, method: SIPMethod) {
    self.init(bytes: Array(branch.utf8) + [0] + Array(method.name.utf8))
  }

  /// The client transaction that a response answers; nil when it has no branch or no CSeq.
  public init?(client response: SIPResponse) {
    guard let cseq = response.cseq else { return nil }
    let branch = response.headers.withValue(of: .via) { span -> [UInt8]? in
      guard let via = ViaSlices(span, 0..<span.count), let branch = via.parameter(span, "branch") else {
        return nil
      }
      return ASCII.bytes(span, branch)
    }
    guard let branch = branch ?? nil, !branch.isEmpty else { return nil }
    self.init(bytes: branch + [0] + Array(cseq.method.name.utf8))
  }

  /// Call-ID and CSeq number alone: how an ACK finds its INVITE, and how a response with a damaged Via
  /// finds its request.
  public init?(call headers: SIPHeaders, method: SIPMethod) {
    var key: [UInt8] = []
    guard Self.addCall(headers, to: &key) else { return nil }
    key.append(contentsOf: method.name.utf8)
    self.init(bytes: key)
  }

  private static func addCall(_ headers: SIPHeaders, to key: inout [UInt8]) -> Bool {
    let call = headers.withValue(of: .callID) { span -> Bool in
      add(span, 0..<span.count, to: &key)
      return !span.isEmpty
    }
    let number = headers.withValue(of: .cseq) { span -> Bool in
      let end = (0..<span.count).first { !ASCII.isDigit(span[$0]) } ?? span.count
      add(span, 0..<end, to: &key)
      return end > 0
    }
    return call == true && number == true
  }

  private static func add(_ span: Span<UInt8>, _ range: Range<Int>, to key: inout [UInt8]) {
    unsafe span.extracting(range).withUnsafeBufferPointer { unsafe key.append(contentsOf: $0) }
    key.append(0)
  }
}
