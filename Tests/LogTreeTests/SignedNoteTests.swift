import Cryptography
import Testing
import WireBytes

@testable import LogTree

@Suite("Signed notes and checkpoints") struct SignedNoteTests {
  private static let key = Log.bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
  private static let vkey = "recorder-1.example/log+85c4bf69+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
  private static let text = """
    recorder-1.example/log
    8
    XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

    — recorder-1.example/log hcS/abMHVihWoT3NBg6X9oZZLOSg35dEBJwCrWLpMEgsgooFh6V7ldF1hfL02AAKr2zdXEBFjjDzBDtQnUHD6BMmxgY=
    — witness-1.example bpU76AAAAABpzGcXMCw/nhcsdq4O1bNXShtKh+rFy0puhmWiyRjtjjxosrHizHYnEZ9CdvZ1acNQgQxSeI8wMonmB/LmysWLTWSmBA==

    """

  @Test("a key is written and read, and its number is that of its bytes")
  func keys() throws {
    let verifier = try #require(NoteVerifier(text: Self.vkey, hasher: Log.hasher))
    #expect(
      verifier.name == "recorder-1.example/log" && verifier.key == Self.key && verifier.keyID == 0x85c4_bf69)
    #expect(verifier.text == Self.vkey)
    let witness = try #require(
      NoteVerifier(name: "witness-1.example", kind: .cosignature, key: Self.key, hasher: Log.hasher))
    #expect(witness.keyID == 0x6e95_3be8)
    for wrong in [
      "", "a+b", "a+85c4bf69+AA==", Self.vkey.replacing("85c4bf69", with: "85c4bf68"),
      Self.vkey.replacing("recorder-1", with: "recorder-2"), Self.vkey.replacing("B1Ea", with: "B1Eb"),
      Self.vkey.replacing("recorder-1.", with: "recorder 1."),
    ] { #expect(NoteVerifier(text: wrong, hasher: Log.hasher) == nil, "\(wrong)") }
  }

  @Test("the published checkpoint is read, and written byte by byte")
  func checkpoint() throws {
    let note = try #require(SignedNote(text: Self.text))
    #expect(note.text == Self.text && note.signatures.count == 2)
    let checkpoint = try #require(Checkpoint(body: note.body))
    #expect(
      checkpoint.origin == "recorder-1.example/log" && checkpoint.size == 8 && checkpoint.extensions.isEmpty)
    #expect(checkpoint.root.description == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
    #expect(checkpoint.body == note.body)
    let verifier = try #require(NoteVerifier(text: Self.vkey, hasher: Log.hasher))
    #expect(note.signatures(of: verifier).map(\.bytes.count) == [64])
    let witness = try #require(
      NoteVerifier(name: "witness-1.example", kind: .cosignature, key: Self.key, hasher: Log.hasher))
    let cosignature = try #require(note.signatures(of: witness).first)
    #expect(cosignature.bytes.count == 72)
    #expect(cosignature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == 1_775_003_415)
    #expect(String(decoding: note.cosigned(at: 5), as: UTF8.self) == "cosignature/v1\ntime 5\n\(note.body)")
    let more = Checkpoint(origin: "o", size: 1, root: checkpoint.root, extensions: ["a b", "c"])
    #expect(Checkpoint(body: more.body) == more)
  }

  @Test("the published checkpoint and its cosignature are those of the published key")
  func signatures() throws {
    let key = try #require(
      SigningKey(seed: Log.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")))
    #expect(key.publicKey == Self.key)
    let note = try #require(SignedNote(text: Self.text))
    #expect(note.signatures[0].bytes == key.sign(Array(note.body.utf8)))
    let time = Array(note.signatures[1].bytes.prefix(8))
    #expect(note.signatures[1].bytes == time + key.sign(note.cosigned(at: 1_775_003_415)))
  }

  @Test("a proof is written and read, and every changed byte of it is found out")
  func proofText() throws {
    let entries = (0..<11).map { [UInt8($0)] }
    let log = Log.build(entries)
    let hashes = try LogProof.inclusion(of: 6, in: 11, hasher: Log.hasher) { log.nodes[$0] }
    let key = SigningKey()
    let verifier = try #require(NoteVerifier(name: "o", key: key.publicKey, hasher: Log.hasher))
    var note = try #require(SignedNote(body: Checkpoint(origin: "o", size: 11, root: log.roots[11]).body))
    note.signatures = [
      .init(name: "o", keyID: verifier.keyID, bytes: key.sign(Array(note.body.utf8)))
    ]
    let proof = LogProofText(extra: entries[6], index: 6, hashes: hashes, note: note)
    #expect(LogProofText(text: proof.text) == proof)
    func holds(_ bytes: [UInt8]) -> Bool {
      guard let text = String(validating: bytes, as: UTF8.self), let proof = LogProofText(text: text),
        let head = Checkpoint(body: proof.note.body), let extra = proof.extra
      else { return false }
      return proof.note.signatures(of: verifier).contains {
        SigningKey.verify($0.bytes, of: Array(proof.note.body.utf8), by: key.publicKey)
      }
        && LogProof.isIncluded(
          Log.hasher.leaf(extra), at: proof.index, in: head.size, root: head.root, proof: proof.hashes,
          hasher: Log.hasher)
    }
    let bytes = Array(proof.text.utf8)
    #expect(holds(bytes))
    for index in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << UInt8(bit)
        #expect(!holds(changed), "byte \(index), bit \(bit)")
      }
    }
    for wrong in ["", "c2sp.org/tlog-proof@v1\n\n", proof.text.replacing("index 6", with: "index 06")] {
      #expect(LogProofText(text: wrong) == nil)
    }
  }

  @Test(
    "what is no note is refused",
    arguments: [
      "", "\n", "a", "a\n", "a\n\n", "\n\n— a AAAAAAA=\n", "a\n\n- a AAAAAAA=\n", "a\n\n— a\n",
      "a\n\n— a AAAAAA==\n",
      "a\n\n— a+b AAAAAAA=\n", "a\n\n— a !!!!\n", "a\u{1}\n\n— a AAAAAAA=\n", "a\n\n— a AAAAAAA=",
    ])
  func notes(_ text: String) { #expect(SignedNote(text: text) == nil) }

  @Test(
    "what is no checkpoint is refused",
    arguments: [
      "o\n8\n", "o\n08\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
      "o\n-1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
      "o\n8\nXcna\n", "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
      "o\n18446744073709551615\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
      "o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n",
      "o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
    ])
  func checkpoints(_ body: String) { #expect(Checkpoint(body: body) == nil) }

  @Test("Base64 comes back, and only in the one way it is written")
  func base64() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    for wrong in ["A", "AA", "AAA", "AB==", "AAB=", "====", "A===", "AA=A", "AA\n=", "-_==", "AA==AAAA"] {
      #expect(Base64.decode(wrong) == nil, "\(wrong)")
    }
  }
}
