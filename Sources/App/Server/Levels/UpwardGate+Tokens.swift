import Access
import Federation
import GBCore
import LevelCore
import Registry
import SIPCore

extension UpwardGate {
  /// Reads who asks, and why, from tokens where the superior is a level of our kind, and from
  /// `Monitor-User-Identity` where it is not.
  func believe(_ book: LevelBook, _ upward: UpwardLooks, _ downward: DownwardLooks) {
    cover { upward.urgency($0, $1) }
    read { request in
      let peer = LevelPeer.superior(request.superior.id)
      let header = request.message.headers
      guard case .anyOf(let operations) = request.act.need,
        request.message.method == .invite || request.message.method == .message
      else { return .success(UpwardStatement(plain: request.message)) }
      // One that was revoked is no foreign platform either.
      guard book.neighbour(peer) != nil else {
        var statement = UpwardStatement(plain: request.message)
        let looker = book.looker(of: request.superior, identity: header[.monitorUserIdentity])
        for operation in operations { downward.note(looker, request.channel, operation) }
        statement.looker = looker
        return .success(statement)
      }
      return Self.statement(request, peer, operations, book, upward, downward)
    }
  }

  private static func statement(
    _ request: UpwardRequest, _ peer: LevelPeer, _ operations: [AccessOperation], _ book: LevelBook,
    _ upward: UpwardLooks, _ downward: DownwardLooks
  ) -> Result<UpwardStatement, UpwardRefusal> {
    do throws(TokenRefusal) {
      let chain = try book.accept(
        request.message.headers[.lookToken], from: peer, about: request.code, operations)
      let bearer = chain.latest.bearer
      var statement = UpwardStatement(
        person: bearer.name, organisation: bearer.organisation, purpose: chain.latest.purpose)
      statement.isCovered = request.act == .live && upward.urgency(peer.id, request.channel) != nil
      statement.visitors = chain.latest.visitors
      let looker = book.looker(chain)
      (statement.looker, statement.basis) = (looker, book.basis(chain, grant: nil))
      for operation in operations { downward.note(looker, request.channel, operation) }
      return .success(statement)
    } catch {
      return .failure(UpwardRefusal(reason: error.rawValue, status: error.status))
    }
  }
}
