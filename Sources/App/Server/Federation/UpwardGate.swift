import Access
import Federation
import GBCore
import Logging
import MediaTime
import Registry
import SIPCore
import Synchronization

/// Something that a superior asks about one thing that it sees.
struct UpwardRequest: Sendable {
  let superior: Superior
  /// What it calls the thing.
  let code: DeviceID
  let channel: ChannelKey
  let act: UpwardAct
  /// For recordings: what of them.
  var footage: Range<WallTime>?
  /// As it came, with everything that stands in its head.
  let message: SIPRequest
}

/// What a request says of who asks, and why.
struct UpwardStatement: Sendable, Hashable {
  /// The person, as the superior names it.
  var person: String?
  var organisation: String?
  /// The same as grants may name them; empty without a token.
  var visitors: Set<Visitor> = []
  var purpose = RightsService.levelPurpose
  /// Who looks was asked about and logged one by one; this only carries the picture.
  var isCovered = false
  /// Who looks, for the log and for the levels below; nil where only the superior is known.
  var looker: Looker?
  var basis: LookBasis?

  init(person: String? = nil, organisation: String? = nil, purpose: StatedPurpose? = nil) {
    (self.person, self.organisation) = (person, organisation)
    if let purpose { self.purpose = purpose }
  }

  /// Of a request of plain GB/T 28181: `Monitor-User-Identity`, where it is there.
  init(plain request: SIPRequest) {
    self.init(person: request.headers[.monitorUserIdentity].map { String($0.prefix(128)) })
  }
}

/// What a superior was allowed, and how far.
struct UpwardPermit: Sendable, Hashable {
  /// Asked again while it goes on; nil where that the thing is seen is enough.
  let question: UpwardQuestion?
  let superior: DeviceID
  let channel: ChannelKey
  /// 1…254, of the grant and of the superior's description the lower one.
  let priority: Int
  /// The earliest footage; nil all.
  let earliestFootage: WallTime?
  /// The grant that carries it.
  var grant: String?
  /// How urgent its looks are, 1…254, where the link does not bear everything.
  var linkPriority = LinkUser.ordinaryPriority
  /// Whether it is a call, which counts as a look under its grant while it lasts.
  var isCall = false
  /// Those who look were asked about and logged one by one; the picture goes up while one of them looks.
  var isCovered = false
  /// Who looks, for the log and for the levels below; nil where only the superior is known.
  var looker: Looker?
  var basis: LookBasis?

  /// Who it is in logs.
  var viewer: String { superior.text + (question?.person.map { " " + $0 } ?? "") }
}

/// Why something is not allowed.
struct UpwardRefusal: Error, Sendable, Hashable {
  /// A stable word.
  let reason: String
  /// For requests whose answer is a status.
  var status = 403
}

/// Where everything that superiors ask is allowed or refused: every INVITE, MESSAGE and SUBSCRIBE about a thing comes
/// through ``judge(_:)``, after it was found that the superior sees it.
final class UpwardGate: Sendable {
  struct Figures: Sendable, Hashable {
    var allowed: [UpwardAct: UInt64] = [:]
    var refused: [UpwardAct: UInt64] = [:]
  }

  /// The priority where a grant gives none: that of a program.
  static let usualPriority = 40

  /// How urgent the looks are, 1…254, of those above who were allowed to look at something and still do; nil where
  /// nobody does.
  typealias Cover = @Sendable (_ superior: DeviceID, ChannelKey) -> Int?
  typealias Reading = @Sendable (UpwardRequest) -> Result<UpwardStatement, UpwardRefusal>

  let grants: UpwardGrants
  let journal: UpwardJournal
  private let logger: Logger
  private let reading: Mutex<Reading>
  private let covers = Mutex<Cover>({ _, _ in nil })
  private let state = Mutex(State())

  private struct State {
    var figures = Figures()
    /// Superiors that we are registered with.
    var present: Set<DeviceID> = []
    /// What moves something, by the credential of its grip.
    var moving: [String: UpwardPermit] = [:]
  }

  init(_ grants: UpwardGrants, journal: UpwardJournal, logger: Logger) {
    (self.grants, self.journal, self.logger) = (grants, journal, logger)
    reading = Mutex { .success(UpwardStatement(plain: $0.message)) }
  }

  var figures: Figures { state.withLock { $0.figures } }

  /// Replaces how it is read from a request who asks and why; a failure is its refusal.
  func read(with body: @escaping Reading) { reading.withLock { $0 = body } }

  /// Replaces how it is known whether somebody above was allowed to look at something and still does.
  func cover(with body: @escaping Cover) { covers.withLock { $0 = body } }

  /// Allows or refuses what a superior asks.
  func judge(_ request: UpwardRequest) -> Result<UpwardPermit, UpwardRefusal> {
    let result: Result<UpwardPermit, UpwardRefusal>
    do throws(UpwardRefusal) { result = .success(try permit(request)) } catch { result = .failure(error) }
    state.withLock { state in
      switch result {
      case .success: state.figures.allowed[request.act, default: 0] += 1
      case .failure: state.figures.refused[request.act, default: 0] += 1
      }
    }
    if case .failure(let refusal) = result {
      logger.notice(
        "a superior asked for what it may not have",
        metadata: [
          "superior.id": "\(request.superior.id)", "channel.id": "\(request.channel)",
          "act": "\(request.act.rawValue)", "reason": "\(refusal.reason)",
        ])
      Task { await journal.refused(request, refusal) }
    }
    return result
  }

  private func permit(_ request: UpwardRequest) throws(UpwardRefusal) -> UpwardPermit {
    let statement = try reading.withLock { $0 }(request).get()
    switch request.act.need {
    case .never: throw UpwardRefusal(reason: "never")
    case .sight:
      return UpwardPermit(
        question: nil, superior: request.superior.id, channel: request.channel, priority: 1,
        earliestFootage: nil)
    case .anyOf where statement.isCovered:
      let urgency = covers.withLock { $0 }(request.superior.id, request.channel)
      return UpwardPermit(
        question: nil, superior: request.superior.id, channel: request.channel, priority: 1,
        earliestFootage: nil, linkPriority: urgency ?? LinkUser.ordinaryPriority, isCovered: true)
    case .anyOf(let operations):
      var denial = Denial(.noGrant)
      for operation in operations {
        let question = UpwardQuestion(
          level: request.superior.id, person: statement.person, organisation: statement.organisation,
          visitors: statement.visitors, operation: operation, channel: request.channel,
          purpose: statement.purpose,
          footage: request.footage)
        switch grants.decides(question) {
        case .allowed(let allowance):
          var permit = permit(request, question, allowance)
          (permit.looker, permit.basis) = (statement.looker, statement.basis)
          permit.basis?.grant = allowance.grant
          return permit
        case .denied(let found): denial = .max(denial, found)
        }
      }
      throw UpwardRefusal(reason: denial.reason.rawValue)
    }
  }

  private func permit(_ request: UpwardRequest, _ question: UpwardQuestion, _ allowance: Allowance)
    -> UpwardPermit
  {
    let granted = allowance.priority ?? Self.usualPriority
    var permit = UpwardPermit(
      question: question, superior: request.superior.id, channel: request.channel,
      priority: min(granted, request.superior.controlPriority ?? 254),
      earliestFootage: allowance.earliestFootage, grant: allowance.grant)
    if let priority = allowance.priority { permit.linkPriority = priority }
    permit.isCall = request.act.isCall
    return permit
  }

  /// Whether what was allowed still is.
  func holds(_ permit: UpwardPermit) -> Bool {
    if permit.isCovered { return covers.withLock { $0 }(permit.superior, permit.channel) != nil }
    guard let question = permit.question else { return grants.sees(permit.superior, permit.channel) }
    return grants.holds(question, permit.isCall ? permit.grant : nil)
  }

  /// Whether a superior may look at something, and so be told what happens there.
  func mayLook(_ superior: DeviceID, _ channel: ChannelKey) -> Bool {
    grants.holds(
      UpwardQuestion(
        level: superior, operation: .live, channel: channel, purpose: RightsService.levelPurpose), nil)
  }

  // MARK: What goes on without a call

  /// The registration with a superior stands, or is gone.
  func note(_ superior: DeviceID, isPresent: Bool) {
    state.withLock { state in
      if isPresent {
        state.present.insert(superior)
      } else {
        state.present.remove(superior)
        state.moving = state.moving.filter { $0.value.superior != superior }
      }
    }
  }

  /// Names what a superior moves, so that it ends with the registration and with the grant.
  func credential(_ permit: UpwardPermit) -> String {
    let name = "superior/\(permit.superior)/\(permit.channel)"
    state.withLock { $0.moving[name] = permit }
    return name
  }

  /// Whether a credential of ours is still good; nil for one that is not ours.
  func isGood(_ credential: String) -> Bool? {
    guard credential.hasPrefix("superior/") else { return nil }
    let permit = state.withLock { state in
      state.moving[credential].flatMap { state.present.contains($0.superior) ? $0 : nil }
    }
    guard let permit, holds(permit) else {
      state.withLock { state in state.moving[credential] = nil }
      return false
    }
    return true
  }
}

extension Denial {
  /// The one that was nearer to a yes.
  fileprivate static func max(_ left: Denial, _ right: Denial) -> Denial {
    left.reason < right.reason ? right : left
  }
}
