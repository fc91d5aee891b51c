public import GBCore
public import MediaTime
import WireBytes

/// What one level says to its neighbour: the body of a MESSAGE, or one part of a long one.
///
/// ```text
/// tributary-level/1 question
/// id 9f3c0d5e7a21
/// kind head
/// way up
/// from 34020000002000000001
/// to 34010000002000000001
/// at 1775003415000
/// seal 5e1f…
///
/// <body>
/// ```
///
/// The time is in milliseconds since 1970. The seal is a word over everything else, and whose it is and how it is made
/// is for those who hold keys.
public struct LevelEnvelope: Sendable, Hashable {
  /// What the message is.
  public enum Sort: String, Sendable, Hashable, CaseIterable {
    /// Wants an answer.
    case question
    /// Wants none beside the 200.
    case notice
    case answer
    /// An answer that is none: why not.
    case refusal
  }

  /// Which way it goes, which says in which role either side speaks: two platforms may be above each other.
  public enum Way: String, Sendable, Hashable, CaseIterable {
    /// To a level above.
    case up
    /// To a level below.
    case down
  }

  /// Which part of the body this is.
  public struct Part: Sendable, Hashable {
    /// From 1.
    public let number: Int
    public let count: Int

    /// - Returns: nil unless `number` is one of `count` parts, of which there are 2…``LevelEnvelope/mostParts``.
    public init?(_ number: Int, of count: Int) {
      guard (2...LevelEnvelope.mostParts).contains(count), (1...count).contains(number) else { return nil }
      (self.number, self.count) = (number, count)
    }
  }

  /// The media type of a MESSAGE that carries one.
  public static let contentType = "application/tributary"
  /// Bytes of a body in one MESSAGE at most, so that it fits into a datagram with room to spare.
  public static let longestPart = 16 * 1_024
  /// Parts of a body at most.
  public static let mostParts = 256
  /// Bytes of a whole body at most.
  public static let longestBody = longestPart * mostParts
  /// Characters of a kind, an id, a code of a refusal, a seal at most.
  public static let longestWord = 64
  public static let longestSeal = 512

  public var sort: Sort
  /// Unlike any other of its sender.
  public var id: String
  /// What it is about; who asks and who answers know what the body means.
  public var kind: String
  public var way: Way
  public var from: DeviceID
  public var to: DeviceID
  /// When it was sent, in whole milliseconds.
  public var at: WallTime
  /// The id of the question that this answers.
  public var answers: String?
  /// Why there is no answer, as a code.
  public var reason: String?
  public var part: Part?
  public var seal: String?
  public var body: [UInt8]

  /// - Returns: nil when a word is none, or what the sort needs is missing or too much.
  public init?(
    _ sort: Sort, id: String, kind: String, way: Way, from: DeviceID, to: DeviceID, at: WallTime,
    answers: String? = nil, reason: String? = nil, part: Part? = nil, seal: String? = nil, body: [UInt8] = []
  ) {
    let isReply = sort == .answer || sort == .refusal
    guard FieldText.isWord(id, atMost: Self.longestWord), FieldText.isWord(kind, atMost: Self.longestWord),
      (answers != nil) == isReply, (reason != nil) == (sort == .refusal), at.nanoseconds >= 0,
      answers.map({ FieldText.isWord($0, atMost: Self.longestWord) }) ?? true,
      reason.map({ FieldText.isWord($0, atMost: Self.longestWord) }) ?? true,
      seal.map({ FieldText.isWord($0, atMost: Self.longestSeal) }) ?? true, body.count <= Self.longestBody
    else { return nil }
    (self.sort, self.id, self.kind, self.way, self.from, self.to) = (sort, id, kind, way, from, to)
    self.at = WallTime(milliseconds: at.milliseconds)
    (self.answers, self.reason, self.part, self.seal, self.body) = (answers, reason, part, seal, body)
  }

  /// Whether a Content-Type says that a body is one.
  public static func isContent(_ type: String?) -> Bool {
    guard let type = type?.split(separator: ";", maxSplits: 1).first else { return false }
    return type.lowercased().split(separator: " ").joined() == contentType
  }

  // MARK: As bytes

  private static let title = "tributary-level/1 "
  private static let names = [
    "id", "kind", "way", "from", "to", "at", "answers", "reason", "part", "seal",
  ]

  /// Why bytes are no envelope.
  public enum Malformed: Error, Hashable, Sendable {
    /// No empty line within the first 8 kB, or a body longer than a part.
    case tooLong
    /// The head is not written as it must be.
    case head
  }

  /// Reads one; only the very bytes that ``bytes`` gives are one.
  public init(parsing bytes: [UInt8]) throws(Malformed) {
    var end = 0
    while end + 1 < min(bytes.count, FieldText.longest), !(bytes[end] == 10 && bytes[end + 1] == 10) {
      end += 1
    }
    guard end + 1 < bytes.count, bytes[end] == 10, bytes[end + 1] == 10,
      bytes.count - end - 2 <= Self.longestPart
    else { throw .tooLong }
    guard let fields = FieldText(bytes[...end], titled: Self.title, names: Self.names),
      let envelope = Self.read(fields, Array(bytes[(end + 2)...])), envelope.bytes == bytes
    else { throw .head }
    self = envelope
  }

  private static func read(_ fields: FieldText, _ body: [UInt8]) -> LevelEnvelope? {
    guard let sort = Sort(rawValue: fields.title), let id = fields["id"], let kind = fields["kind"],
      let way = fields["way"].flatMap({ Way(rawValue: $0) }),
      let from = fields["from"].flatMap({ DeviceID($0) }),
      let to = fields["to"].flatMap({ DeviceID($0) }), let time = fields["at"].flatMap(FieldText.number),
      time <= Int64.max / 1_000_000
    else { return nil }
    var part: Part?
    if let text = fields["part"] {
      let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let number = numbers[0], let count = numbers[1],
        let found = Part(number, of: count)
      else { return nil }
      part = found
    }
    return LevelEnvelope(
      sort, id: id, kind: kind, way: way, from: from, to: to, at: WallTime(milliseconds: time),
      answers: fields["answers"], reason: fields["reason"], part: part, seal: fields["seal"], body: body)
  }

  private func bytes(seal: String?) -> [UInt8] {
    var fields = FieldText(sort.rawValue)
    (fields["id"], fields["kind"], fields["way"]) = (id, kind, way.rawValue)
    (fields["from"], fields["to"]) = (from.text, to.text)
    fields["at"] = String(at.milliseconds)
    (fields["answers"], fields["reason"], fields["seal"]) = (answers, reason, seal)
    fields["part"] = part.map { "\($0.number)/\($0.count)" }
    return Array(fields.text(titled: Self.title, names: Self.names).utf8) + [10] + body
  }

  public var bytes: [UInt8] { bytes(seal: seal) }

  /// What the seal is made over: everything but itself.
  public var sealedBytes: [UInt8] { bytes(seal: nil) }

  // MARK: Parts

  /// The envelope as it is sent: whole, or in parts that each fit into a MESSAGE.
  public var parts: [LevelEnvelope] {
    guard body.count > Self.longestPart else { return [self] }
    let count = (body.count + Self.longestPart - 1) / Self.longestPart
    return (0..<count).map { number in
      var one = self
      one.part = Part(number + 1, of: count)
      one.body = Array(body[(number * Self.longestPart)..<min((number + 1) * Self.longestPart, body.count)])
      return one
    }
  }

  /// Whether two are parts of the same message.
  public func isSibling(of other: LevelEnvelope) -> Bool {
    sort == other.sort && id == other.id && kind == other.kind && way == other.way && from == other.from
      && to == other.to && answers == other.answers && reason == other.reason
      && part?.count == other.part?.count
  }
}
