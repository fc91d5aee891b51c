import Foundation
import MediaTime
import Testing

@testable import Access

@Suite struct RequestJourneyTests {
  static let now = WallTime(seconds: 1_790_000_000)
  static let visitor = Visitor("34000000002000000001/person/0123456789abcdef")
  static let origin = RequestOrigin(
    neighbour: "34020000002000000001", id: "r0", level: "34000000002000000001", person: "li",
    visitor: visitor, path: ["34000000002000000001"])

  static func request(origin: RequestOrigin? = nil, forward: RequestForward? = nil) -> AccessRequest {
    AccessRequest(
      id: "r1", asker: "li", scope: .list(["a_b"]), operations: [.live, .replay],
      purpose: .init(code: "incident"), until: now + .seconds(86_400), created: now, origin: origin,
      forward: forward)
  }

  static func terms(_ operations: Set<AccessOperation> = [.live], purpose: String = "incident")
    throws -> SignedGrant.Terms
  {
    try #require(
      SignedGrant.Terms(
        id: "g", owner: "34020300002000000001", asker: "34000000002000000001", person: "li",
        channels: ["c"], operations: operations, purpose: purpose, caseNumber: nil, issued: now,
        expires: now + .seconds(3_600), viewers: 2, footage: .seconds(600)))
  }

  static func signed(_ terms: SignedGrant.Terms) -> SignedGrant {
    SignedGrant(terms: terms, key: [1], signature: [2])
  }

  @Test("A signed grant goes through its written form unchanged, and impossible terms are not read")
  func written() throws {
    let signed = Self.signed(try Self.terms([.live, .replay]))
    let text = try JSONEncoder().encode(signed)
    let read = try JSONDecoder().decode(SignedGrant.self, from: text)
    #expect(read == signed && read.terms.message == signed.terms.message)
    let form = String(decoding: text, as: UTF8.self)
    for (part, other) in [
      ("\"replay\"", "\"fly\""), ("\"channels\":[\"c\"]", "\"channels\":[]"),
      ("\"footage\":600", "\"footage\":-1"), ("\"person\":\"li\"", "\"person\":\"\""),
    ] {
      let wrong = form.replacingOccurrences(of: part, with: other)
      #expect(wrong != form)
      #expect(throws: (any Error).self) {
        try JSONDecoder().decode(SignedGrant.self, from: Data(wrong.utf8))
      }
    }
  }

  @Test(
    "At the owner a request of another level becomes a grant for the neighbour that brought it, told once")
  func owner() throws {
    var request = Self.request(origin: Self.origin)
    #expect(request.errands(isGrantOver: false).isEmpty)
    #expect(throws: AccessRequest.Misfit.notYours) { try request.withdraw(by: "li", at: Self.now) }
    // Whoever is called the same here is another person.
    let grant = try request.grant("g", issuer: "i", by: "li", at: Self.now)
    #expect(grant.conditions.visitors == Self.visitor.map { [$0] })
    #expect(grant.grantee == .level(Self.origin.neighbour))
    let told = AccessRequest.Errand.tellDecision(neighbour: Self.origin.neighbour)
    #expect(request.errands(isGrantOver: false) == [told])
    request.done(told)
    #expect(request.errands(isGrantOver: false).isEmpty)
    let ended = AccessRequest.Errand.tellEnd(neighbour: Self.origin.neighbour)
    #expect(request.errands(isGrantOver: true) == [ended])
    request.done(ended)
    #expect(request.errands(isGrantOver: true).isEmpty)
  }

  @Test("On its way a request is nobody's to decide, and the owner's word makes the grant, never a wider one")
  func between() throws {
    let forward = RequestForward(neighbour: "34020300002000000001", channels: ["c"])
    var request = Self.request(origin: Self.origin, forward: forward)
    let ask = AccessRequest.Errand.ask(neighbour: forward.neighbour)
    #expect(request.errands(isGrantOver: false) == [ask])
    request.done(ask)
    #expect(throws: AccessRequest.Misfit.elsewhere) {
      try request.grant("g", issuer: "i", by: "root", at: Self.now)
    }
    #expect(throws: AccessRequest.Misfit.elsewhere) {
      try request.refuse(by: "root", words: "", at: Self.now)
    }
    let wide = try Self.terms([.live, .control])
    let other = try Self.terms(purpose: "patrol")
    for terms in [wide, other] {
      #expect(throws: AccessRequest.Misfit.wider) {
        try request.settle("g", signed: Self.signed(terms), by: "chief", words: "", at: Self.now)
      }
    }
    let grant = try request.settle(
      "g1", signed: Self.signed(try Self.terms()), by: "chief", words: "yes", at: Self.now)
    #expect(grant.grantee == .level(Self.origin.neighbour) && grant.scope == .list(["a_b"]))
    #expect(grant.operations == [.live] && grant.issuer == "34020300002000000001")
    #expect(
      grant.conditions
        == GrantConditions(
          purposes: ["incident"], footage: .recent(.seconds(600)), expires: Self.now + .seconds(3_600),
          viewers: 2, visitors: Self.visitor.map { [$0] }))
    #expect(request.errands(isGrantOver: false) == [.tellDecision(neighbour: Self.origin.neighbour)])
  }

  @Test("Where the person is, the owner's yes is a grant for that person, and a withdrawal travels down")
  func asker() throws {
    let forward = RequestForward(neighbour: "34020300002000000001", channels: ["c"], isDelivered: true)
    var request = Self.request(forward: forward)
    let grant = try request.settle(
      "g1", signed: Self.signed(try Self.terms()), by: "chief", words: "", at: Self.now)
    #expect(grant.grantee == .person("li"))
    #expect(request.errands(isGrantOver: true).isEmpty)
    var withdrawn = Self.request(forward: forward)
    try withdrawn.withdraw(by: "li", at: Self.now)
    let told = AccessRequest.Errand.withdraw(neighbour: forward.neighbour)
    #expect(withdrawn.errands(isGrantOver: false) == [told])
    withdrawn.done(told)
    #expect(withdrawn.errands(isGrantOver: false).isEmpty)
    // What never arrived needs no taking back.
    var unsent = Self.request(forward: RequestForward(neighbour: forward.neighbour, channels: ["c"]))
    try unsent.withdraw(by: "li", at: Self.now)
    #expect(unsent.errands(isGrantOver: false).isEmpty)
  }

  @Test("A neighbour takes back what it brought, nothing else, and what is over stays")
  func neighbours() throws {
    var request = Self.request(origin: Self.origin)
    #expect(throws: AccessRequest.Misfit.notYours) {
      try request.withdraw(byNeighbour: "34020000002000000002", at: Self.now)
    }
    try request.withdraw(byNeighbour: Self.origin.neighbour, at: Self.now)
    #expect(request.state == .withdrawn(at: Self.now) && request.errands(isGrantOver: false).isEmpty)
    #expect(throws: AccessRequest.Misfit.over) {
      try request.settle(refusedBy: "x", words: "", at: Self.now)
    }
    var late = Self.request(origin: Self.origin)
    late.tick(late.deadline)
    #expect(late.errands(isGrantOver: false) == [.tellDecision(neighbour: Self.origin.neighbour)])
  }

  @Test(
    "A signed grant holds for its asker, by its owner's key, until its end, and every changed part breaks it")
  func signed() throws {
    func sum(_ message: [UInt8], _ key: [UInt8]) -> [UInt8] {
      [message.reduce(UInt8(7)) { ($0 &* 31) &+ $1 }] + key
    }
    let terms = try Self.terms()
    let grant = SignedGrant(terms: terms, key: [1, 2], signature: sum(terms.message, [1, 2]))
    func refusal(
      _ grant: SignedGrant, asker: String = terms.asker, person: String = "li", key: [UInt8]? = nil,
      at moment: WallTime = RequestJourneyTests.now
    ) -> SignedGrant.Refusal? {
      do {
        try grant.check(asker: asker, person: person, key: key, at: moment) { signature, message, key in
          signature == sum(message, key)
        }
        return nil
      } catch { return error }
    }
    #expect(refusal(grant) == nil && refusal(grant, key: [1, 2]) == nil)
    #expect(refusal(grant, key: [9, 9]) == .forged)
    #expect(refusal(grant, asker: "34020000002000000001") == .retargeted)
    #expect(refusal(grant, person: "zhao") == .retargeted)
    #expect(refusal(grant, at: terms.expires) == .expired)
    let wider = try Self.terms([.live, .control])
    #expect(refusal(SignedGrant(terms: wider, key: grant.key, signature: grant.signature)) == .forged)
    #expect(Set([terms.message, wider.message]).count == 2)
  }

  @Test("Terms without anything in them, with control characters or without an end are none")
  func terms() throws {
    func make(
      person: String = "li", channels: [String] = ["c"],
      expires: WallTime = RequestJourneyTests.now + .seconds(1)
    )
      -> SignedGrant.Terms?
    {
      SignedGrant.Terms(
        id: "g", owner: "o", asker: "a", person: person, channels: channels, operations: [.live],
        purpose: "patrol", caseNumber: nil, issued: Self.now, expires: expires)
    }
    #expect(make() != nil)
    #expect(make(person: "li\nowner x") == nil && make(person: "") == nil)
    #expect(make(channels: []) == nil && make(channels: [String](repeating: "c", count: 65)) == nil)
    #expect(make(expires: Self.now) == nil)
  }
}
