import Federation
import GBCore
import LevelCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// Why a question to a neighbour got no answer.
enum LevelFailure: Error, Sendable, Hashable {
  /// It is not registered here, or we are not registered there.
  case notConnected
  /// It is no level of our kind that was enrolled; it is not spoken to.
  case notEnrolled
  /// It did not answer in time.
  case noAnswer
  /// Its SIP side refused with this status.
  case refused(status: Int)
  /// It answered that it will not, with a code and a sentence.
  case declined(code: String, text: String)
  /// The body is longer than a neighbour takes.
  case tooLong
  /// Too many questions to it wait already, or it said that it has too much to do.
  case busy
  /// What came was no answer to this question.
  case malformed
  /// Whoever asked went away.
  case cancelled
}

/// What a handler throws to decline: a code for programs, and a sentence.
struct LevelRefusal: Error, Sendable, Hashable {
  let code: String
  let text: String

  init(_ code: String, _ text: String = "") { (self.code, self.text) = (code, text) }
}

/// Whom we speak to in this way, and how what is said is proved.
struct LevelTrust: Sendable {
  /// Whether the neighbour is a level of our kind that was enrolled.
  var isEnrolled: @Sendable (LevelPeer) -> Bool
  /// Whether a message may pass before that: the kinds of enrolment alone.
  var isOpen: @Sendable (_ kind: String) -> Bool = { _ in false }
  /// The seal of what is sent; nil when there is none.
  var seal: @Sendable (LevelEnvelope, LevelPeer) -> String? = { _, _ in nil }
  /// Why what came is not believed; nil when it is.
  var objection: @Sendable (LevelEnvelope, LevelPeer) -> LevelRefusal? = { _, _ in nil }

  /// Nobody.
  static let none = LevelTrust(isEnrolled: { _ in false })
}

/// Messages between two levels of our kind, in both directions: questions with a deadline, and notices (decision 0017).
///
/// ```text
///   ask ─► MESSAGE (question, in parts when long) ─► 200 at once ─► its handler of that kind
///      ◄─ 200                                      ◄─ MESSAGE (answer or refusal)
/// ```
///
/// A neighbour that was never enrolled is sent nothing of this, and what comes from one is refused: 403 from somebody
/// who is no neighbour, 415 from one that is a stranger to it.
final class LevelMessages: Sendable {
  /// Answers a question of a neighbour; what it returns for a notice is not sent.
  ///
  /// Throw ``LevelRefusal`` to decline.
  typealias Handler = @Sendable (_ peer: LevelPeer, _ body: [UInt8]) async throws -> [UInt8]

  struct Limits: Sendable {
    /// Questions to one neighbour that wait for their answer.
    var questions = 256
    /// Handlers that run for one neighbour.
    var handlers = 64
    /// How long the SIP side of a neighbour may take.
    var delivery: Duration = .seconds(10)
  }

  struct Figures: Sendable, Hashable {
    var sent: UInt64 = 0
    var received: UInt64 = 0
    /// Questions without an answer, by what became of them.
    var failed: [String: UInt64] = [:]
    /// What was not taken, by why.
    var refused: [String: UInt64] = [:]
  }

  private struct Open {
    let peer: LevelPeer
    let kind: String
    let done: CheckedContinuation<Result<[UInt8], LevelFailure>, Never>
    var deadline: Task<Void, Never>?
  }

  private struct State {
    var handlers: [String: Handler] = [:]
    var open: [String: Open] = [:]
    var running: [LevelPeer: Int] = [:]
    var assembler = LevelAssembler()
    var trust = LevelTrust.none
    var figures = Figures()
  }

  private let routes: any LevelRoutes
  private let limits: Limits
  private let logger: Logger
  private let state = Mutex(State())

  init(routes: any LevelRoutes, limits: Limits = Limits(), logger: Logger) {
    (self.routes, self.limits, self.logger) = (routes, limits, logger)
  }

  /// Says whom we speak to. Call before the SIP port is open.
  func trust(_ trust: LevelTrust) { state.withLock { $0.trust = trust } }

  var figures: Figures { state.withLock { $0.figures } }
  /// Questions that wait for an answer.
  var openCount: Int { state.withLock { $0.open.count } }

  /// Whether a neighbour is of our kind and enrolled.
  func isEnrolled(_ peer: LevelPeer) -> Bool { state.withLock { $0.trust }.isEnrolled(peer) }

  /// Enrolled neighbours that can be spoken to now.
  var neighbours: [LevelPeer] { routes.connected.filter { isEnrolled($0) }.sorted() }

  /// Answers what neighbours say of that kind. Call before the SIP port is open.
  func handle(_ kind: String, _ handler: @escaping Handler) {
    state.withLock { $0.handlers[kind] = handler }
  }

  // MARK: Asking

  /// Asks a neighbour and waits for what it says.
  func ask(
    _ peer: LevelPeer, _ kind: String, _ body: [UInt8], within limit: Duration = .seconds(10)
  ) async throws(LevelFailure) -> [UInt8] {
    let question = try envelope(.question, kind, body, to: peer)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { done in
        let isAdmitted = state.withLock { state in
          guard state.open.values.count(where: { $0.peer == peer }) < limits.questions else { return false }
          state.open[question.id] = Open(peer: peer, kind: kind, done: done)
          return true
        }
        guard isAdmitted else { return done.resume(returning: .failure(.busy)) }
        guard !Task.isCancelled else { return settle(question.id, .failure(.cancelled)) }
        let deadline = Task { [weak self] in
          try? await Task.sleep(for: limit)
          if !Task.isCancelled { self?.settle(question.id, .failure(.noAnswer)) }
        }
        state.withLock { $0.open[question.id]?.deadline = deadline }
        Task {
          if let failure = await self.deliver(question, to: peer) {
            self.settle(question.id, .failure(failure))
          }
        }
      }
    } onCancel: {
      settle(question.id, .failure(.cancelled))
    }
    return try result.get()
  }

  /// Tells a neighbour something; returns once its SIP side has taken it.
  func tell(_ peer: LevelPeer, _ kind: String, _ body: [UInt8]) async throws(LevelFailure) {
    let notice = try envelope(.notice, kind, body, to: peer)
    if let failure = await deliver(notice, to: peer) { throw failure }
  }

  private func settle(_ id: String, _ result: Result<[UInt8], LevelFailure>) {
    let open = state.withLock { state -> Open? in
      guard let open = state.open.removeValue(forKey: id) else { return nil }
      if case .failure(let failure) = result { state.figures.failed[failure.word, default: 0] += 1 }
      return open
    }
    open?.deadline?.cancel()
    open?.done.resume(returning: result)
  }

  private func envelope(
    _ sort: LevelEnvelope.Sort, _ kind: String, _ body: [UInt8], to peer: LevelPeer, answers: String? = nil,
    reason: String? = nil
  ) throws(LevelFailure) -> LevelEnvelope {
    let trust = state.withLock { $0.trust }
    guard trust.isEnrolled(peer) || trust.isOpen(kind) else { throw .notEnrolled }
    guard body.count <= LevelEnvelope.longestBody else { throw .tooLong }
    guard let own = routes.ownCode(towards: peer) else { throw .notConnected }
    guard
      let envelope = LevelEnvelope(
        sort, id: Signalling.token() + Signalling.token(), kind: kind,
        way: peer.role == .superior ? .up : .down,
        from: own, to: peer.id, at: SystemClock.wall(), answers: answers, reason: reason, body: body)
    else { throw .malformed }
    return envelope
  }

  /// Sends an envelope, part by part: the next leaves when the one before was taken.
  private func deliver(_ envelope: LevelEnvelope, to peer: LevelPeer) async -> LevelFailure? {
    let trust = state.withLock { $0.trust }
    for var part in envelope.parts {
      part.seal = trust.seal(part, peer)
      guard let status = await routes.send(part.bytes, to: peer, within: limits.delivery) else {
        return routes.ownCode(towards: peer) == nil ? .notConnected : .noAnswer
      }
      state.withLock { $0.figures.sent += 1 }
      switch status {
      case 200..<300: break
      case 503: return .busy
      default: return .refused(status: status)
      }
    }
    return nil
  }

  // MARK: What comes

  /// Answers a MESSAGE with an envelope in it. Called on the SIP event loop.
  func receive(_ request: SIPRequest, _ source: SIPSource, _ transaction: SIPServerTransaction) {
    guard let envelope = try? LevelEnvelope(parsing: request.body) else {
      return refuse(400, "malformed", request, transaction)
    }
    guard let peer = routes.peer(behind: request, source, envelope.way), envelope.from == peer.id,
      routes.isOwn(envelope.to, towards: peer)
    else { return refuse(403, "stranger", request, transaction) }
    let trust = state.withLock { $0.trust }
    guard trust.isEnrolled(peer) || trust.isOpen(envelope.kind) else {
      return refuse(415, "not-enrolled", request, transaction)
    }
    if let objection = trust.objection(envelope, peer) {
      return refuse(403, objection.code, request, transaction, objection.text)
    }
    switch state.withLock({ $0.assembler.add(envelope, from: peer, now: SystemClock.monotonic()) }) {
    case .waiting:
      transaction.respond(SIPResponse(to: request, status: 200))
    case .whole(let whole): take(whole, peer, request, transaction)
    case .full: refuse(503, "busy", request, transaction)
    case .contradiction: refuse(400, "contradiction", request, transaction)
    }
  }

  private func take(
    _ envelope: LevelEnvelope, _ peer: LevelPeer, _ request: SIPRequest, _ transaction: SIPServerTransaction
  ) {
    switch envelope.sort {
    case .answer, .refusal:
      transaction.respond(SIPResponse(to: request, status: 200))
      answered(envelope, peer)
    case .question, .notice:
      let isAdmitted = state.withLock { state in
        guard state.running[peer, default: 0] < limits.handlers else { return false }
        state.running[peer, default: 0] += 1
        state.figures.received += 1
        return true
      }
      guard isAdmitted else { return refuse(503, "busy", request, transaction) }
      transaction.respond(SIPResponse(to: request, status: 200))
      Task {
        await handle(envelope, peer)
        state.withLock { state in
          let left = (state.running[peer] ?? 1) - 1
          state.running[peer] = left > 0 ? left : nil
        }
      }
    }
  }

  private func answered(_ envelope: LevelEnvelope, _ peer: LevelPeer) {
    let open = state.withLock { state in envelope.answers.flatMap { state.open[$0] } }
    // A late answer, or one of a neighbour that was not asked.
    guard let id = envelope.answers, let open, open.peer == peer, open.kind == envelope.kind else {
      state.withLock { $0.figures.refused["late", default: 0] += 1 }
      return
    }
    if envelope.sort == .answer { return settle(id, .success(envelope.body)) }
    let text = String(decoding: envelope.body, as: UTF8.self)
    settle(id, .failure(.declined(code: envelope.reason ?? "", text: text)))
  }

  private func handle(_ envelope: LevelEnvelope, _ peer: LevelPeer) async {
    let handler = state.withLock { $0.handlers[envelope.kind] }
    var (sort, reason, body) = (LevelEnvelope.Sort.answer, String?.none, [UInt8]())
    do {
      guard let handler else { throw LevelRefusal("unknown-kind", "Nobody here knows “\(envelope.kind)”.") }
      body = try await handler(peer, envelope.body)
    } catch let refusal as LevelRefusal {
      (sort, reason, body) = (.refusal, refusal.code, Array(refusal.text.utf8))
    } catch {
      logger.error(
        "a question of a neighbour could not be answered",
        metadata: ["level": "\(peer)", "kind": "\(envelope.kind)", "error": "\(error)"])
      (sort, reason) = (.refusal, "failed")
    }
    if let reason { state.withLock { $0.figures.refused[reason, default: 0] += 1 } }
    guard envelope.sort == .question else { return }
    do throws(LevelFailure) {
      let reply = try self.envelope(
        sort, envelope.kind, body, to: peer, answers: envelope.id, reason: reason)
      if let failure = await deliver(reply, to: peer) { throw failure }
    } catch {
      logger.notice(
        "an answer did not reach a neighbour",
        metadata: ["level": "\(peer)", "kind": "\(envelope.kind)", "cause": "\(error.word)"])
    }
  }

  private func refuse(
    _ status: Int, _ why: String, _ request: SIPRequest, _ transaction: SIPServerTransaction,
    _ text: String? = nil
  ) {
    state.withLock { $0.figures.refused[why, default: 0] += 1 }
    var response = SIPResponse(to: request, status: status)
    if status == 415 { response.headers.append(.accept, MANSCDPDocument.contentType) }
    response.headers.append(.reason, "SIP;cause=\(status);text=\"\(why)\"")
    transaction.respond(response)
    logger.notice(
      "a message between levels was refused",
      metadata: [
        "peer": "\(request.fromUser ?? "none")", "status": "\(status)", "cause": "\(why)",
        "detail": "\(text ?? "")",
      ])
  }

  /// The neighbour is gone, or is not trusted any more: what waits for it fails now.
  func forget(_ peer: LevelPeer) {
    let waiting = state.withLock { state in
      state.assembler.forget(peer)
      return state.open.filter { $0.value.peer == peer }.map(\.key)
    }
    for id in waiting { settle(id, .failure(.notConnected)) }
  }
}

extension LevelFailure {
  /// For logs and metrics.
  var word: String {
    switch self {
    case .notConnected: "not-connected"
    case .notEnrolled: "not-enrolled"
    case .noAnswer: "no-answer"
    case .refused(let status): "\(status)"
    case .declined: "declined"
    case .tooLong: "too-long"
    case .busy: "busy"
    case .malformed: "malformed"
    case .cancelled: "cancelled"
    }
  }
}
