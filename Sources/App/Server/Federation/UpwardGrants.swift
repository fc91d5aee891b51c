import Access
import Federation
import GBCore
import MediaTime
import Registry

/// A question of a platform above, as the grants see it.
struct UpwardQuestion: Sendable, Hashable {
  var level: DeviceID
  /// Who asks there and of whom, as that platform says; for logs.
  var person: String?
  var organisation: String?
  /// The same as grants may name them; empty without a token.
  var visitors: Set<Visitor> = []
  var operation: AccessOperation
  var channel: ChannelKey
  var purpose: StatedPurpose
  /// For recordings: what of them.
  var footage: Range<WallTime>?
}

/// What the owner granted to the platforms above. Asked often; answers from memory.
struct UpwardGrants: Sendable {
  /// Whether a superior sees a channel in its catalog.
  var sees: @Sendable (_ superior: DeviceID, _ channel: ChannelKey) -> Bool
  /// Decides the beginning of a look, or an order; whoever keeps the log is told.
  var decides: @Sendable (UpwardQuestion) -> AccessDecision
  /// The same again, for a call that goes on under a grant and counts itself; nobody is told.
  var holds: @Sendable (UpwardQuestion, _ grant: String?) -> Bool
}

extension UpwardGrants {
  /// Grants of a test: who may look may do everything.
  init(
    sees: @escaping @Sendable (DeviceID, ChannelKey) -> Bool,
    looks: @escaping @Sendable (DeviceID, ChannelKey) -> Bool
  ) {
    self.init(
      sees: sees,
      decides: { question in
        looks(question.level, question.channel)
          ? .allowed(Allowance(grant: "all", until: nil, priority: nil, earliestFootage: nil))
          : .denied(Denial(.noGrant))
      }, holds: { question, _ in looks(question.level, question.channel) })
  }
}
