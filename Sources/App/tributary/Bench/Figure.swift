import Foundation

/// One measure: what we need, beside what the work itself needs.
struct Figure {
  let measure: String
  /// The target of docs/performance.md that it answers, such as "P1"; nil when it answers none.
  let target: String?
  let unit: String
  /// The median.
  let value: Double
  /// The median of the floor's rounds; nil where no floor makes sense.
  let floor: Double?
  /// Between the smallest and the largest round, in ``unit``.
  let spread: Double

  /// - Parameter values: one per round, or one per sample; not empty.
  init(
    _ measure: String, target: String? = nil, unit: String, values: [Double], floors: [Double] = []
  ) {
    (self.measure, self.target, self.unit) = (measure, target, unit)
    value = Self.median(values)
    floor = floors.isEmpty ? nil : Self.median(floors)
    spread = (values.max() ?? 0) - (values.min() ?? 0)
  }

  var ratio: Double? { floor.flatMap { $0 > 0 ? value / $0 : nil } }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : ((sorted[middle - 1]) + min(sorted[middle], last)) / 2
  }

  /// The fields in the order that docs/performance.md promises.
  var json: String {
    func number(_ value: Double?) -> String { value.map { String(format: "%.6g", $0) } ?? "null" }
    return
      "{\"measure\":\"\(target ?? measure)\",\"name\":\"\(measure)\",\"value\":\(number(value)),\"unit\":\"\(unit)\",\"floor\":\(number(floor)),"
      + "\"ratio\":\(number(ratio)),\"spread\":\(number(spread))}"
  }

  static func table(_ figures: [Figure], title: String) -> String {
    func text(_ value: Double) -> String {
      String(format: value.magnitude < 10 ? "%.2f" : value.magnitude < 100 ? "%.1f" : "%.0f", value)
    }
    var rows = [["measure", "target", "value", "floor", "ratio", "spread", "unit"]]
    for figure in figures {
      rows.append([
        figure.measure, figure.target ?? "–", text(figure.value), figure.floor.map(text) ?? "–",
        figure.ratio.map { String(format: "%.2f", $0) } ?? "–", text(figure.spread), figure.unit,
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 || column == row.count - 1 ? cell + space : space + cell
      }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }
    return ([title] + lines).joined(separator: "\n")
  }
}
