import WireBytes

/// Makes nonces and says which ones still count (RFC 2617 §3.2.1, §4.3).
///
/// A nonce carries its own age and a keyed digest, so that challenging a
/// stranger stores nothing: a flood of unauthenticated requests fills no table.
/// Only a nonce that was *used* with right credentials is remembered, with its
/// highest count, until it is too old to be used at all.
///
/// ```text
/// issue ──► nonce ──► check ──► (digest right?) ──► consume ──► accepted
///                       │                              │
///                       ▼                              ▼
///                 forged or stale                   replayed      ──► challenge again
/// ```
public struct NoncePolicy: Sendable {
  public enum Verdict: Sendable, Equatable {
    case accepted
    /// Ours, but too old: challenge again with `stale=true`.
    case stale
    /// Ours and young, but this count was used before: challenge again with `stale=true`.
    case replayed
    /// Not made here, or made for somebody else.
    case forged
  }

  private let key: [UInt8]
  private let lifetime: Duration
  private let capacity: Int
  private let hash: DigestFunction
  private var used: [String: UInt64] = [:]
  /// Used nonces in the order of their first use.
  private var order: [(nonce: String, issued: UInt64)] = []
  private var head = 0
  /// Nonces issued up to here are stale: they had to be forgotten to bound the table.
  private var horizon: UInt64?

  /// - Parameters:
  ///   - key: at least 16 random bytes, kept secret.
  ///   - lifetime: how long a nonce may be used.
  ///   - capacity: used nonces remembered at most; the oldest becomes stale when another is needed.
  public init(
    key: [UInt8], lifetime: Duration = .seconds(600), capacity: Int = 65_536, hash: @escaping DigestFunction
  ) {
    self.key = key
    self.lifetime = lifetime
    self.capacity = max(1, capacity)
    self.hash = hash
  }

  /// A nonce for `holder`, the identity that will be checked with it.
  ///
  /// - Parameters:
  ///   - now: time since any fixed origin, never going back.
  ///   - random: 64 random bits: two nonces of one instant differ.
  public func issue(for holder: String, now: Duration, random: UInt64) -> String {
    var nonce: [UInt8] = []
    nonce.reserveCapacity(Self.stampLength + Self.signatureLength)
    Hex.append(Self.milliseconds(now), to: &nonce)
    Hex.append(random, to: &nonce)
    nonce += signature(nonce.span, holder)
    return String(decoding: nonce, as: UTF8.self)
  }

  /// Whether `nonce` is ours, meant for `holder`, and young. Changes nothing.
  public func check(_ nonce: String, for holder: String, now: Duration) -> Verdict {
    guard let issued = issueTime(nonce, holder) else { return .forged }
    return isYoung(issued, now) ? .accepted : .stale
  }

  private func isYoung(_ issued: UInt64, _ now: Duration) -> Bool {
    if let horizon, issued <= horizon { return false }
    let moment = Self.milliseconds(now)
    return issued <= moment && moment - issued <= Self.milliseconds(lifetime)
  }

  /// Takes note that right credentials came with this nonce and count.
  ///
  /// Without a count (no `qop`) a nonce is good for one use.
  public mutating func consume(
    _ nonce: String, count: String?, for holder: String, now: Duration
  ) -> Verdict {
    guard let issued = issueTime(nonce, holder) else { return .forged }
    guard isYoung(issued, now) else { return .stale }
    let value = count.flatMap { UInt64($0, radix: 16) } ?? 0
    if let highest = used[nonce] {
      guard value > highest else { return .replayed }
      used[nonce] = value
      return .accepted
    }
    forgetOld(now)
    used[nonce] = value
    order.append((nonce, issued))
    return .accepted
  }

  /// Used nonces remembered now.
  public var remembered: Int { used.count }

  private mutating func forgetOld(_ now: Duration) {
    let moment = Self.milliseconds(now)
    let limit = Self.milliseconds(lifetime)
    while head < order.count {
      let oldest = order[head]
      let expired = oldest.issued < moment && moment - oldest.issued > limit
      guard expired || used.count >= capacity else { break }
      if !expired { horizon = max(horizon ?? 0, oldest.issued) }
      used[oldest.nonce] = nil
      head += 1
    }
    if head > 1024, head * 2 > order.count {
      order.removeFirst(head)
      head = 0
    }
  }

  /// Digits of the time and the random bits that a nonce begins with.
  private static let stampLength = 32
  /// Digits of the keyed digest that follows: half of the hash.
  private static let signatureLength = 32

  private func issueTime(_ nonce: String, _ holder: String) -> UInt64? {
    let bytes = Array(nonce.utf8)
    guard bytes.count == Self.stampLength + Self.signatureLength else { return nil }
    let span = bytes.span
    let expected = signature(span.extracting(0..<Self.stampLength), holder)
    guard Digest.equal(expected.span, span.extracting(Self.stampLength..<bytes.count)) else { return nil }
    return UInt64(String(decoding: bytes[..<16], as: UTF8.self), radix: 16)
  }

  /// A digest over key, stamp and holder, of which one half is kept back: without it nobody can extend the
  /// digest of a shorter text into that of a longer one, so that one hash does.
  private func signature(_ stamp: Span<UInt8>, _ holder: String) -> [UInt8] {
    var text = key
    text.reserveCapacity(key.count + Self.stampLength + 64)
    for index in 0..<stamp.count { text.append(stamp[index]) }
    text.append(0)
    text.append(contentsOf: holder.utf8)
    var digits: [UInt8] = []
    digits.reserveCapacity(Self.signatureLength)
    Hex.append(hash(.sha256, text), first: Self.signatureLength / 2, to: &digits)
    return digits
  }

  private static func milliseconds(_ time: Duration) -> UInt64 {
    let (seconds, attoseconds) = time.components
    return UInt64(clamping: seconds) &* 1000 &+ UInt64(clamping: attoseconds / 1_000_000_000_000_000)
  }
}
