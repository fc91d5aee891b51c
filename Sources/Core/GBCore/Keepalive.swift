import WireBytes

/// What a heartbeat says (§3).
public struct Keepalive: Sendable, Hashable {
  /// `Status`: anything but `ERROR` is well.
  public var isOK: Bool
  /// Where the `DeviceID` stands in the body, in bytes; nil when it is missing. The sender is known by its From.
  public var deviceID: Range<Int>?
  /// Whether it lists faulty children: only then is the body worth a full parse (``faultyChildren(in:)``).
  public var hasFaultyChildren: Bool

  /// Recognises a heartbeat in the bytes of a MESSAGE body, without decoding it or building a tree.
  ///
  /// All names are ASCII in every encoding in use, so the bytes can be searched
  /// as they are. A body it does not recognise is nothing but "not obviously a
  /// heartbeat": parse it in full. No allocation; bounded by ``longest`` bytes.
  public static func scan(_ body: Span<UInt8>) -> Keepalive? {
    guard body.count <= longest, let root = XMLScan.open("Notify", in: body, from: 0),
      let command = XMLScan.text("CmdType", in: body, from: root),
      XMLScan.equals(command, "Keepalive", in: body)
    else { return nil }
    var isOK = true
    if let status = XMLScan.text("Status", in: body, from: root), XMLScan.equals(status, "ERROR", in: body) {
      isOK = false
    }
    let info = XMLScan.open("Info", in: body, from: root)
    let faulty = info.flatMap { XMLScan.text("DeviceID", in: body, from: $0) }
    var deviceID = XMLScan.text("DeviceID", in: body, from: root)
    if let found = deviceID, let info, found.lowerBound >= info { deviceID = nil }
    return Keepalive(isOK: isOK, deviceID: deviceID, hasFaultyChildren: faulty != nil)
  }

  /// Bytes; a longer body goes to the full parser.
  public static let longest = 8_192

  /// The children that a parsed heartbeat calls faulty: mark them, and clear the others.
  public static func faultyChildren(in message: MANSCDPMessage) -> [DeviceID] {
    let infos = message.element.children.filter { $0.isNamed("Info") }
    return infos.flatMap { info in
      info.children.filter { $0.isNamed("DeviceID") }.compactMap { $0.value.flatMap { DeviceID($0) } }
    }
  }
}

/// Finds simple elements in bytes that are known to be XML-like.
enum XMLScan {
  /// The offset just after `<name>` or `<name …>`, searched from `start`; an empty `<name/>` is passed over.
  static func open(_ name: StaticString, in body: Span<UInt8>, from start: Int) -> Int? {
    let length = name.utf8CodeUnitCount
    var position = start
    while let less = ByteScan.firstIndex(of: 60, in: body, from: position) {
      position = less + 1
      let after = less + 1 + length
      guard after < body.count, equals(less + 1..<after, name, in: body) else { continue }
      guard body[after] == 62 || body[after] <= 32 else { continue }
      guard let end = ByteScan.firstIndex(of: 62, in: body, from: after) else { return nil }
      if body[end - 1] != 47 { return end + 1 }
    }
    return nil
  }

  /// The trimmed text of the first element of that name that has any.
  static func text(_ name: StaticString, in body: Span<UInt8>, from start: Int) -> Range<Int>? {
    guard var first = open(name, in: body, from: start),
      var last = ByteScan.firstIndex(of: 60, in: body, from: first)
    else { return nil }
    while first < last, body[first] <= 32 { first += 1 }
    while first < last, body[last - 1] <= 32 { last -= 1 }
    return first < last ? first..<last : nil
  }

  /// Whether the bytes in `range` spell `text`, in any case.
  static func equals(_ range: Range<Int>, _ text: StaticString, in body: Span<UInt8>) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { expected in
      for index in 0..<expected.count {
        let wanted = unsafe ASCII.lowercase(expected[index])
        if ASCII.lowercase(body[range.lowerBound + index]) != wanted { return false }
      }
      return true
    }
  }
}
