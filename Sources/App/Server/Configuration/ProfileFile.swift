import Foundation
import Registry
import Yams

/// Profiles of makes of devices out of a YAML file (docs/ref/profiles.md).
enum ProfileFile {
  /// The built-in profiles with those of a file, if any.
  ///
  /// - Throws: ``ConfigurationError`` with one sentence that names the file and what is wrong in it.
  static func book(_ path: String?) throws -> ProfileBook {
    guard let path else { return ProfileBook() }
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw ConfigurationError("cannot read the profiles '\(path)': \(error.localizedDescription)")
    }
    return try book(yaml: text, named: path)
  }

  /// The built-in profiles with those of a text.
  static func book(yaml: String, named name: String) throws -> ProfileBook {
    let root: Node?
    do { root = try Yams.compose(yaml: yaml) } catch {
      throw ConfigurationError("\(name) is not valid YAML: \(error)")
    }
    guard let mapping = root?.mapping else {
      throw ConfigurationError(
        "\(name) must be a YAML mapping of profiles, such as 'acme: {habits: {media: udp}}'")
    }
    var book = ProfileBook()
    // The first of the file is tried first.
    for (key, value) in mapping.reversed() {
      let id = key.scalar?.string ?? ""
      book.put(try profile(id, value, over: book[id], at: "\(name): \(id)"))
    }
    return book
  }

  private static func profile(
    _ id: String, _ node: Node, over known: PeerProfile?, at place: String
  ) throws -> PeerProfile {
    guard (1...32).contains(id.utf8.count), id.utf8.allSatisfy({ Self.isIDByte($0) }) else {
      throw ConfigurationError(
        "\(place): a profile's name must be 1 to 32 lower-case letters, digits and hyphens")
    }
    guard let fields = node.mapping else {
      throw ConfigurationError("\(place): must be a mapping with name, note, marks and habits")
    }
    var profile =
      known ?? PeerProfile(id: id, name: id, note: "", marks: PeerProfile.Marks(), habits: .init())
    for (key, value) in fields {
      switch key.scalar?.string {
      case "name": profile.name = try word(value, "\(place): name")
      case "note": profile.note = try word(value, "\(place): note")
      case "marks": profile.marks = try marks(value, place)
      case "habits": profile.habits = try habits(value, over: profile.habits, place)
      case let other:
        throw unknown(other, among: ["name", "note", "marks", "habits"], place)
      }
    }
    return profile
  }

  private static func marks(_ node: Node, _ place: String) throws -> PeerProfile.Marks {
    var marks = PeerProfile.Marks()
    for (key, value) in node.mapping ?? [:] {
      let words = try words(value, "\(place): marks")
      switch key.scalar?.string {
      case "manufacturers": marks.manufacturers = words
      case "models": marks.models = words
      case "user-agents": marks.userAgents = words
      case let other:
        throw unknown(other, among: ["manufacturers", "models", "user-agents"], "\(place): marks")
      }
    }
    return marks
  }

  private static func habits(_ node: Node, over known: PeerHabits, _ place: String) throws -> PeerHabits {
    var habits = known
    for (key, value) in node.mapping ?? [:] {
      let name = key.scalar?.string
      guard let key = name.flatMap(HabitKey.named) else {
        throw unknown(name, among: HabitKey.all.map(\.name), "\(place): habits")
      }
      let text = try words(value, "\(place): \(key.name)").joined(separator: ",")
      guard key.set(text, &habits) else {
        throw ConfigurationError("\(place): \(key.name) must be \(key.values), found '\(text)'")
      }
    }
    return habits
  }

  private static func isIDByte(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
  }

  private static func word(_ node: Node, _ place: String) throws -> String {
    guard let text = node.scalar?.string, !text.isEmpty, text.utf8.count <= 1_000 else {
      throw ConfigurationError("\(place): must be a text of at most 1000 bytes")
    }
    return text
  }

  /// One word, or a list of them.
  private static func words(_ node: Node, _ place: String) throws -> [String] {
    if let list = node.sequence { return try list.map { try word($0, place) } }
    return [try word(node, place)]
  }

  private static func unknown(_ name: String?, among known: [String], _ place: String) -> ConfigurationError {
    let name = name ?? ""
    let nearest = known.min {
      ServerConfiguration.distance($0, name) < ServerConfiguration.distance($1, name)
    }
    return ConfigurationError("\(place): unknown key '\(name)'; did you mean '\(nearest ?? "")'?")
  }
}
