/// Values as devices spell them.
extension XMLElement {
  /// The number that the first child of that name spells: `5`, ` +5`, `5.0`, `5,5`. Nil for anything else.
  public func number(_ name: String) -> Double? { child(name)?.number }

  /// The number that the element's own text spells, finite.
  public var number: Double? {
    guard let value, value.utf8.count <= 40, let number = Double(value.replacing(comma: ".")), number.isFinite
    else { return nil }
    return number
  }

  /// The whole number that the first child of that name spells, also as `5.0`; within ±2⁵³.
  public func wholeNumber(_ name: String) -> Int? { child(name)?.wholeNumber }

  /// The whole number that the element's own text spells.
  public var wholeNumber: Int? {
    guard let number, abs(number) <= 9_007_199_254_740_992, number.rounded() == number else { return nil }
    return Int(number)
  }

  /// The switch that the first child of that name spells: `1`, `ON`, `true` …
  public func flag(_ name: String) -> Bool? { child(name)?.flag }

  /// The switch that the element's own text spells.
  public var flag: Bool? {
    guard let value else { return nil }
    if ["1", "ON", "TRUE", "YES", "OPEN"].contains(where: { ASCII.equal($0, value) }) { return true }
    if ["0", "OFF", "FALSE", "NO", "CLOSE"].contains(where: { ASCII.equal($0, value) }) { return false }
    return number.map { $0 != 0 }
  }

  /// Elements of that name at any depth, in the order in which they stand, at most `most`.
  public func descendants(_ name: String, most: Int = 1_000) -> [XMLElement] {
    var found: [XMLElement] = []
    var work = Array(children.reversed())
    while let next = work.popLast(), found.count < most {
      if next.isNamed(name) { found.append(next) }
      work.append(contentsOf: next.children.reversed())
    }
    return found
  }

  /// An element with a whole number.
  init(_ name: String, _ number: Int) { self.init(name, String(number)) }

  /// An element with a number of at most `places` digits after the point, without an exponent.
  init(_ name: String, _ number: Double, places: Int) {
    self.init(name, DecimalText.text(number, places: places))
  }
}

extension String {
  fileprivate func replacing(comma: Character) -> String {
    utf8.contains(44) ? String(map { $0 == "," ? comma : $0 }) : self
  }
}

/// Decimal numbers without exponents and without Foundation.
enum DecimalText {
  /// `number` rounded to `places` (0…6) digits after the point, trailing zeros left out.
  static func text(_ number: Double, places: Int) -> String {
    guard number.isFinite, abs(number) < 1e12 else { return "0" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64((abs(number) * scale).rounded())
    let (whole, fraction) = (scaled / Int64(scale), scaled % Int64(scale))
    var text = (number < 0 && scaled != 0 ? "-" : "") + String(whole)
    guard fraction != 0 else { return text }
    var digits = String(fraction)
    digits = String(repeating: "0", count: max(0, places - digits.count)) + digits
    while digits.last == "0" { digits.removeLast() }
    text += "." + digits
    return text
  }
}
