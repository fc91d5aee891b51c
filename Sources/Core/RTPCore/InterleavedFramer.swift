import WireBytes

/// Why a byte stream cannot be cut into packets any more.
public enum FramingError: Error, Equatable, Sendable {
  /// More than ``InterleavedFramer/maximumDiscard`` bytes in a row fitted no framing. Close the connection.
  case lostSynchronisation(discarded: Int)
}

/// Cuts a TCP byte stream into RTP and RTCP packets (RFC 4571, GB/T 28181 §9.2).
///
/// A whole frame in the bytes given is handed on without copying; only a frame
/// that straddles two reads is put together in a buffer.
///
/// ```text
///   .unknown ── fits RFC 4571 ──► .lengthPrefixed ──┐ not V=2, or a strange SSRC
///       │  └─── fits `$` ───────► .interleaved ─────┤ that the next frame does not confirm
///       └── neither ──► .searching ◄────────────────┘
///   .searching ── known SSRC behind V=2, confirmed by the next frame ──► the framing found
///   .searching ── 1 MB thrown away ──► lostSynchronisation
/// ```
public struct InterleavedFramer: Sendable {
  /// Bytes that may be thrown away in a row while searching.
  public static let maximumDiscard = 1 << 20
  /// The private prefix some senders put before the first frame.
  static let privatePrefix = 256

  private enum State: Sendable, Equatable {
    case unknown
    case framed(Style)
    case searching
  }

  /// How frames are marked in the stream.
  enum Style: Sendable, Equatable, CaseIterable {
    /// Two bytes of length (RFC 4571).
    case lengthPrefixed
    /// `$`, channel, two bytes of length (RFC 2326 §10.12).
    case interleaved

    var prefix: Int { self == .lengthPrefixed ? 2 : 4 }
  }

  /// What the bytes at one position are.
  enum Verdict: Equatable {
    case frame(end: Int)
    /// Nothing to deliver: a zero length.
    case skip(end: Int)
    case needMore
    case wrong
  }

  private var state = State.unknown
  /// The SSRC of the last two senders seen; a frame of another one must be confirmed.
  private var known: [UInt32] = []
  private var carry: [UInt8] = []
  private var discardedInARow = 0
  /// Bytes thrown away since the start.
  public private(set) var discardedBytes: UInt64 = 0
  /// How often the framing was lost and found again.
  public private(set) var resynchronisations: UInt64 = 0

  public init() {}

  /// Takes the next bytes of the connection and hands on every complete packet in them.
  ///
  /// - Parameters:
  ///   - expectedSSRC: the SSRC that was negotiated, to tell the two framings apart and to find it again.
  ///   - packet: one RTP or RTCP packet, valid only during the call.
  public mutating func feed(
    _ bytes: Span<UInt8>, expectedSSRC: UInt32?, _ packet: (Span<UInt8>) -> Void
  ) throws(FramingError) {
    var consumed = 0
    // The frame that the last read left unfinished: top up until it is whole, then go on without copying.
    while !carry.isEmpty, consumed < bytes.count {
      let size = min(missing(expectedSSRC), bytes.count - consumed)
      carry.append(bytes.extracting(consumed..<consumed + size))
      consumed += size
      let pending = carry
      carry = []
      let used = try run(pending.span, expectedSSRC, packet)
      if used < pending.count { carry = used == 0 ? pending : Array(pending[used...]) }
    }
    guard carry.isEmpty else { return }
    let rest = bytes.extracting(consumed..<bytes.count)
    let used = try run(rest, expectedSSRC, packet)
    if used < rest.count { carry.append(rest.extracting(used..<rest.count)) }
  }

  /// How many bytes the unfinished frame in `carry` still needs; a block when that is not known.
  private func missing(_ expectedSSRC: UInt32?) -> Int {
    guard case .framed(let style) = state else { return 4_096 }
    guard carry.count >= style.prefix else { return style.prefix - carry.count }
    let end = style.prefix + Int(carry.span.uint16(at: style.prefix - 2))
    // Beyond its end the frame waits for the next one to confirm a strange SSRC.
    return end > carry.count ? end - carry.count : style.prefix + 1
  }

  /// Hands on what is complete. Returns how many bytes are done with.
  private mutating func run(
    _ bytes: Span<UInt8>, _ expectedSSRC: UInt32?, _ packet: (Span<UInt8>) -> Void
  ) throws(FramingError) -> Int {
    var position = 0
    while position < bytes.count {
      switch state {
      case .unknown:
        guard let found = detect(bytes, position, expectedSSRC) else { return position }
        position = found
      case .framed(let style):
        switch verdict(bytes, position, style, expectedSSRC) {
        case .frame(let end):
          accept(bytes, position + style.prefix)
          packet(bytes.extracting(position + style.prefix..<end))
          position = end
        case .skip(let end):
          position = end
        case .needMore:
          return position
        case .wrong:
          state = .searching
        }
      case .searching:
        let found = search(bytes, position, expectedSSRC)
        try discard(found.position - position)
        position = found.position
        if found.waits { return position }
      }
    }
    return position
  }

  private mutating func discard(_ count: Int) throws(FramingError) {
    discardedBytes += UInt64(count)
    discardedInARow += count
    if discardedInARow > Self.maximumDiscard {
      throw .lostSynchronisation(discarded: discardedInARow)
    }
  }

  private mutating func accept(_ bytes: Span<UInt8>, _ start: Int) {
    discardedInARow = 0
    guard let ssrc = Self.ssrc(of: bytes, at: start), !known.contains(ssrc) else { return }
    if known.count == 2 { known.removeFirst() }
    known.append(ssrc)
  }
}

extension InterleavedFramer {
  /// Finds the framing at the start of a connection. Returns where to go on, nil for more bytes.
  private mutating func detect(_ bytes: Span<UInt8>, _ position: Int, _ expectedSSRC: UInt32?) -> Int? {
    if bytes[position] == 0x24 {
      guard bytes.count - position >= 16 else { return nil }
      let interleaved = Self.fits(bytes, position, .interleaved)
      let prefixed = Self.fits(bytes, position, .lengthPrefixed)
      // A length of 0x24xx also starts with `$`: let the SSRC decide, and `$` when it cannot.
      let isPrefixed =
        prefixed
        && (!interleaved
          || expectedSSRC != nil && bytes.uint32(at: position + 10) == expectedSSRC
            && bytes.uint32(at: position + 12) != expectedSSRC)
      if isPrefixed || interleaved {
        state = .framed(isPrefixed ? .lengthPrefixed : .interleaved)
        return position
      }
    } else {
      guard bytes.count - position >= 3 else { return nil }
      if bytes.uint16(at: position) == 0 { return position + 2 }
      if Self.fits(bytes, position, .lengthPrefixed) {
        state = .framed(.lengthPrefixed)
        return position
      }
    }
    let behind = position + Self.privatePrefix
    guard bytes.count >= behind + 16 else { return nil }
    for style in Style.allCases where Self.fits(bytes, behind, style) {
      state = .framed(style)
      discardedBytes += UInt64(Self.privatePrefix)
      return behind
    }
    state = .searching
    return position
  }

  /// Whether a frame of this style can begin at `position`; false when it does not reach far enough to tell.
  static func fits(_ bytes: Span<UInt8>, _ position: Int, _ style: Style) -> Bool {
    let start = position + style.prefix
    guard start < bytes.count, bytes[start] >> 6 == 2 else { return false }
    // Eight bytes are the shortest RTCP packet.
    guard bytes.uint16(at: start - 2) >= 8 else { return false }
    return style == .lengthPrefixed || (bytes[position] == 0x24 && bytes[position + 1] < 16)
  }

  /// Judges the frame at `position`.
  private func verdict(
    _ bytes: Span<UInt8>, _ position: Int, _ style: Style, _ expectedSSRC: UInt32?
  ) -> Verdict {
    let start = position + style.prefix
    guard start <= bytes.count else { return .needMore }
    if style == .interleaved, bytes[position] != 0x24 { return .wrong }
    let length = Int(bytes.uint16(at: start - 2))
    if length == 0 { return .skip(end: start) }
    guard start < bytes.count else { return .needMore }
    guard bytes[start] >> 6 == 2, length >= 4 else { return .wrong }
    let end = start + length
    guard end <= bytes.count else {
      // Do not wait for 64 KiB of a length that a strange SSRC already makes doubtful.
      guard let ssrc = Self.ssrc(of: bytes, at: start), !known.isEmpty else { return .needMore }
      return known.contains(ssrc) || ssrc == expectedSSRC || length < 4_096 ? .needMore : .wrong
    }
    guard let ssrc = Self.ssrc(of: bytes.extracting(start..<end), at: 0), !known.isEmpty,
      !known.contains(ssrc), ssrc != expectedSSRC
    else { return .frame(end: end) }
    // A sender never seen here: believe it only when a frame follows directly.
    guard end + style.prefix < bytes.count else { return .needMore }
    return Self.fits(bytes, end, style) || bytes.uint16(at: end + style.prefix - 2) == 0
      ? .frame(end: end) : .wrong
  }

  /// Looks for a frame whose SSRC is known and which is followed by another frame.
  private mutating func search(
    _ bytes: Span<UInt8>, _ from: Int, _ expectedSSRC: UInt32?
  ) -> (position: Int, waits: Bool) {
    var position = from
    while position + 16 <= bytes.count {
      defer { position += 1 }
      for style in Style.allCases where Self.fits(bytes, position, style) {
        let start = position + style.prefix
        let ssrc = bytes.uint32(at: start + 8)
        guard ssrc == expectedSSRC || known.contains(ssrc) || (expectedSSRC == nil && known.isEmpty) else {
          continue
        }
        let end = start + Int(bytes.uint16(at: start - 2))
        guard end + style.prefix < bytes.count else { return (position, true) }
        guard Self.fits(bytes, end, style) else { continue }
        state = .framed(style)
        resynchronisations += 1
        return (position, false)
      }
    }
    return (position, true)
  }

  /// The SSRC of the RTP packet at `start`, nil for RTCP or when it is cut off.
  private static func ssrc(of bytes: Span<UInt8>, at start: Int) -> UInt32? {
    guard start + RTPHeader.fixedByteCount <= bytes.count, !(192...207).contains(bytes[start + 1]) else {
      return nil
    }
    return bytes.uint32(at: start + 8)
  }
}
