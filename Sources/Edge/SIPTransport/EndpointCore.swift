import Glibc
import MediaTime
import NIOCore
import SIPCore
import Synchronization

/// Everything of an endpoint that lives on its event loop: tables, timers, sockets.
///
/// Proof for `@unchecked Sendable`: every stored variable is touched on `loop`
/// only. Other threads reach it through ``submit(_:)``; every entry point asserts it.
final class EndpointCore: @unchecked Sendable {
  enum TimerEvent {
    case resend(PlainClientTransaction)
    case giveUp(PlainClientTransaction)
    case linger(PlainClientTransaction)
    case inviteResend(InviteCalling)
    case inviteGiveUp(InviteCalling)
    case inviteLinger(InviteCalling)
    case abandon(InviteCalling)
    case expire(ClientTransaction)
    case repeatFinal(InviteServing)
    case serverGiveUp(InviteServing)
    case pruneAnswered
    case silent(StreamConnection)
  }

  let loop: any EventLoop
  let configuration: SIPEndpointConfiguration
  var handler: (any SIPRequestHandler)?
  var socket: DatagramSocket?
  var isIPv6 = false
  var local: SIPHostPort
  /// Where TLS is listened for.
  var secureLocal: SIPHostPort
  var isStopped = false

  var plainServers: [SIPTransactionKey: PlainServerTransaction] = [:]
  var inviteServers: [SIPTransactionKey: InviteServing] = [:]
  var invitesByCall: [SIPTransactionKey: InviteServing] = [:]
  var answered = AnsweredQueue()
  var prunes = false

  var clients: [SIPTransactionKey: ClientTransaction] = [:]
  var clientsByCall: [SIPTransactionKey: ClientTransaction] = [:]

  var connections: [SIPConnectionID: StreamConnection] = [:]
  var connectionsByPeer: [SIPHostPort: StreamConnection] = [:]
  var connecting: [SIPHostPort: [() -> Void]] = [:]
  var nextConnection: UInt64 = 1
  var streamBytes = 0

  var timers = TimerQueue<TimerEvent>()
  private var armed: (deadline: UInt64, task: Scheduled<Void>)?
  var counters = SIPCounters()
  var junk: JunkMeter
  var random = RandomPool()

  /// Responses of the datagrams that are being read; see ``answer(_:on:)``.
  private let outbox = DatagramOutbox()
  private var isReading = false

  init(loop: any EventLoop, configuration: SIPEndpointConfiguration) {
    self.loop = loop
    self.configuration = configuration
    local = SIPHostPort(host: configuration.host, port: configuration.port)
    secureLocal = SIPHostPort(host: configuration.tls?.host ?? "", port: configuration.tls?.port ?? 0)
    junk = JunkMeter(limit: configuration.junkPerSource)
  }

  var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

  /// Whether the loop still takes work from other threads.
  private let gate = Mutex(true)

  /// Runs `body` on the loop: at once when already there.
  ///
  /// - Returns: false when the loop has ended; `body` is not run then.
  @discardableResult
  func submit(_ body: @escaping @Sendable () -> Void) -> Bool {
    if loop.inEventLoop {
      body()
      return true
    }
    return gate.withLock { isOpen in
      if isOpen { loop.execute(body) }
      return isOpen
    }
  }

  /// Nothing is submitted any more; the loop may be shut down.
  func closeGate() { gate.withLock { $0 = false } }

  func snapshot() -> SIPCounters {
    loop.assertInEventLoop()
    var result = counters
    result.connections = connections.count
    result.clientTransactions = clients.count
    result.serverTransactions = plainServers.count + inviteServers.count
    return result
  }

  // MARK: Timers

  func arm(_ event: TimerEvent, after delay: Duration) {
    let deadline = now + delay.span
    timers.add(event, at: deadline)
    schedule()
  }

  private func schedule() {
    guard let next = timers.next, !isStopped else { return }
    if let armed, armed.deadline <= next { return }
    armed?.task.cancel()
    let task = loop.scheduleTask(deadline: .uptimeNanoseconds(next)) { self.fireTimers() }
    armed = (next, task)
  }

  private func fireTimers() {
    armed = nil
    let moment = now
    while let event = timers.pop(until: moment) { fire(event) }
    schedule()
  }

  private func fire(_ event: TimerEvent) {
    switch event {
    case .resend(let client): perform(client.machine.resendTimerFired(), client)
    case .giveUp(let client): perform(client.machine.giveUpTimerFired(), client)
    case .linger(let client): perform(client.machine.lingerTimerFired(), client)
    case .inviteResend(let call): perform(call.machine.resendTimerFired(), call)
    case .inviteGiveUp(let call): perform(call.machine.giveUpTimerFired(), call)
    case .inviteLinger(let call): perform(call.machine.lingerTimerFired(), call)
    case .abandon(let call): perform(call.machine.abandon(), call)
    case .expire(let client): expire(client)
    case .repeatFinal(let serving): perform(serving.machine.repeatTimerFired(), serving)
    case .serverGiveUp(let serving): perform(serving.machine.giveUpTimerFired(), serving)
    case .pruneAnswered: pruneAnswered()
    case .silent(let connection): closeIfSilent(connection)
    }
  }

  // MARK: Sending

  /// Sends a response: at once, or with the others when all that was read with its request is answered.
  ///
  /// One that cannot be sent is asked for again by the retransmission of the request.
  func answer(_ bytes: [UInt8], on path: SIPPath) {
    guard isReading, case .datagram(let address, _) = path else {
      _ = transmit(bytes, on: path)
      return
    }
    if !outbox.add(bytes, to: address) {
      sendOutbox()
      guard outbox.add(bytes, to: address) else {
        _ = transmit(bytes, on: path)
        return
      }
    }
    trace(.outgoing, path, bytes)
    counters.datagramsOut += 1
  }

  /// Datagrams are being read: their answers wait for each other until ``finishedReading()``.
  func beganReading() { isReading = true }

  func finishedReading() {
    isReading = false
    sendOutbox()
  }

  private func sendOutbox() {
    guard !outbox.isEmpty, let socket else { return }
    counters.sendFailures += UInt64(outbox.send(on: socket))
  }

  /// - Returns: nil, or why the bytes could not be sent.
  func transmit(_ bytes: [UInt8], on path: SIPPath) -> String? {
    trace(.outgoing, path, bytes)
    switch path {
    case .datagram(let address, _):
      guard let socket else { return "endpoint stopped" }
      // What was said before stays before.
      sendOutbox()
      counters.datagramsOut += 1
      let failure = socket.send(bytes, to: address)
      guard failure != 0 else { return nil }
      counters.sendFailures += 1
      return DatagramSocket.text(failure)
    case .stream(let connection):
      guard connection.send(bytes) else {
        counters.sendFailures += 1
        return "connection closed"
      }
      return nil
    }
  }

  func trace(_ direction: SIPTraceEntry.Direction, _ path: SIPPath, _ bytes: @autoclosure () -> [UInt8]) {
    guard let onTrace = configuration.onTrace else { return }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let moment = WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    onTrace(
      SIPTraceEntry(
        direction: direction, transport: path.transport, remote: path.remote, time: moment, bytes: bytes()))
  }

  /// The address to write into messages to `host`.
  func localHost(towards host: String) -> String {
    LocalAddress.choose(configuration, towards: host)
  }

  func shutDown() {
    loop.assertInEventLoop()
    isStopped = true
    armed?.task.cancel()
    armed = nil
    timers.removeAll()
    let waiting = Array(clients.values)
    clients = [:]
    clientsByCall = [:]
    for client in waiting {
      let report = client.report
      client.report = nil
      report?(.transportError("endpoint stopped"))
    }
    plainServers = [:]
    inviteServers = [:]
    invitesByCall = [:]
    answered = AnsweredQueue()
    for connection in connections.values { connection.close() }
    socket = nil
    handler = nil
  }
}

/// Picks the address to write into messages.
enum LocalAddress {
  static func choose(_ configuration: SIPEndpointConfiguration, towards host: String) -> String {
    let bound = configuration.host
    if !configuration.advertised.isEmpty {
      let routed = HostText.isUnspecified(bound) ? RoutedAddress.local(towards: host) : bound
      return RoutedAddress.advertised(configuration.advertised, routed: routed, peer: host) ?? bound
    }
    guard HostText.isUnspecified(bound) else { return bound }
    return RoutedAddress.local(towards: host) ?? "127.0.0.1"
  }
}
