public import SDPCore

/// The `Subject` of a media INVITE: `sender:sequence,receiver:sequence` (§7.1).
public struct Subject: Sendable, Hashable, CustomStringConvertible {
  /// The channel whose stream is wanted.
  public var sender: DeviceID?
  /// The same for the same live stream, unique per history stream; in practice the ten digits of the SSRC.
  public var senderSequence: String
  public var receiver: DeviceID?
  /// Unique at the receiver; in practice `0`.
  public var receiverSequence: String

  /// Bytes looked at; a longer header is cut.
  public static let longest = 256

  public init(sender: DeviceID, ssrc: StreamSSRC, receiver: DeviceID, receiverSequence: String = "0") {
    (self.sender, self.receiver) = (sender, receiver)
    (senderSequence, self.receiverSequence) = (ssrc.description, receiverSequence)
  }

  /// Reads what is there: halves may be missing, blanks and a full-width comma are tolerated.
  public init(parsing text: some StringProtocol) {
    let text = String(decoding: text.utf8.prefix(Self.longest), as: UTF8.self)
    let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "," || $0 == "，" }
    let first = Self.half(halves.first)
    let second = Self.half(halves.count > 1 ? halves[1] : nil)
    (sender, senderSequence) = first
    (receiver, receiverSequence) = second
  }

  private static func half(_ text: Substring?) -> (DeviceID?, String) {
    guard let text else { return (nil, "") }
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == ":" || $0 == "：" }
    return (parts.first.flatMap { DeviceID($0) }, parts.count > 1 ? String(parts[1]).trimmed : "")
  }

  public var description: String {
    "\(sender?.text ?? ""):\(senderSequence),\(receiver?.text ?? ""):\(receiverSequence)"
  }
}
