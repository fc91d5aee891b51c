import Access
import Federation
import GBCore
import HTTPAPI
import LogTree
import MediaTime
import Registry

/// Levels of our kind: keys, enrolment, and who witnesses whose log.
extension Platform {
  func levels() async throws -> API.Levels {
    guard let own = services.book.own.first else { throw Problem.internal }
    let connected = Set(services.levelRoutes.connected)
    let above = services.superiors.all.map { LevelPeer.superior($0.account.superior.id) }
    let below = directory.devices.map(\.id).filter(\.isPlatform).map { LevelPeer.lower($0) }
    let known = Set(above + below + services.book.neighbours.map(\.peer))
    return API.Levels(
      key: own.key.id, made: API.Time(own.made),
      items: known.sorted().map { resource($0, isConnected: connected.contains($0)) })
  }

  func levelVisitors() async throws -> [API.LevelVisitor] {
    services.book.visitors.map {
      API.LevelVisitor(
        person: $0.person.description, organisation: $0.organisation?.description, name: $0.name,
        neighbour: $0.neighbour.id.text, seen: API.Time($0.seen))
    }
  }

  func makeEnrolmentCode(_ neighbour: API.EnrolmentFor, by caller: Caller) async throws -> API.EnrolmentCode {
    let peer = try peer(neighbour.id, neighbour.role)
    let (code, expires) = try await services.enrolment.makeCode(for: peer, by: caller.principal.name)
    return API.EnrolmentCode(code: code, expires: API.Time(expires))
  }

  func enrol(_ code: API.EnrolmentCode, by caller: Caller) async throws -> API.Level {
    let neighbour = try await services.enrolment.enter(code.code, by: caller.principal.name)
    return resource(neighbour.peer, isConnected: true)
  }

  func rotateLevelKey(by caller: Caller) async throws -> API.Levels {
    _ = try await services.enrolment.rotate(by: caller.principal.name)
    return try await levels()
  }

  func revokeLevel(_ id: String, role: String, by caller: Caller) async throws -> API.Level {
    let peer = try peer(id, role)
    _ = try await services.enrolment.revoke(peer, by: caller.principal.name)
    return resource(peer, isConnected: services.levelRoutes.connected.contains(peer))
  }

  func logWitnesses() async throws -> [API.LogWitness] {
    services.heads.all.map { head, cosigned in
      API.LogWitness(
        id: head.peer.id.text, role: head.peer.role.rawValue, origin: head.origin, entries: head.size,
        root: LogHash(head.root)?.description ?? "", seen: API.Time(head.seen),
        forked: head.fork.map { API.Time($0.at) }, witnessed: cosigned?.size,
        witnessedAt: cosigned.map { API.Time($0.at) })
    }
  }

  /// Who asks, as the next level is told.
  func looker(_ operation: AccessOperation, _ key: ChannelKey, by caller: Caller) -> Looker {
    let question = AccessQuestion(
      asker: rights.asker(caller.principal), operation: operation, channel: rights.facts(key),
      purpose: rights.stated(caller.stated, by: caller.principal), moment: SystemClock.wall())
    return services.book.looker(question, name: caller.principal.name, role: caller.principal.role)
  }

  private func peer(_ id: String, _ role: String) throws -> LevelPeer {
    guard let code = DeviceID(id), let role = LevelPeer.Role(rawValue: role) else {
      throw Problem.invalid("“id” is a platform's code, “role” superior or lower.")
    }
    return LevelPeer(role, code)
  }

  private func resource(_ peer: LevelPeer, isConnected: Bool) -> API.Level {
    let name =
      peer.role == .superior
      ? services.superiors.entry(peer.id)?.account.superior.name : directory.device(peer.id)?.name
    var level = API.Level(
      id: peer.id.text, role: peer.role.rawValue, name: name ?? peer.id.text, connected: isConnected,
      state: "stranger")
    guard let neighbour = services.book.neighbour(peer) else { return level }
    let keys = neighbour.keys
    level.state = keys.revoked == nil ? "enrolled" : "revoked"
    level.enrolled = API.Time(keys.enrolled)
    (level.revoked, level.revokedBy) = (keys.revoked.map { API.Time($0.at) }, keys.revoked?.by)
    level.key = keys.current.id
    level.formerUntil = keys.former.first.map { API.Time($0.until) }
    level.knowsOurKey = neighbour.knows == services.book.own.first?.key.id
    return level
  }

  /// What passes between levels.
  func addLevels(to text: inout PrometheusText) {
    let neighbours = services.book.neighbours
    text.gauge(
      "tributary_levels", "Neighbours of our kind.", Double(neighbours.count { $0.keys.revoked == nil }),
      ["state": "enrolled"])
    text.gauge(
      "tributary_levels", "Neighbours of our kind.", Double(neighbours.count { $0.keys.revoked != nil }),
      ["state": "revoked"])
    let messages = services.levels.figures
    text.counter(
      "tributary_level_messages_sent_total", "Messages to levels of our kind.", Double(messages.sent))
    text.counter(
      "tributary_level_messages_received_total", "Questions and notices of levels of our kind.",
      Double(messages.received))
    for (reason, count) in messages.refused.sorted(by: { $0.key < $1.key }) {
      text.counter(
        "tributary_level_messages_refused_total", "Messages between levels that were refused.", Double(count),
        ["reason": reason])
    }
    for (reason, count) in messages.failed.sorted(by: { $0.key < $1.key }) {
      text.counter(
        "tributary_level_questions_failed_total", "Questions to levels without an answer.", Double(count),
        ["reason": reason])
    }
    let tokens = services.book.tokenFigures
    text.counter(
      "tributary_level_tokens_issued_total", "Tokens made for levels below.", Double(tokens.issued))
    text.counter("tributary_level_tokens_accepted_total", "Tokens of levels above.", Double(tokens.accepted))
    for (reason, count) in tokens.refused.sorted(by: { $0.key < $1.key }) {
      text.counter(
        "tributary_level_refused_total", "Tokens, seals and enrolments that were refused.", Double(count),
        ["reason": reason])
    }
    let (up, down) = (services.upward.figures, services.downward.figures)
    text.gauge("tributary_level_looks", "Looks that go on.", Double(up.open), ["way": "from-above"])
    text.gauge("tributary_level_looks", "Looks that go on.", Double(down.open), ["way": "below"])
    text.counter(
      "tributary_level_looks_refused_total", "Looks that were refused.", Double(up.refused),
      ["way": "from-above"])
    text.counter(
      "tributary_level_looks_refused_total", "Looks that were refused.", Double(down.refused),
      ["way": "below"])
    text.counter("tributary_level_looks_cut_total", "Looks that the owner ended.", Double(down.cut))
    let heads = services.heads.figures
    text.gauge(
      "tributary_log_neighbours", "Neighbours whose access log is witnessed.", Double(heads.witnessed))
    text.gauge("tributary_log_witnesses", "Neighbours that witnessed this log.", Double(heads.cosigned))
    text.counter(
      "tributary_log_forks_total", "Neighbours' logs that were changed or set back.", Double(heads.forks))
  }
}
