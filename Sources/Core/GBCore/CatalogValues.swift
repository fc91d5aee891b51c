/// The fields of one catalog item, packed into one piece of memory.
///
/// A county has a hundred thousand items with fifteen fields each: a dictionary of strings for each took
/// more memory than everything else that is known of them.
struct CatalogValues: Sendable, Hashable {
  /// For each field that is present, ascending: its number, the length of its value (7 bits a byte, low first), and
  /// the value in UTF-8. One order, so that equal values are equal bytes.
  private var bytes: [UInt8] = []

  private static let order = CatalogField.allCases

  init() {}

  init(_ values: [CatalogField: String]) {
    for (number, field) in Self.order.enumerated() {
      if let value = values[field] { append(UInt8(number), value) }
    }
  }

  private mutating func append(_ number: UInt8, _ value: String) {
    bytes.append(number)
    var length = value.utf8.count
    while length > 0x7F {
      bytes.append(UInt8(length & 0x7F) | 0x80)
      length >>= 7
    }
    bytes.append(UInt8(length))
    bytes.append(contentsOf: value.utf8)
  }

  /// All of them, as a dictionary made for the occasion.
  var all: [CatalogField: String] {
    var values: [CatalogField: String] = [:]
    each { field, text in
      values[field] = String(decoding: text, as: UTF8.self)
      return true
    }
    return values
  }

  subscript(_ field: CatalogField) -> String? {
    get {
      var found: String?
      each { candidate, text in
        guard candidate == field else { return true }
        found = String(decoding: text, as: UTF8.self)
        return false
      }
      return found
    }
    set {
      var values = all
      values[field] = newValue
      self = CatalogValues(values)
    }
  }

  /// Visits the fields in order until `visit` returns false.
  private func each(_ visit: (CatalogField, ArraySlice<UInt8>) -> Bool) {
    var position = 0
    while position < bytes.count {
      let field = Self.order[Int(bytes[position])]
      position += 1
      var (length, shift) = (0, 0)
      while bytes[position] & 0x80 != 0 {
        length |= Int(bytes[position] & 0x7F) << shift
        shift += 7
        position += 1
      }
      length |= Int(bytes[position]) << shift
      position += 1
      guard visit(field, bytes[position..<position + length]) else { return }
      position += length
    }
  }
}
