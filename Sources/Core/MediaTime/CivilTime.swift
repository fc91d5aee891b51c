/// Calendar arithmetic without Foundation: proleptic Gregorian, any offset from UTC.
public struct CivilTime: Sendable, Hashable {
  public var year: Int
  /// 1…12
  public var month: Int
  /// 1…31
  public var day: Int
  public var hour: Int
  public var minute: Int
  public var second: Int
  public var millisecond: Int

  /// Beijing time, the zone of every GB/T 28181 time without one (§0.2 of the standard's XML types).
  public static let beijing: Duration = .seconds(8 * 3600)

  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
  ) {
    (self.year, self.month, self.day) = (year, month, day)
    (self.hour, self.minute, self.second, self.millisecond) = (hour, minute, second, millisecond)
  }

  /// The civil time of `moment` in the zone `offset` east of UTC.
  public init(_ moment: WallTime, offset: Duration = .zero) {
    let milliseconds = (moment + offset).milliseconds
    var days = milliseconds / 86_400_000
    var rest = milliseconds % 86_400_000
    if rest < 0 {
      rest += 86_400_000
      days -= 1
    }
    // Days since 0000-03-01, in 400-year eras (the usual civil-from-days construction).
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    hour = Int(rest / 3_600_000)
    minute = Int(rest / 60_000 % 60)
    second = Int(rest / 1_000 % 60)
    millisecond = Int(rest % 1_000)
  }

  /// The moment that a clock `offset` east of UTC shows as this civil time.
  public func wallTime(offset: Duration = .zero) -> WallTime {
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let shiftedMonth = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    let seconds = days * 86_400 + Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)
    return WallTime(milliseconds: seconds * 1_000 + Int64(millisecond)) - offset
  }

  /// `yyyy-MM-ddTHH:mm:ss`, with `.SSS` when asked for.
  public func iso8601(milliseconds: Bool = false) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(24)
    Self.add(year, 4, to: &text)
    Self.add(month, 2, after: 45, to: &text)
    Self.add(day, 2, after: 45, to: &text)
    Self.add(hour, 2, after: 84, to: &text)
    Self.add(minute, 2, after: 58, to: &text)
    Self.add(second, 2, after: 58, to: &text)
    if milliseconds { Self.add(millisecond, 3, after: 46, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Parses `yyyy-MM-dd[T ]HH:mm:ss[.fff][Z|±hh[:mm]]`.
  ///
  /// - Returns: the civil fields and the zone that was written, or nil for anything else or fields out of range.
  public static func parse(_ text: some StringProtocol) -> (time: CivilTime, offset: Duration?)? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes[4] == 45, bytes[7] == 45,
      bytes[10] == 84 || bytes[10] == 32 || bytes[10] == 116,
      bytes[13] == 58, bytes[16] == 58,
      let year = number(bytes, 0, 4), let month = number(bytes, 5, 2), let day = number(bytes, 8, 2),
      let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var position = 19
    var millisecond = 0
    if position < bytes.count, bytes[position] == 46 {
      position += 1
      var scale = 100
      while position < bytes.count, (48...57).contains(bytes[position]) {
        millisecond += Int(bytes[position] - 48) * scale
        scale /= 10
        position += 1
      }
    }
    let time = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second, millisecond: millisecond
    )
    guard position < bytes.count else { return (time, nil) }
    switch bytes[position] {
    case 90, 122:
      return position + 1 == bytes.count ? (time, .zero) : nil
    case 43, 45:
      guard let hours = number(bytes, position + 1, 2), hours <= 15 else { return nil }
      let rest = position + 3
      var minutes = 0
      if rest < bytes.count {
        guard let value = number(bytes, bytes[rest] == 58 ? rest + 1 : rest, 2), value < 60 else {
          return nil
        }
        minutes = value
      }
      let seconds = hours * 3600 + minutes * 60
      return (time, .seconds(bytes[position] == 45 ? -seconds : seconds))
    default:
      return nil
    }
  }

  private static func number(_ bytes: [UInt8], _ start: Int, _ length: Int) -> Int? {
    guard start + length <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[start..<start + length] {
      guard (48...57).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return value
  }

  /// Appends `separator` and `value` with at least `width` digits.
  private static func add(_ value: Int, _ width: Int, after separator: UInt8? = nil, to text: inout [UInt8]) {
    if let separator { text.append(separator) }
    var scale = 1
    for _ in 1..<width { scale *= 10 }
    guard value >= 0, value < scale * 10 else {
      let digits = String(value).utf8
      for _ in 0..<max(0, width - digits.count) { text.append(48) }
      text.append(contentsOf: digits)
      return
    }
    while scale > 0 {
      text.append(48 + UInt8(truncatingIfNeeded: value / scale % 10))
      scale /= 10
    }
  }
}

extension WallTime {
  /// RFC 3339 in UTC with milliseconds, as every API answer writes it.
  public var rfc3339: String { CivilTime(self).iso8601(milliseconds: true) + "Z" }

  /// Parses RFC 3339. Without a zone the text is refused.
  public init?(rfc3339 text: some StringProtocol) {
    guard let (time, offset) = CivilTime.parse(text), let offset else { return nil }
    self = time.wallTime(offset: offset)
  }
}
