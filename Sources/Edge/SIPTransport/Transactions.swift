import MediaTime
import NIOCore
import SIPCore

/// How bytes reach a peer.
enum SIPPath {
  case datagram(SocketAddress, SIPHostPort)
  case stream(StreamConnection)

  var remote: SIPHostPort {
    switch self {
    case .datagram(_, let remote): remote
    case .stream(let connection): connection.remote
    }
  }
}

/// A request that was received, with what is needed to answer it.
///
/// Confined to the endpoint's event loop, which is why it may be handed about:
/// other threads only pass the reference back.
class ServerTransaction: @unchecked Sendable {
  let key: SIPTransactionKey
  let method: SIPMethod
  var path: SIPPath
  /// Bytes of the latest response, to repeat it.
  var latest: [UInt8] = []
  /// The To tag of every response that has none.
  let tag: String

  init(key: SIPTransactionKey, method: SIPMethod, path: SIPPath, tag: String) {
    self.key = key
    self.method = method
    self.path = path
    self.tag = tag
  }
}

final class PlainServerTransaction: ServerTransaction, @unchecked Sendable {
  var machine: NonInviteServerTransaction

  init(key: SIPTransactionKey, method: SIPMethod, path: SIPPath, tag: String, timers: SIPTimers) {
    machine = NonInviteServerTransaction(timers: timers, isReliable: path.isReliable)
    super.init(key: key, method: method, path: path, tag: tag)
  }
}

final class InviteServing: ServerTransaction, @unchecked Sendable {
  var machine: InviteServerTransaction
  let request: SIPRequest
  let source: SIPSource
  /// Finds this INVITE for an ACK with a branch of its own.
  let callKey: SIPTransactionKey?

  init(
    request: SIPRequest, source: SIPSource, key: SIPTransactionKey, path: SIPPath, tag: String,
    timers: SIPTimers
  ) {
    machine = InviteServerTransaction(timers: timers, isReliable: path.isReliable)
    self.request = request
    self.source = source
    callKey = SIPTransactionKey(call: request.headers, method: .invite)
    super.init(key: key, method: .invite, path: path, tag: tag)
  }
}

/// A request that was sent. Confined to the endpoint's event loop.
class ClientTransaction {
  let branch: SIPBranch
  let request: SIPRequest
  let key: SIPTransactionKey
  /// Finds this request for a response whose Via was damaged on the way.
  let callKey: SIPTransactionKey?
  /// Nil until a connection is open.
  var path: SIPPath?
  /// The request as it went out, complete with Via.
  var sent: SIPRequest?
  var bytes: [UInt8] = []
  var report: (@Sendable (SIPClientEvent) -> Void)?

  init(branch: SIPBranch, request: SIPRequest, report: @escaping @Sendable (SIPClientEvent) -> Void) {
    self.branch = branch
    self.request = request
    self.report = report
    key = SIPTransactionKey(branch: branch.value, method: request.method)
    callKey = SIPTransactionKey(call: request.headers, method: request.method)
  }
}

final class PlainClientTransaction: ClientTransaction {
  var machine: NonInviteClientTransaction

  init(
    branch: SIPBranch, request: SIPRequest, isReliable: Bool, timers: SIPTimers,
    report: @escaping @Sendable (SIPClientEvent) -> Void
  ) {
    machine = NonInviteClientTransaction(timers: timers, isReliable: isReliable)
    super.init(branch: branch, request: request, report: report)
  }
}

final class InviteCalling: ClientTransaction {
  var machine: InviteClientTransaction
  /// Bytes of the ACK, repeated for every repetition of the final response.
  var acknowledgement: [UInt8] = []
  var wantsCancel = false
  var isCancelled = false
  var hasTimedOut = false

  init(
    branch: SIPBranch, request: SIPRequest, isReliable: Bool, timers: SIPTimers,
    report: @escaping @Sendable (SIPClientEvent) -> Void
  ) {
    machine = InviteClientTransaction(timers: timers, isReliable: isReliable)
    super.init(branch: branch, request: request, report: report)
  }
}

extension SIPPath {
  var isReliable: Bool {
    switch self {
    case .datagram: false
    case .stream: true
    }
  }

  var transport: SIPTransportKind {
    switch self {
    case .datagram: .udp
    case .stream(let connection): connection.source.transport
    }
  }
}

extension Duration {
  /// Nanoseconds, never negative.
  var span: UInt64 { UInt64(max(0, nanoseconds)) }
}
