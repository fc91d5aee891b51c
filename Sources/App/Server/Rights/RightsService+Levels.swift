import Access
import GBCore
import MediaTime
import Registry
import Synchronization

/// What platforms above may see and look at.
extension RightsService {
  /// The purpose of a platform that states none, as those do that are not of our kind. A grant that is limited to
  /// other purposes does not reach them.
  static let levelPurpose = StatedPurpose(code: "service")

  /// The grants for platforms above, for catalogs and relays. Nobody is told: a catalog is no look, and a relay asks
  /// ``begin(_:_:)`` or ``decide(level:person:organisation:operation:channel:purpose:footage:)`` when it begins.
  var upward: UpwardGrants {
    UpwardGrants(
      sees: { [self] level, channel in
        let (facts, now) = (facts(channel), SystemClock.wall())
        return state.withLock { $0.book.shows(facts, to: Asker(level: level.text), at: now) }
      },
      looks: { [self] level, channel in
        let question = AccessQuestion(
          asker: Asker(level: level.text), operation: .live, channel: facts(channel),
          purpose: Self.levelPurpose, moment: SystemClock.wall())
        return explain(question).0.allowance != nil
      },
      priority: { [self] level, channel in
        let question = AccessQuestion(
          asker: Asker(level: level.text), operation: .live, channel: facts(channel),
          purpose: Self.levelPurpose, moment: SystemClock.wall())
        return explain(question).0.allowance?.priority ?? LinkUser.ordinaryPriority
      })
  }
}
