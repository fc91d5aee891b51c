import GBCore
import NIOCore
import SIPCore

/// A request as it arrived, with where to answer.
struct IncomingRequest: Sendable {
  let request: SIPRequest
  let route: Route
  private let codec: TextCodec

  init(_ request: SIPRequest, _ route: Route, codec: TextCodec) {
    (self.request, self.route, self.codec) = (request, route, codec)
  }

  var method: SIPMethod { request.method }
  var callID: String { request.callID ?? "" }

  /// The MANSCDP document in the body, if there is one.
  var document: MANSCDPMessage? { try? MANSCDPMessage(parsing: request.body, codec: codec) }

  /// The body as text.
  var bodyText: String { codec.decode(request.body) }

  /// Whether this is a MESSAGE or NOTIFY with that root and command; a SUBSCRIBE carries the same documents and is
  /// another thing.
  func `is`(_ root: MANSCDPRoot, _ command: String) -> Bool {
    guard method == .message || method == .notify, let document else { return false }
    return document.root == root && document.cmdType == CmdType(command)
  }
}

/// A message that came, and whether a case has looked at it.
struct InboxItem: Sendable {
  let message: SIPMessage
  let route: Route
  let codec: TextCodec
}

/// What came, in order, and who waits for something to come. Confined to a loop.
struct Inbox {
  private struct Waiter {
    let id: Int
    let matches: @Sendable (InboxItem) -> Bool
    let promise: EventLoopPromise<InboxItem?>
  }

  /// Messages kept at most.
  private static let limit = 20_000

  private var items: [(item: InboxItem, isTaken: Bool)] = []
  private var waiters: [Waiter] = []
  private var next = 0

  var all: [InboxItem] { items.map(\.item) }

  mutating func add(_ item: InboxItem) {
    if items.count >= Self.limit { items.removeFirst(Self.limit / 2) }
    guard let index = waiters.firstIndex(where: { $0.matches(item) }) else {
      return items.append((item, false))
    }
    items.append((item, true))
    waiters.remove(at: index).promise.succeed(item)
  }

  /// Fulfils the promise at once, or keeps it and returns its number.
  mutating func take(
    _ matches: @escaping @Sendable (InboxItem) -> Bool, or promise: EventLoopPromise<InboxItem?>
  ) -> Int? {
    if let index = items.firstIndex(where: { !$0.isTaken && matches($0.item) }) {
      items[index].isTaken = true
      promise.succeed(items[index].item)
      return nil
    }
    next += 1
    waiters.append(Waiter(id: next, matches: matches, promise: promise))
    return next
  }

  mutating func giveUp(_ id: Int) {
    guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
    waiters.remove(at: index).promise.succeed(nil)
  }

  mutating func closeAll() {
    for waiter in waiters { waiter.promise.succeed(nil) }
    waiters = []
  }

  /// Nothing came yet. Waiters are counted on: the patience of an old one must not end a new one.
  mutating func clear() {
    closeAll()
    items = []
  }
}
