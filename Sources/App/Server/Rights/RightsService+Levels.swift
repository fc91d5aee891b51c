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

  /// The grants for platforms above, for their catalogs and for everything else that they ask.
  var upward: UpwardGrants {
    UpwardGrants(
      sees: { [self] level, channel in
        let (facts, now) = (facts(channel), SystemClock.wall())
        return state.withLock { $0.book.shows(facts, to: Asker(level: level.text), at: now) }
      },
      decides: { [self] question in decide(self.question(question)) },
      holds: { [self] question, grant in holds(self.question(question), under: grant) })
  }

  private func question(_ asked: UpwardQuestion) -> AccessQuestion {
    AccessQuestion(
      asker: Asker(
        person: asked.person, organisations: asked.organisation.map { [$0] } ?? [], level: asked.level.text,
        visitors: asked.visitors),
      operation: asked.operation, channel: facts(asked.channel), purpose: asked.purpose,
      footage: asked.footage, moment: SystemClock.wall())
  }
}
