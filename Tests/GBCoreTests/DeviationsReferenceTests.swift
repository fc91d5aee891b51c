import Foundation
import Testing

/// `docs/ref/deviations.md` names tests; they must exist, and no deviation may be left out.
@Suite struct DeviationsReferenceTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The cells of the table rows that begin with a number or a vector's name.
  private static func rows() throws -> [[String]] {
    let text = try String(contentsOf: root.appendingPathComponent("docs/ref/deviations.md"), encoding: .utf8)
    return text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.dropFirst(2).dropLast(line.hasSuffix(" |") ? 2 : 0).components(separatedBy: " | ")
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// `Target/display name` in code spans.
  private static func references(_ cell: String) -> [(target: String, name: String)] {
    cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.compactMap { _, span in
      guard let slash = span.firstIndex(of: "/"), span[..<slash].hasSuffix("Tests") else { return nil }
      return (String(span[..<slash]), String(span[span.index(after: slash)...]))
    }
  }

  /// The display names of a target's tests.
  private static func names(_ target: String) throws -> Set<String> {
    let folder = root.appendingPathComponent("Tests/\(target)")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    var names: Set<String> = []
    for file in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/) {
        names.insert(String(match.1).replacing("\\\"", with: "\""))
      }
    }
    return names
  }

  @Test("The table of deviations has every row once, in order, each with a test or a plain not-yet")
  func whole() throws {
    let numbered = try Self.rows().filter { Int($0[0]) != nil }
    #expect(numbered.compactMap { Int($0[0]) } == Array(1...65))
    for row in numbered {
      let number = row[0]
      #expect(row.count == 4 && !row[1].isEmpty && !row[2].isEmpty, "\(number)")
      guard let last = row.last else { continue }
      #expect(!Self.references(last).isEmpty || last.hasPrefix("not yet: "), "\(number)")
    }
  }

  @Test("Every test that the table of deviations names exists")
  func named() throws {
    var known: [String: Set<String>] = [:]
    var count = 0
    for row in try Self.rows() {
      for (target, name) in Self.references(row.last ?? "") {
        let names = try known[target] ?? Self.names(target)
        known[target] = names
        #expect(names.contains(name), "row \(row[0]): \(target)/\(name)")
        count += 1
      }
    }
    #expect(count > 65)
  }
}
