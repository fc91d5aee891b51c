import Cryptography
import LogTree
import Testing

@testable import AccessLog

@Suite("The witness") struct WitnessTests {
  private let hasher = LogHasher(sha256: sha256)
  private let key = SigningKey()

  private func log(_ count: Int, seed: UInt8 = 0) -> (roots: [LogHash], nodes: [LogPlace: LogHash]) {
    var frontier = LogFrontier()
    var nodes: [LogPlace: LogHash] = [:]
    var roots = [frontier.root(hasher)]
    for index in 0..<count {
      frontier.append(hasher.leaf([seed, UInt8(index)]), hasher: hasher) { nodes[$0] = $1 }
      roots.append(frontier.root(hasher))
    }
    return (roots, nodes)
  }

  private func note(_ origin: String, _ size: Int, _ root: LogHash, signer: SigningKey? = nil) throws
    -> SignedNote
  {
    let signer = signer ?? key
    var note = try #require(SignedNote(body: Checkpoint(origin: origin, size: UInt64(size), root: root).body))
    let verifier = try #require(NoteVerifier(name: origin, key: signer.publicKey, hasher: hasher))
    note.signatures = [
      .init(name: origin, keyID: verifier.keyID, bytes: signer.sign(Array(note.body.utf8)))
    ]
    return note
  }

  private func witness(_ known: [Witness.Memory] = []) throws -> Witness {
    let verifier = try #require(NoteVerifier(name: "city", key: key.publicKey, hasher: hasher))
    return Witness(keys: ["city": verifier], known: known, hasher: hasher) {
      SigningKey.verify($0, of: $1, by: $2)
    }
  }

  @Test("a log that grows is cosigned, from what was remembered as well")
  func grows() throws {
    let log = log(40)
    var witness = try witness()
    var last = 0
    for size in [3, 3, 8, 21, 40] {
      let proof = try LogProof.consistency(from: UInt64(last), to: UInt64(size), hasher: hasher) {
        log.nodes[$0]
      }
      let request = Witness.Request(
        old: UInt64(last), proof: proof, note: try note("city", size, log.roots[size]))
      #expect(Witness.Request(text: request.text) == request)
      guard case .accept(let memory) = witness.add(request) else {
        Issue.record("\(size) was not accepted")
        return
      }
      #expect(
        memory.size == UInt64(size) && memory.root == log.roots[size] && memory.note == request.note.text)
      #expect(witness.latest("city") == memory)
      witness = try self.witness([memory])
      last = size
    }
  }

  @Test("a shorter, forked, foreign or unsigned log is refused, and what was known stays")
  func refuses() throws {
    let (log, forged) = (log(40), log(40, seed: 1))
    let known = Witness.Memory(origin: "city", size: 20, root: log.roots[20], note: "")
    var witness = try witness([known])
    func proof(_ nodes: [LogPlace: LogHash]) throws -> [LogHash] {
      try LogProof.consistency(from: 20, to: 30, hasher: hasher) { nodes[$0] }
    }
    let honest = try proof(log.nodes)
    #expect(
      witness.add(.init(old: 0, proof: [], note: try note("city", 10, log.roots[10]))) == .conflict(size: 20))
    #expect(
      witness.add(.init(old: 20, proof: honest, note: try note("city", 30, forged.roots[30])))
        == .forked(known: known))
    #expect(
      witness.add(
        .init(old: 20, proof: try proof(forged.nodes), note: try note("city", 30, forged.roots[30])))
        == .forked(known: known))
    #expect(
      witness.add(.init(old: 20, proof: [], note: try note("city", 20, forged.roots[20])))
        == .forked(known: known))
    #expect(
      witness.add(.init(old: 0, proof: [], note: try note("county", 3, log.roots[3]))) == .unknownOrigin)
    #expect(
      witness.add(
        .init(old: 20, proof: honest, note: try note("city", 30, log.roots[30], signer: SigningKey())))
        == .notSigned)
    #expect(
      witness.add(.init(old: 31, proof: honest, note: try note("city", 30, log.roots[30]))) == .malformed)
    #expect(witness.latest("city") == known)
    witness.distrust("city")
    #expect(
      witness.add(.init(old: 20, proof: honest, note: try note("city", 30, log.roots[30]))) == .unknownOrigin)
    let verifier = try #require(NoteVerifier(name: "city", key: key.publicKey, hasher: hasher))
    witness.trust("city", verifier)
    guard case .accept = witness.add(.init(old: 20, proof: honest, note: try note("city", 30, log.roots[30])))
    else {
      Issue.record("the honest head was not accepted")
      return
    }
    for wrong in ["", "old 1\n\n", "old 01\n\nx", "new 1\n\n— a"] {
      #expect(Witness.Request(text: wrong) == nil)
    }
  }
}
