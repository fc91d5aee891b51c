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

  /// Tokens of a neighbour, bare and as a header carries them.
  static let lookTokens = FuzzTarget("look-tokens", maximumLength: 8_192) { bytes in
    if let token = LookToken(parsing: bytes) {
      precondition(token.bytes == bytes && (1...LookToken.mostLevels).contains(token.path.count))
    }
    guard let text = String(validating: bytes, as: UTF8.self), let chain = TokenChain(header: text) else {
      return
    }
    precondition(chain.header == text && chain.tokens.count <= LookToken.mostLevels)
  } seeds: {
    let token =
      "tributary-look/1\nid a1\nissuer 34010000002000000001\naudience 34020000002000000001\nperson 5be1c0ff\n"
      + "name Li Wei\norganisation Police\nrole operator\npurpose case\ncase 2026-117\nuntil 1775003475000\n"
      + "operation live\nchannel 34020000001310000001\nissued 1775003415000\nexpires 1775003475000\n"
      + "path 34000000002000000001>34010000002000000001\ninner 00ff\nkey 0123456789abcdef\nsignature AAAA\n"
    let chain = LookToken(parsing: Array(token.utf8)).flatMap { TokenChain([$0, $0]) }
    return [Array(token.utf8), Array((chain?.header ?? "").utf8)]
  }
}
