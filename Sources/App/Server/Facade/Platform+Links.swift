import Access
import Federation
import GBCore
import HTTPAPI
import Logging
import Registry

/// Links to the platforms above and below.
extension Platform {
  private static let mostRate = 1_000_000_000_000

  func links() async throws -> [API.Link] { services.links.links.map { resource($0.link, $0.account) } }

  func declareLink(
    _ id: String, _ declaration: API.LinkDeclaration, by caller: Caller
  ) async throws -> API.Link {
    let link = try link(id)
    let declared = LinkLedger.Declaration(
      capacity: try Self.number(declaration.capacity, "capacity", 1...Self.mostRate),
      reserve: try Self.number(declaration.reserve, "reserve", 0...Self.mostRate) ?? 0)
    guard declared.reserve <= declared.capacity ?? .max else {
      throw Problem.invalid("“reserve” is more than “capacity”.")
    }
    switch link.direction {
    case .up: try await services.superiors.declare(link.peer, declared)
    case .down: try await services.links.save(declared, below: link.peer)
    }
    logger.notice(
      "a link was declared",
      metadata: [
        "link": "\(id)", "capacity": "\(declared.capacity ?? 0)", "user": "\(caller.principal.name)",
        "correlation": "\(caller.correlation)",
      ])
    guard let account = services.links.links.first(where: { $0.link == link })?.account else {
      throw Problem.internal
    }
    return resource(link, account)
  }

  private func link(_ id: String) throws -> LinkLedger.Link {
    let parts = id.split(separator: "-", maxSplits: 1).map(String.init)
    if parts.count == 2, let direction = LinkLedger.Direction(rawValue: parts[0]),
      let peer = DeviceID(parts[1])
    {
      switch direction {
      case .up where services.superiors.entry(peer) != nil: return .init(.up, peer)
      case .down where directory.device(peer) != nil: return .init(.down, peer)
      case .up, .down: break
      }
    }
    throw Problem.notFound("There is no such link.")
  }

  private func resource(_ link: LinkLedger.Link, _ account: LinkLedger.Account) -> API.Link {
    let budget = account.budget
    return API.Link(
      id: "\(link.direction.rawValue)-\(link.peer)", direction: link.direction.rawValue,
      peer: link.peer.text, name: name(of: link), capacity: budget.capacity, reserve: budget.reserve,
      reservePriority: budget.reservePriority, rate: account.rate, counted: budget.used,
      streams: budget.streams.map { API.LinkStream(user: $0.user, priority: $0.priority, rate: $0.rate) },
      refused: account.refused, displaced: account.displaced,
      samples: account.samples.map {
        API.LinkSample(time: API.Time($0.at), rate: $0.rate, streams: $0.streams)
      })
  }

  private func name(of link: LinkLedger.Link) -> String {
    switch link.direction {
    case .up: services.superiors.entry(link.peer)?.account.superior.name ?? link.peer.text
    case .down: directory.device(link.peer)?.name ?? link.peer.text
    }
  }

  /// What every link bears and carries.
  func addLinks(to text: inout PrometheusText) {
    for (link, account) in services.links.links {
      let labels = ["direction": link.direction.rawValue, "peer": link.peer.text]
      text.gauge(
        "tributary_link_bits_per_second", "Pictures over a link, measured.", Double(account.rate), labels)
      text.gauge(
        "tributary_link_streams", "Streams over a link.", Double(account.budget.streams.count), labels)
      if let capacity = account.budget.capacity {
        text.gauge(
          "tributary_link_capacity_bits_per_second", "What a link was declared with.", Double(capacity),
          labels)
        text.gauge(
          "tributary_link_reserve_bits_per_second", "What ordinary streams leave free of a link.",
          Double(account.budget.reserve), labels)
      }
      text.counter(
        "tributary_link_refused_total", "Streams that did not fit a link.", Double(account.refused), labels)
      text.counter(
        "tributary_link_displaced_total", "Streams that lost their place on a link to more urgent ones.",
        Double(account.displaced), labels)
    }
  }
}

extension Problem {
  /// 503: the link bears no more.
  static func linkFull(_ refusal: LinkLedger.Refusal) -> Problem {
    Problem(
      slug: "link-full", status: 503, title: "The link is full", detail: "No room: \(refusal.words()).",
      fix: "Close another picture of that platform, choose the sub-stream, or ask for a higher priority.",
      retryAfter: 10)
  }
}
