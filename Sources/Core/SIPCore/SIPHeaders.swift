import WireBytes

/// The header fields of one message, in order.
///
/// All values lie in one byte arena; a field is a handful of offsets into it.
/// A parsed message therefore costs two allocations however many fields it
/// has, and copying a field into a response copies bytes, not strings: text in
/// a national encoding survives untouched. Text is decoded only when asked for.
public struct SIPHeaders: Sendable {
  /// One field. A known name has no bytes of its own.
  struct Field: Sendable, BitwiseCopyable {
    var known: SIPHeaderName.Known
    var name: Extent
    var value: Extent
  }

  /// A run of bytes in the arena.
  struct Extent: Sendable, BitwiseCopyable {
    var start: Int32
    var count: Int32

    init(_ range: Range<Int>) {
      start = Int32(truncatingIfNeeded: range.lowerBound)
      count = Int32(truncatingIfNeeded: range.count)
    }

    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  }

  var arena: [UInt8]
  var fields: [Field]

  public init() {
    arena = []
    fields = []
  }

  init(arena: [UInt8], fields: [Field]) {
    self.arena = arena
    self.fields = fields
  }

  /// Fields, counting a repeated name every time.
  public var count: Int { fields.count }
  public var isEmpty: Bool { fields.isEmpty }

  /// The first value of `name`, trimmed, bytes that are no UTF-8 replaced; nil when there is none.
  ///
  /// Setting replaces every field of that name by one, in the place of the first; setting nil removes them.
  public subscript(_ name: SIPHeaderName) -> String? {
    get { fields.first { matches($0, name) }.map { text($0.value.range) } }
    set {
      guard let newValue else { return remove(name) }
      set(name, newValue)
    }
  }

  /// Every value of `name` in order, one per field; lists are not split.
  public func values(of name: SIPHeaderName) -> [String] {
    fields.filter { matches($0, name) }.map { text($0.value.range) }
  }

  public func contains(_ name: SIPHeaderName) -> Bool { fields.contains { matches($0, name) } }

  /// How many fields have this name.
  public func count(of name: SIPHeaderName) -> Int { fields.count { matches($0, name) } }

  /// The bytes of the first value of `name`, valid only inside `body`; nil when there is none.
  public func withValue<Result>(of name: SIPHeaderName, _ body: (Span<UInt8>) -> Result) -> Result? {
    guard let field = fields.first(where: { matches($0, name) }) else { return nil }
    let span = arena.span
    return body(span.extracting(field.value.range))
  }

  /// What `body` makes of the first value of `name` that it can read; nil when it can read none.
  public func firstReadable<Result>(_ name: SIPHeaderName, _ body: (Span<UInt8>) -> Result?) -> Result? {
    let span = arena.span
    for field in fields where matches(field, name) {
      if let result = body(span.extracting(field.value.range)) { return result }
    }
    return nil
  }

  /// Every field in order. A name that is not known keeps the spelling it came with.
  public var all: [(name: SIPHeaderName, value: String)] {
    fields.map { (name(of: $0), text($0.value.range)) }
  }

  /// Adds a field at the end. Line ends and NULs in `value` become spaces: a value cannot begin another
  /// field.
  public mutating func append(_ name: SIPHeaderName, _ value: String) {
    fields.append(store(name, value.utf8))
  }

  /// Adds a field before all others.
  public mutating func prepend(_ name: SIPHeaderName, _ value: String) {
    fields.insert(store(name, value.utf8), at: 0)
  }

  /// Replaces every field of that name by one, in the place of the first or at the end.
  public mutating func set(_ name: SIPHeaderName, _ value: String) {
    let field = store(name, value.utf8)
    guard let first = fields.firstIndex(where: { matches($0, name) }) else {
      fields.append(field)
      return
    }
    fields[first] = field
    guard count(of: name) > 1 else { return }
    fields = fields.indices.filter { $0 <= first || !matches(fields[$0], name) }.map { fields[$0] }
  }

  public mutating func remove(_ name: SIPHeaderName) { fields = fields.filter { !matches($0, name) } }

  /// Appends every field of that name as it is in `other`, byte for byte.
  public mutating func copy(_ name: SIPHeaderName, from other: SIPHeaders) {
    for field in other.fields where other.matches(field, name) {
      fields.append(store(name, other.arena[field.value.range]))
    }
  }
}

extension SIPHeaders {
  func matches(_ field: Field, _ name: SIPHeaderName) -> Bool {
    guard field.known == name.known else { return false }
    guard field.known == .other else { return true }
    guard Int(field.name.count) == name.text.utf8.count else { return false }
    return zip(arena[field.name.range], name.text.utf8).allSatisfy {
      SIPHeaderName.fold($0) == SIPHeaderName.fold($1)
    }
  }

  func text(_ range: Range<Int>) -> String { String(decoding: arena[range], as: UTF8.self) }

  func name(of field: Field) -> SIPHeaderName {
    field.known == .other
      ? SIPHeaderName(stringLiteral: text(field.name.range)) : SIPHeaderName(field.known)
  }

  mutating func store(_ name: SIPHeaderName, _ value: some Collection<UInt8>) -> Field {
    var nameRange = arena.count..<arena.count
    if name.known == .other {
      arena.append(contentsOf: name.text.utf8)
      nameRange = nameRange.lowerBound..<arena.count
    }
    let start = arena.count
    arena.append(contentsOf: value)
    for index in start..<arena.count where arena[index] == 13 || arena[index] == 10 || arena[index] == 0 {
      arena[index] = ASCII.space
    }
    return Field(
      known: name.known, name: Extent(nameRange),
      value: Extent(ASCII.trimmed(arena.span, start..<arena.count)))
  }
}

extension SIPHeaders: Equatable {
  /// The same names and value bytes in the same order.
  public static func == (left: SIPHeaders, right: SIPHeaders) -> Bool {
    guard left.fields.count == right.fields.count else { return false }
    return zip(left.fields, right.fields).allSatisfy { one, other in
      left.matches(one, right.name(of: other))
        && left.arena[one.value.range].elementsEqual(right.arena[other.value.range])
    }
  }
}

extension SIPHeaders: CustomStringConvertible {
  /// `Name: value` lines.
  public var description: String {
    all.map { $0.name.text + ": " + $0.value }.joined(separator: "\n")
  }
}
