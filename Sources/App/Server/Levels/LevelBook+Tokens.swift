import Access
import Cryptography
import Federation
import GBCore
import LevelCore
import MediaTime
import Registry
import Synchronization

/// Who looks, as it goes from level to level.
struct Looker: Sendable, Hashable {
  var bearer: LookToken.Bearer
  /// The tokens it came with; nil for somebody of this level.
  var chain: TokenChain?
  /// The same for platforms that know no tokens: gateways, user and attributes with `-` between them (§2.6), the
  /// latest gateway first.
  var identity: String

  /// Bytes of the header at most.
  static let longestIdentity = 512
}

extension LevelBook {
  /// A token for a neighbour below.
  ///
  /// - Returns: nil when it is not enrolled, or the look has passed too many levels.
  func issue(
    _ looker: Looker, _ operation: AccessOperation, _ channel: DeviceID, to peer: LevelPeer
  ) -> TokenChain? {
    guard isEnrolled(peer), let own = routes.ownCode(towards: peer), let (id, key) = signer(for: peer) else {
      return nil
    }
    let chain = check.issue(
      from: looker.chain, id: Signalling.token() + Signalling.token(), issuer: own, audience: peer.id,
      bearer: looker.bearer, operation: operation, channel: channel, now: SystemClock.wall(), key: id
    ) { key.sign($0) }
    if chain != nil { state.withLock { $0.issued += 1 } }
    return chain
  }

  /// Believes a token of a neighbour above, once.
  ///
  /// - Parameters:
  ///   - channel: what the request that it came with is about, as the neighbour names it.
  ///   - operations: what of it would do.
  func accept(
    _ header: String?, from peer: LevelPeer, about channel: DeviceID, _ operations: [AccessOperation]
  ) throws(TokenRefusal) -> TokenChain {
    do throws(TokenRefusal) {
      guard let header else { throw .missing }
      guard let chain = TokenChain(header: header) else { throw .malformed }
      let own = Set([platform] + (routes.ownCode(towards: peer).map { [$0] } ?? []))
      let stated = operations.first { $0.rawValue == chain.latest.operation }
      guard let operation = stated ?? operations.first else { throw .wrongOperation }
      let now = SystemClock.wall()
      let keys = neighbour(peer)?.keys
      let expected = TokenCheck.Expectation(issuer: peer.id, own: own, channel: channel, operation: operation)
      let token = try check.check(chain, expected, now: now) { id in
        switch keys?.verdict(id, at: now) {
        case .good(let key): .good(key.bytes)
        case .retired: .retired
        case .revoked: .revoked
        case .unknown, nil: .unknown
        }
      }
      let outcome = state.withLock {
        $0.tokens.use(token.id, of: peer.description, until: token.expires + check.tolerance, now: now)
      }
      switch outcome {
      case .new: break
      case .seen: throw .replayed
      case .full: throw .full
      }
      note(chain.latest, from: peer, now)
      return chain
    } catch {
      count(refused: error.rawValue)
      throw error
    }
  }

  /// Who came with good tokens since the start, the latest first: those that a grant can be limited to.
  var visitors: [Guest] { state.withLock { Array($0.guests.values) }.sorted { $0.seen > $1.seen } }

  private func note(_ token: LookToken, from peer: LevelPeer, _ now: WallTime) {
    let visitors = token.visitors
    let person = visitors.first { $0.kind == .person }
    let guest = person.map {
      Guest(
        person: $0, organisation: visitors.first { $0.kind == .organisation }, name: token.bearer.name,
        neighbour: peer, seen: now)
    }
    state.withLock { state in
      state.accepted += 1
      guard let guest else { return }
      if state.guests[guest.person] == nil, state.guests.count >= Self.mostGuests,
        let oldest = state.guests.values.min(by: { $0.seen < $1.seen })
      {
        state.guests[oldest.person] = nil
      }
      state.guests[guest.person] = guest
    }
  }

  /// Who came with a chain, as the next level is to be told.
  func looker(_ chain: TokenChain) -> Looker {
    let bearer = chain.latest.bearer
    let user = [bearer.person, bearer.role ?? ""].filter { !$0.isEmpty }.joined(separator: "-")
    let gateways = (chain.latest.path.map(\.text) + [platform.text]).reversed().joined(separator: "-")
    return Looker(bearer: bearer, chain: chain, identity: gateways + "-" + user)
  }

  /// Somebody whom a platform without tokens speaks for.
  func looker(of superior: Superior, identity: String?) -> Looker {
    let stated = identity.map { String($0.prefix(Looker.longestIdentity / 2)) }
    let name = stated.map { superior.name + " " + $0 } ?? superior.name
    return Looker(
      bearer: LookToken.Bearer(
        person: superior.id.text, name: name, role: Role.machine.rawValue,
        purpose: RightsService.levelPurpose.code), chain: nil,
      identity: platform.text + "-" + (stated ?? superior.id.text))
  }

  /// This platform itself: what nobody in particular asks for.
  var ownLooker: Looker {
    Looker(
      bearer: LookToken.Bearer(
        person: platform.text, name: platform.text, role: Role.machine.rawValue,
        purpose: RightsService.levelPurpose.code), chain: nil, identity: platform.text + "-" + platform.text)
  }

  /// Somebody of this level.
  func looker(_ question: AccessQuestion, name: String, role: Role) -> Looker {
    let purpose = question.purpose
    let person = pseudonym(of: name)
    return Looker(
      bearer: LookToken.Bearer(
        person: person, name: name, organisation: question.asker.organisations.first,
        role: role.rawValue, purpose: purpose?.code, caseNumber: purpose?.caseNumber,
        approver: purpose?.approver, words: purpose?.words, until: purpose?.until), chain: nil,
      identity: "\(platform)-\(person)-\(role.rawValue)")
  }
}

/// What a look that came with a token carries into logs.
struct LookBasis: Sendable, Hashable {
  var grant: String?
  var purpose: String?
  var caseNumber: String?
  var approver: String?
  var organisation: String?
  /// From this level up to the person's own.
  var route: String?
  /// SHA-256 of the token.
  var token: String?
  var role: String?
}

extension LevelBook {
  func basis(_ chain: TokenChain, grant: String?) -> LookBasis {
    let bearer = chain.latest.bearer
    return LookBasis(
      grant: grant, purpose: bearer.purpose, caseNumber: bearer.caseNumber, approver: bearer.approver,
      organisation: bearer.organisation,
      route: ([platform.text] + chain.latest.path.reversed().map(\.text)).joined(separator: ">"),
      token: check.digest(of: chain.latest), role: bearer.role)
  }
}
