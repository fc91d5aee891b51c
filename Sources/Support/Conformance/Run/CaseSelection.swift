/// Which cases a run takes: `U1,D10-D14,R`.
public struct CaseSelection: Sendable, Hashable {
  private struct Part: Sendable, Hashable {
    let list: CaseList
    let numbers: ClosedRange<Int>

    func contains(_ test: ConformCase) -> Bool { list == test.list && numbers.contains(test.number) }
  }

  private let wanted: [Part]
  private var unwanted: [Part] = []

  /// Every case.
  public static let all = CaseSelection(wanted: CaseList.allCases.map { Part(list: $0, numbers: 1...99) })

  private init(wanted: [Part]) { self.wanted = wanted }

  /// - Returns: nil when the text is no list of cases, lists and ranges.
  public init?(_ text: String) {
    var wanted: [Part] = []
    for part in text.split(separator: ",") {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      guard let first = ends.first, ends.count <= 2, let (list, from) = Self.read(first) else { return nil }
      guard ends.count == 2 else {
        wanted.append(Part(list: list, numbers: from.map { $0...$0 } ?? 1...99))
        continue
      }
      guard let low = from, let (other, to) = Self.read(ends[1], default: list), other == list, let high = to,
        low <= high
      else { return nil }
      wanted.append(Part(list: list, numbers: low...high))
    }
    guard !wanted.isEmpty else { return nil }
    self.wanted = wanted
  }

  private static func read(_ text: Substring, default list: CaseList? = nil) -> (CaseList, Int?)? {
    let letter = text.first.flatMap { CaseList(rawValue: $0.uppercased()) }
    guard let found = letter ?? list else { return nil }
    let digits = letter == nil ? text : text.dropFirst()
    if digits.isEmpty { return (found, nil) }
    guard let number = Int(digits), (1...99).contains(number) else { return nil }
    return (found, number)
  }

  /// The same without those.
  public func excluding(_ other: CaseSelection) -> CaseSelection {
    var rest = self
    rest.unwanted += other.wanted
    return rest
  }

  public func contains(_ test: ConformCase) -> Bool {
    wanted.contains { $0.contains(test) } && !unwanted.contains { $0.contains(test) }
  }
}
