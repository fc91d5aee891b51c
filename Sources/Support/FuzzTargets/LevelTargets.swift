import GBCore
import LevelCore
import MediaTime

extension FuzzTarget {
  /// What a neighbour says in envelopes: what is read is written again as the same bytes.
  static let levelEnvelopes = FuzzTarget("level-envelopes", maximumLength: 20_000) { bytes in
    guard let envelope = try? LevelEnvelope(parsing: bytes) else { return }
    precondition(envelope.bytes == bytes && envelope.body.count <= LevelEnvelope.longestPart)
    precondition(envelope.parts.count == 1)
  } seeds: {
    [
      "tributary-level/1 question\nid a1\nkind head\nway up\nfrom 34020000002000000001\nto 34010000002000000001\n"
        + "at 1775003415123\npart 2/3\nseal k:AAAA\n\nold 3\n\nbody",
      "tributary-level/1 refusal\nid b2\nkind look\nway down\nfrom 34010000002000000001\nto 34020000002000000001\n"
        + "at 1775003415123\nanswers a1\nreason not-granted\n\n",
    ].map { Array($0.utf8) }
  }
}
