public import GBCore
public import MediaTime

/// The enrolment codes that were made here, and what becomes of those who use them.
///
/// ```text
///   made ── right proof in time ──► used
///    ├── time over ──► expired
///    └── wrong proof, five times ──► spent
/// ```
public struct EnrolmentBook: Sendable {
  /// Why nobody was enrolled.
  public enum Refusal: String, Error, Sendable, Hashable, CaseIterable {
    case unknownCode = "enrol-unknown-code"
    case usedCode = "enrol-used-code"
    case expiredCode = "enrol-expired-code"
    /// Too many wrong proofs.
    case spentCode = "enrol-spent-code"
    /// The code was made for somebody else.
    case wrongNeighbour = "enrol-wrong-neighbour"
    case wrongProof = "enrol-wrong-proof"

    /// One sentence for people.
    public var text: String {
      switch self {
      case .unknownCode: "This code was not made there, or long ago."
      case .usedCode: "This code was used before."
      case .expiredCode: "This code has expired."
      case .spentCode: "This code was tried too often."
      case .wrongNeighbour: "This code was made for another platform."
      case .wrongProof: "The proof does not belong to this code."
      }
    }
  }

  /// Keyed hash of a message.
  public typealias MAC = @Sendable (_ message: [UInt8], _ key: [UInt8]) -> [UInt8]

  /// What the side that enters a code sends.
  public struct Claim: Sendable, Hashable {
    /// Which code (``EnrolmentBook/name(of:mac:)``).
    public var code: String
    /// Its own key.
    public var key: [UInt8]
    public var nonce: [UInt8]
    public var proof: [UInt8]

    public init(code: String, key: [UInt8], nonce: [UInt8], proof: [UInt8]) {
      (self.code, self.key, self.nonce, self.proof) = (code, key, nonce, proof)
    }
  }

  private struct Made {
    let code: EnrolmentCode
    let peer: LevelPeer
    let expires: WallTime
    var isUsed = false
    var failures = 0
  }

  /// Codes that are remembered; the oldest goes first.
  public static let mostCodes = 64
  /// Wrong proofs that end a code.
  public static let mostFailures = 5
  /// How long a code is good.
  public static let life: Duration = .seconds(3_600)
  /// Bytes of a nonce.
  public static let nonceLength = 16

  private let mac: MAC
  private let isEqual: @Sendable ([UInt8], [UInt8]) -> Bool
  private var codes: [String: Made] = [:]
  private var order: [String] = []
  public private(set) var refusals: [Refusal: UInt64] = [:]

  /// - Parameter isEqual: in a time that does not depend on the bytes.
  public init(mac: @escaping MAC, isEqual: @escaping @Sendable ([UInt8], [UInt8]) -> Bool) {
    (self.mac, self.isEqual) = (mac, isEqual)
  }

  /// Codes that can still be used.
  public func open(at moment: WallTime) -> Int { codes.values.count { !$0.isUsed && moment < $0.expires } }

  /// The name of a code, by which nobody can guess its secret.
  public static func name(of code: EnrolmentCode, mac: MAC) -> String {
    Hex.text(mac(Array("tributary-code/1".utf8), code.secret).prefix(8))
  }

  /// Remembers a code that was made for a neighbour.
  public mutating func add(_ code: EnrolmentCode, for peer: LevelPeer, now: WallTime) -> WallTime {
    let name = Self.name(of: code, mac: mac)
    let expires = now + Self.life
    // One code for each neighbour: an earlier one that nobody used ends.
    for (other, made) in codes where made.peer == peer && !made.isUsed {
      codes[other] = nil
      order.removeAll { $0 == other }
    }
    codes[name] = Made(code: code, peer: peer, expires: expires)
    order.append(name)
    if order.count > Self.mostCodes { codes[order.removeFirst()] = nil }
    return expires
  }

  /// Somebody uses a code.
  ///
  /// - Parameters:
  ///   - way: in which it speaks.
  ///   - own: the code under which it knows us.
  ///   - key: our key.
  /// - Returns: the proof that we know the code too, for our key.
  public mutating func accept(
    _ claim: Claim, from peer: LevelPeer, own: DeviceID, key: [UInt8], now: WallTime
  ) throws(Refusal) -> [UInt8] {
    do throws(Refusal) { return try judge(claim, peer, own, key, now) } catch {
      refusals[error, default: 0] += 1
      throw error
    }
  }

  private mutating func judge(
    _ claim: Claim, _ peer: LevelPeer, _ own: DeviceID, _ key: [UInt8], _ now: WallTime
  ) throws(Refusal) -> [UInt8] {
    guard let made = codes[claim.code] else { throw .unknownCode }
    guard !made.isUsed else { throw .usedCode }
    guard now < made.expires else { throw .expiredCode }
    guard made.failures < Self.mostFailures else { throw .spentCode }
    guard made.peer == peer else {
      codes[claim.code]?.failures += 1
      throw .wrongNeighbour
    }
    let expected = Self.proof(of: claim.key, nonce: claim.nonce, from: peer.id, to: own, made.code, mac: mac)
    guard isEqual(claim.proof, expected), claim.nonce.count == Self.nonceLength, claim.key.count == 32 else {
      codes[claim.code]?.failures += 1
      throw .wrongProof
    }
    codes[claim.code]?.isUsed = true
    return Self.answer(with: key, to: claim, from: own, to: peer.id, made.code, mac: mac)
  }

  // MARK: Proofs

  /// What proves that the sender of a key knows the code.
  public static func proof(
    of key: [UInt8], nonce: [UInt8], from: DeviceID, to: DeviceID, _ code: EnrolmentCode, mac: MAC
  ) -> [UInt8] {
    mac(Array("tributary-enrol/1\n\(from)\n\(to)\n\(Hex.text(key))\n\(Hex.text(nonce))\n".utf8), code.secret)
  }

  /// What proves that the answering side knows it too, and has got this claim.
  public static func answer(
    with key: [UInt8], to claim: Claim, from: DeviceID, to: DeviceID, _ code: EnrolmentCode, mac: MAC
  ) -> [UInt8] {
    let text =
      "tributary-enrolled/1\n\(from)\n\(to)\n\(Hex.text(key))\n\(Hex.text(claim.key))\n\(Hex.text(claim.nonce))\n"
    return mac(Array(text.utf8), code.secret)
  }
}
