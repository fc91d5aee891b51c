import Federation
import Foundation

/// A plan's figures as a table for people.
struct PlanTable {
  private static let head = [
    "level", "number", "cameras", "comes in", "link: average", "peak", "usable", "use", "recorded", "storage",
  ]

  private let report: PlanReport

  init(_ report: PlanReport) { self.report = report }

  var lines: [String] {
    let rows = [Self.head] + report.nodes.map(row)
    let widths = Self.head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let table = rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let fill = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + fill : fill + cell.0
      }.joined(separator: "  ")
    }
    return table + [""] + verdict
  }

  private func row(_ node: PlanReport.Node) -> [String] {
    let link = node.link
    return [
      String(repeating: "  ", count: node.depth) + node.name, String(node.copies), String(node.cameras),
      Self.rate(node.incoming.peak.rate), link.map { Self.rate($0.load.average.rate) } ?? "–",
      link.map { "\(Self.rate($0.load.peak.rate)) (\(Self.streams($0.load.peak.streams)))" } ?? "–",
      link?.usable.map(Self.rate) ?? "–", link?.use.map(Self.percent) ?? "–",
      node.recorded.streams > 0 ? Self.streams(node.recorded.streams) : "–",
      node.storage > 0 ? Self.bytes(node.storage) + (node.lacksDisk ? " !" : "") : "–",
    ]
  }

  private var verdict: [String] {
    var lines: [String] = []
    for remedy in report.remedies {
      guard let node = report.nodes.first(where: { $0.name == remedy.link }), let link = node.link else {
        continue
      }
      lines.append(
        "✘ The link of \(node.name) is too narrow: \(Self.rate(link.load.peak.rate)) at the busiest moment, "
          + "\(Self.rate(link.usable ?? 0)) usable. Any of these mends it or helps:")
      lines += remedy.advice.map { "    – " + words($0, link) }
    }
    for node in report.nodes where node.lacksDisk {
      lines.append(
        "✘ The disks of \(node.name) are too small: \(Self.bytes(node.storage)) needed, "
          + "\(Self.bytes(node.disk ?? 0)) there. Keep \(keepable(node)) % of the days, or add disks.")
    }
    if lines.isEmpty { lines.append("✓ Everything that was declared is enough.") }
    if let name = report.bottleneck, let use = report.nodes.first(where: { $0.name == name })?.link?.use {
      lines.append("Bottleneck: the link of \(name), \(Self.percent(use)) of what ordinary streams may use.")
    }
    return lines
  }

  private func keepable(_ node: PlanReport.Node) -> Int {
    node.storage > 0 ? Int(((node.disk ?? 0) / node.storage * 100).rounded(.down)) : 100
  }

  private func words(_ advice: PlanReport.Advice, _ link: PlanReport.Link) -> String {
    func carried(_ rate: Double) -> String {
      let fits = rate <= link.usable ?? .infinity
      return "the link then carries \(Self.rate(rate))\(fits ? "" : ", which is still too much")"
    }
    switch advice {
    case .widen(let capacity): return "widen it to \(Self.rate(capacity)), its reserve included"
    case .lookAtSubStreams(let rate): return "the levels above look at the sub-stream: \(carried(rate))"
    case .recordBelow(let rate): return "record where the cameras are, not above: \(carried(rate))"
    case .fewerAtOnce(let percent): return "of the people above look \(percent) of 100 who do now at once"
    }
  }

  // MARK: Numbers

  static func rate(_ bits: Double) -> String { scaled(bits, "bit/s") }
  static func bytes(_ bytes: Double) -> String { scaled(bytes, "B") }
  static func percent(_ share: Double) -> String {
    share.isFinite ? "\(Int((share * 100).rounded(.up))) %" : "∞"
  }
  /// A part of a stream is a stream.
  static func streams(_ count: Double) -> String { String(Int(count.rounded(.up))) }

  /// Three figures.
  private static func scaled(_ value: Double, _ unit: String) -> String {
    var (number, prefix) = (value, "")
    for next in ["k", "M", "G", "T", "P", "E"] where number >= 999.5 {
      (number, prefix) = (number / 1_000, next)
    }
    let digits = number >= 99.95 || number == 0 ? 0 : number >= 9.995 ? 1 : 2
    return String(format: "%.\(digits)f \(prefix)\(unit)", number)
  }
}
