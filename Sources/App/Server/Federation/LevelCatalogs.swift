import Federation
import GBCore

/// Comparing catalogs between two levels of our kind (decisions 0016 and 0017): the upper asks for the digest of what
/// is shared with it, then for the items of the buckets that differ.
struct LevelCatalogs: Sendable {
  private struct Nothing: Codable, Sendable {}

  private struct DigestAnswer: Codable, Sendable {
    /// ``CatalogDigest/text``.
    let digest: String
  }

  private struct ItemsQuestion: Codable, Sendable {
    /// The number that the parts of the answer carry.
    let sn: Int
    let buckets: [Int]
  }

  private struct ItemsAnswer: Codable, Sendable {
    /// Whether they will come.
    let willCome: Bool
  }

  private static let digestKind = "catalog.digest"
  private static let itemsKind = "catalog.items"

  let levels: LevelMessages

  /// What ``LowerCatalogs`` asks with.
  var peers: LowerCatalogs.Peers {
    LowerCatalogs.Peers(
      knows: { levels.isEnrolled(.lower($0)) },
      digest: { device in
        let answer = try? await levels.ask(
          .lower(device), Self.digestKind, Nothing(), as: DigestAnswer.self,
          within: .seconds(60))
        return answer.flatMap { CatalogDigest($0.digest) }
      },
      items: { device, sn, buckets in
        let answer = try? await levels.ask(
          .lower(device), Self.itemsKind, ItemsQuestion(sn: sn, buckets: buckets), as: ItemsAnswer.self)
        return answer?.willCome ?? false
      })
  }

  /// Answers those above.
  func answer(with superiors: SuperiorService) {
    levels.handle(Self.digestKind, Nothing.self) { peer, _ in
      guard peer.role == .superior, let superior = superiors.entry(peer.id),
        let digest = await superiors.views.digest(
          peer.id, edition: superior.edition ?? superior.account.superior.edition)
      else { throw LevelRefusal("nothing-shared", "Nothing is shared with this level.") }
      return DigestAnswer(digest: digest.text)
    }
    levels.handle(Self.itemsKind, ItemsQuestion.self) { peer, question in
      let known = 0..<CatalogDigest.bucketCount
      guard question.buckets.count <= known.count, question.buckets.allSatisfy({ known.contains($0) }) else {
        throw LevelRefusal("malformed", "There are buckets 0 to 255.")
      }
      guard peer.role == .superior else { throw LevelRefusal("nothing-shared") }
      return ItemsAnswer(
        willCome: await superiors.tell(buckets: Set(question.buckets), sn: question.sn, to: peer.id))
    }
  }
}
