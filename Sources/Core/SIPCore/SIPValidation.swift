extension SIPRequest {
  /// What a request must have before anybody acts on it (RFC 3261 §8.1.1).
  public enum Defect: Error, Sendable, Equatable {
    case missing(SIPHeaderName)
    case unreadable(SIPHeaderName)
    /// Two different values where only one may be.
    case repeated(SIPHeaderName)
    /// The CSeq names another method.
    case methodMismatch

    /// The reason phrase for a 400.
    public var phrase: String {
      switch self {
      case .missing(let name): "Missing " + name.text
      case .unreadable(let name): "Bad " + name.text
      case .repeated(let name): "Repeated " + name.text
      case .methodMismatch: "CSeq method mismatch"
      }
    }
  }

  /// The first defect, or nil. A missing From tag is none: devices leave it out (reference §14.2 #12).
  ///
  /// Looks only at what transactions need; From and To may still be unreadable for whoever needs them.
  public var defect: Defect? {
    guard headers.contains(.via) else { return .missing(.via) }
    guard headers.withValue(of: .via, { ViaSlices($0, 0..<$0.count) != nil }) == true else {
      return .unreadable(.via)
    }
    if let defect = check(.from) ?? check(.to) ?? check(.callID) ?? check(.cseq) { return defect }
    guard let cseq else { return .unreadable(.cseq) }
    return cseq.method == method ? nil : .methodMismatch
  }

  private func check(_ name: SIPHeaderName) -> Defect? {
    guard let isEmpty = headers.withValue(of: name, { $0.isEmpty }) else { return .missing(name) }
    if isEmpty { return .unreadable(name) }
    guard headers.count(of: name) > 1 else { return nil }
    let values = headers.values(of: name)
    return values.allSatisfy { $0 == values.first } ? nil : .repeated(name)
  }
}
