import MediaTime
import SIPCore
import TestSupport
import Testing
import WireBytes

@testable import GBCore

@Suite struct SignallingDigestTests {
  private let clock = WallTime(seconds: 1_704_159_000)
  private let hash: NoteHash = { algorithm, bytes in
    // One real hash; the others only have to differ.
    algorithm == .md5 ? TestHash.md5(bytes) : TestHash.md5(bytes + Array(algorithm.rawValue.utf8))
  }

  private func message() -> SIPRequest {
    var request = SIPRequest(method: .message, requestURI: "sip:34020000002000000001@3402000000")
    request.headers.append(.from, "<sip:34020000001320000001@3402000000>;tag=11ab")
    request.headers.append(.to, "<sip:34020000002000000001@3402000000>")
    request.headers.append(.callID, "call-1")
    request.headers.append(.cseq, "1 MESSAGE")
    request.body = Array("hello".utf8)
    return request
  }

  @Test("The digest covers From, To, Call-ID, Date, seed and body, in Base64")
  func vector() {
    var digest = SignallingDigest(algorithm: .md5, seed: "seed")
    var request = message()
    digest.sign(&request, clock: clock, hash: hash)
    #expect(request.headers[.date] == "2024-01-02T09:30:00.000")
    #expect(request.headers[.note] == "Digest nonce=\"lC071t5tqUuGOzDtgdeo4w==\", algorithm=MD5")
    digest.scope = .uri
    digest.sign(&request, clock: clock, hash: hash)
    #expect(request.headers[.note]?.contains("sYOWAPy6ATqiu+lIY3yeuQ==") == true)
    #expect(request.headers.values(of: .note).count == 1 && request.headers.values(of: .date).count == 1)
  }

  @Test("What was signed is believed until the clocks are too far apart", arguments: NoteAlgorithm.allCases)
  func roundTrip(algorithm: NoteAlgorithm) throws {
    for scope in SignallingDigest.Scope.allCases {
      let digest = SignallingDigest(algorithm: algorithm, seed: "s", scope: scope, skew: .seconds(600))
      var request = message()
      digest.sign(&request, clock: clock, hash: hash)
      let bytes = request.serialised()
      guard case .request(let received) = try SIPParser.parse(bytes.span) else { return }
      for (seconds, verdict) in [
        (0, SignallingDigest.Verdict.valid), (600, .valid), (-600, .valid), (601, .skew), (-601, .skew),
      ] {
        #expect(digest.verify(received, clock: clock + .seconds(seconds), hash: hash) == verdict)
      }
    }
  }

  @Test("Every change of what is covered, another seed, algorithm or form is found")
  func tampered() {
    let digest = SignallingDigest(algorithm: .sm3, seed: "s")
    var signed = message()
    digest.sign(&signed, clock: clock, hash: hash)
    func verdict(_ digest: SignallingDigest, _ change: (inout SIPRequest) -> Void) -> SignallingDigest.Verdict
    {
      var request = signed
      change(&request)
      return digest.verify(request, clock: clock, hash: hash)
    }
    #expect(verdict(digest) { $0.body.append(32) } == .digest)
    #expect(verdict(digest) { $0.headers.set(.from, "<sip:a@b>") } == .digest)
    #expect(verdict(digest) { $0.headers.set(.to, "<sip:a@b>") } == .digest)
    #expect(verdict(digest) { $0.headers.set(.callID, "other") } == .digest)
    #expect(verdict(digest) { $0.headers.set(.date, "2024-01-02T09:30:00.001") } == .digest)
    #expect(verdict(SignallingDigest(algorithm: .sm3, seed: "t")) { _ in } == .digest)
    #expect(verdict(SignallingDigest(algorithm: .md5, seed: "s")) { _ in } == .algorithm)
    #expect(verdict(digest) { $0.headers.remove(.note) } == .missing)
    #expect(verdict(digest) { $0.headers.remove(.date) } == .missing)
    #expect(verdict(digest) { $0.headers.set(.date, "yesterday") } == .malformed)
    #expect(verdict(digest) { $0.headers.set(.note, "Basic x") } == .malformed)
    #expect(verdict(digest) { $0.headers.set(.note, "Digest algorithm=SM3") } == .malformed)
    #expect(verdict(digest) { $0.headers.set(.note, "Digest nonce=\"x\", algorithm=SM9") } == .algorithm)
    #expect(verdict(digest) { $0.headers.set(.note, "Digest nonce=\"x\"") } == .digest)
    // What a proxy on the way may change is not covered.
    #expect(verdict(digest) { $0.headers.set(.maxForwards, "3") } == .valid)
  }

  @Test(
    "Base64 has padding where it must",
    arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func base64(text: String, expected: String) { #expect(Base64.encode(Array(text.utf8)) == expected) }

  @Test("Names of algorithms are read in any spelling")
  func names() {
    #expect(NoteAlgorithm(name: "sha1") == .sha1 && NoteAlgorithm(name: "SHA-256") == .sha256)
    #expect(NoteAlgorithm(name: "Sm3") == .sm3 && NoteAlgorithm(name: "md4") == nil)
  }
}
