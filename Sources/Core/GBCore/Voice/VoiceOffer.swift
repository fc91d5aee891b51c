public import SDPCore

/// What one side of a voice session says about its media: the INVITE of a device that was called by a broadcast, or
/// its answer to a talk (§12.2, §12.3). Read with every tolerance, since no two brands write it alike.
public struct VoiceOffer: Sendable, Hashable {
  /// What comes of the transport on our side.
  public enum Path: Sendable, Hashable {
    /// Datagrams to its address.
    case udp
    /// It waits for our connection.
    case connect
    /// It connects to us.
    case listen
  }

  /// Its media address; nil when it wrote none or one of no use.
  public var host: String?
  /// 1…65 535; nil when it wrote none, or 9, which means that nobody listens there (RFC 4145 §4.1).
  public var port: Int?
  public var path: Path
  /// What it takes, as it prefers.
  public var formats: [VoiceFormat]
  /// Its `y=`; nil when it is missing or zero.
  public var ssrc: StreamSSRC?
  /// Which of its media this is, and what all of them are: an answer has one line for each.
  public var section: Int
  public var sections: [MediaDescription]

  /// Why a body asks for nothing that could be sent.
  public enum Refusal: Error, Hashable, Sendable {
    /// No session description: 400.
    case unreadable
    /// No medium in a coding that exists here, or nowhere to send it to: 488.
    case notAcceptable
  }

  public init(parsing body: [UInt8]) throws(Refusal) {
    guard let description = try? SessionDescription(parsing: body) else { throw .unreadable }
    sections = description.media
    guard let chosen = Self.choose(description.media) else { throw .notAcceptable }
    (section, formats) = chosen
    let media = description.media[chosen.0]
    port = (1...65_535).contains(media.port) && media.port != 9 ? media.port : nil
    host = description.address(of: media).flatMap { Self.isUsable($0) ? $0 : nil }
    ssrc = description.ssrc.flatMap { $0.value == 0 ? nil : $0 }
    switch media.transport {
    case .tcp: path = Self.path(description.setup(of: media), hasPort: port != nil)
    case .udp, .other: path = .udp
    }
    guard path == .listen || port != nil else { throw .notAcceptable }
  }

  /// The first sound that can be sent, else whatever can: some ask for their voice under `m=video`.
  private static func choose(_ media: [MediaDescription]) -> (Int, [VoiceFormat])? {
    let usable = media.indices.map { index in
      (index, media[index].payloadTypes.compactMap { VoiceFormat($0, in: media[index]) })
    }.filter { !$0.1.isEmpty }
    return usable.first { media[$0.0].kind == "audio" } ?? usable.first
  }

  /// The complement of the role that it takes. One that names none and has a port waits there (§7.5).
  private static func path(_ setup: TCPSetup?, hasPort: Bool) -> Path {
    switch setup {
    case .active, .activeOrPassive, .hold: .listen
    case .passive: .connect
    case nil: hasPort ? .connect : .listen
    }
  }

  private static func isUsable(_ host: String) -> Bool {
    !host.isEmpty && host != "0.0.0.0" && host != "::" && host != "255.255.255.255"
  }

  /// The coding to use: what is forced, else A-law, else µ-law, else a program stream.
  public func format(forced: VoiceCoding? = nil) -> VoiceFormat? {
    if let forced { return formats.first { $0.coding == forced } ?? VoiceFormat(forced) }
    for coding in [VoiceCoding.pcma, .pcmu, .ps] {
      if let format = formats.first(where: { $0.coding == coding }) { return format }
    }
    return nil
  }

  /// Where datagrams go: what it wrote, unless that is a private address and its packets come from a public one.
  public func destination(source: String) -> String {
    guard let host else { return source }
    return Self.isPrivate(host) && !Self.isPrivate(source) ? source : host
  }

  private static func isPrivate(_ host: String) -> Bool {
    let parts = host.split(separator: ".").compactMap { Int($0) }
    guard parts.count == 4 else {
      let lower = host.lowercased()
      return lower == "::1" || lower.hasPrefix("fe80:") || lower.hasPrefix("fc") || lower.hasPrefix("fd")
    }
    switch (parts[0], parts[1]) {
    case (10, _), (127, _), (192, 168), (169, 254): return true
    case (172, let second): return (16...31).contains(second)
    case (100, let second): return (64...127).contains(second)
    default: return false
    }
  }
}
