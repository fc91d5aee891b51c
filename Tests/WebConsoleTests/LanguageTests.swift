import Foundation
import Testing
import WebConsole

/// Both languages are complete, and the scripts ask for nothing that is not there.
struct LanguageTests {
  private static func table(_ language: String) throws -> [String: String] {
    let bytes = try #require(WebConsole.asset(path: "/lang/\(language).json")).bytes
    return try JSONDecoder().decode([String: String].self, from: Data(bytes))
  }

  private static func scripts() throws -> [(path: String, text: String)] {
    try WebConsole.paths.filter { $0.hasSuffix(".js") }
      .map { ($0, String(decoding: try #require(WebConsole.asset(path: $0)).bytes, as: UTF8.self)) }
  }

  @Test("Chinese and English have the same keys and no empty text")
  func sameKeys() throws {
    let (chinese, english) = (try Self.table("zh-CN"), try Self.table("en"))
    #expect(Set(chinese.keys).symmetricDifference(english.keys).isEmpty)
    #expect(chinese.count > 400)
    for (key, text) in chinese { #expect(!text.isEmpty && english[key]?.isEmpty == false, "\(key)") }
  }

  @Test("a text has the same places to fill in both languages")
  func samePlaces() throws {
    let (chinese, english) = (try Self.table("zh-CN"), try Self.table("en"))
    func places(_ text: String?) -> [String] {
      (text ?? "").matches(of: /\{\w+\}/).map { String($0.output) }.sorted()
    }
    for (key, text) in chinese { #expect(places(text) == places(english[key]), "\(key)") }
  }

  @Test("English holds no Chinese, and Chinese is Chinese")
  func rightLanguage() throws {
    func isChinese(_ text: String) -> Bool {
      text.unicodeScalars.contains { (0x4e00...0x9fff).contains($0.value) }
    }
    // The names of the other language, and what is the same in every language.
    let own: Set = ["frame.languageName", "frame.languageShort"]
    for (key, text) in try Self.table("en") where !own.contains(key) { #expect(!isChinese(text), "\(key)") }
    let same = try Self.table("en")
    for (key, text) in try Self.table("zh-CN") where !own.contains(key) && same[key] != text {
      #expect(isChinese(text) || key == "key.jump10", "\(key): \(text)")
    }
  }

  @Test("every text that a script asks for exists")
  func used() throws {
    let table = try Self.table("en")
    let heads = Set(table.keys.compactMap { $0.split(separator: ".").first.map(String.init) })
    for (path, text) in try Self.scripts() {
      for match in text.matches(of: /'([a-zA-Z]+(?:\.[A-Za-z0-9\-]+)+)'/) {
        let key = String(match.output.1)
        guard heads.contains(String(key.split(separator: ".")[0])) else { continue }
        let isPrefix = table.keys.contains { $0.hasPrefix(key + ".") }
        #expect(table[key] != nil || isPrefix, "\(path) asks for “\(key)”")
      }
      // `prefix.${code}` needs at least one text behind it.
      for match in text.matches(of: /`([a-zA-Z]+(?:\.[A-Za-z0-9\-]+)*\.)\$\{/) {
        let prefix = String(match.output.1)
        #expect(table.keys.contains { $0.hasPrefix(prefix) }, "\(path) asks for “\(prefix)…”")
      }
    }
  }

  @Test("every text is used somewhere")
  func unused() throws {
    let scripts = try Self.scripts().map(\.text).joined(separator: "\n")
    var prefixes = scripts.matches(of: /`([a-zA-Z]+(?:\.[A-Za-z0-9\-]+)*\.)\$\{/).map { String($0.output.1) }
    prefixes += scripts.matches(of: /tCode\('([a-zA-Z.]+)'/).map { "\($0.output.1)." }
    for key in try Self.table("en").keys where !prefixes.contains(where: { key.hasPrefix($0) }) {
      #expect(scripts.contains("'\(key)'"), "“\(key)” is used nowhere")
    }
  }

  @Test("every command of the keyboard map has a name")
  func commands() throws {
    let table = try Self.table("zh-CN")
    let map = String(
      decoding: try #require(WebConsole.asset(path: "/js/lib/key-map.js")).bytes, as: UTF8.self)
    let titles = map.matches(of: /k\('[^']+', '([^']+)'/).map { "key.\($0.output.1)" }
    #expect(titles.count > 40)
    for title in titles { #expect(table[title] != nil, "\(title)") }
  }
}
