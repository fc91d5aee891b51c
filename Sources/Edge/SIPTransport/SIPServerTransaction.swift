import NIOCore
public import SIPCore

/// Receives the requests of an endpoint.
public protocol SIPRequestHandler: Sendable {
  /// A new request. Called on the endpoint's event loop: must not block, may answer now or later.
  ///
  /// Retransmissions never arrive here. The ACK of a 2xx and a CANCEL do, with
  /// a transaction that ignores responses: both are answered already.
  func handle(_ request: SIPRequest, from source: SIPSource, transaction: SIPServerTransaction)
}

/// Answers one request. Usable from any thread.
public struct SIPServerTransaction: Sendable {
  private let answer: Answer

  private enum Answer: Sendable {
    case ignored
    case closure(@Sendable (SIPResponse) -> Void)
    case live(EndpointCore, ServerTransaction)
  }

  /// A transaction that hands its responses to `onRespond`: for tests of handlers.
  public init(onRespond: @escaping @Sendable (SIPResponse) -> Void) { answer = .closure(onRespond) }

  init(core: EndpointCore, transaction: ServerTransaction) { answer = .live(core, transaction) }

  private init(answer: Answer) { self.answer = answer }

  /// Ignores every response.
  static let ignoring = SIPServerTransaction(answer: .ignored)

  /// Whether a response would be sent: false for an ACK and a CANCEL.
  public var expectsResponse: Bool {
    switch answer {
    case .ignored: false
    case .closure, .live: true
    }
  }

  /// Sends a provisional or final response. The first final response stands; later ones are ignored.
  ///
  /// A To tag, `User-Agent` and, for 2xx to INVITE and SUBSCRIBE, a Contact are
  /// added when missing. A 2xx to an INVITE is repeated until it is acknowledged.
  public func respond(_ response: consuming SIPResponse) {
    switch answer {
    case .ignored: break
    case .closure(let body): body(response)
    case .live(let core, let transaction):
      guard !core.loop.inEventLoop else { return core.respond(response, in: transaction) }
      let late = response
      core.loop.execute { core.respond(late, in: transaction) }
    }
  }
}
