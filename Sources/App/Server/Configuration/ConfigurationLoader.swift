import Access
import Foundation
import GBCore
import Yams

extension ServerConfiguration {
  /// Reads the file, then the environment, then the flags; later ones win.
  ///
  /// - Parameters:
  ///   - file: path of a YAML file, or nil for defaults only.
  ///   - environment: nil for the process's own; keys start with `TRIBUTARY_`.
  ///   - overrides: key and value pairs from the command line.
  /// - Throws: ``ConfigurationError`` with one sentence for people.
  public static func load(
    file: String?, environment: [String: String]? = nil,
    overrides: [(String, String)] = []
  ) throws -> ServerConfiguration {
    let environment = environment ?? ProcessInfo.processInfo.environment
    var configuration = ServerConfiguration()
    if let file { try configuration.apply(yaml: read(file), named: file) }
    try checkNames(environment.keys)
    for key in ConfigurationKey.all {
      guard let value = environment[key.environmentName] else { continue }
      do { try key.apply(value, &configuration) } catch let error as ConfigurationError {
        throw ConfigurationError("environment \(key.environmentName): \(error)")
      }
    }
    for (name, value) in overrides { try configuration.set(name, value, from: "the command line") }
    try configuration.checkTogether()
    return configuration
  }

  /// What only makes sense together.
  private func checkTogether() throws {
    if let tls, tls.certificate.isEmpty || tls.key.isEmpty {
      let (given, missing) = tls.key.isEmpty ? ("certificate", "key") : ("key", "certificate")
      throw ConfigurationError("tls.\(given) needs tls.\(missing) beside it; name both PEM files or neither")
    }
    if let openID, openID.rules.issuer.isEmpty || openID.rules.client.isEmpty || openID.publicAddress.isEmpty
    {
      throw ConfigurationError("oidc needs issuer, client and address; name all three or none")
    }
    if sip.host.contains(":"), !media.host.contains(":") {
      throw ConfigurationError(
        "listen.sip is an IPv6 address and listen.media is not: devices would be told an address where no media port "
          + "is; use [::]:\(media.port), which hears IPv4 as well")
    }
  }

  /// A misspelt variable would be a setting that silently does not apply. Others that begin with `TRIBUTARY_` belong
  /// to scripts.
  private static func checkNames(_ names: some Sequence<String>) throws {
    let known = ConfigurationKey.all.map(\.environmentName)
    let sections = Set(ConfigurationKey.all.filter { $0.name.contains(".") }.map(\.environmentSection))
    for name in names.sorted() where !known.contains(name) && sections.contains(where: name.hasPrefix) {
      let nearest = known.min { distance($0, name) < distance($1, name) } ?? ""
      throw ConfigurationError("environment: unknown variable '\(name)'; did you mean '\(nearest)'?")
    }
  }

  /// Applies the text of a YAML file.
  mutating func apply(yaml: String, named name: String) throws {
    let root: Node?
    // Nodes, not values: YAML would make a number of an unquoted 20-digit code and lose its last digits.
    do { root = try Yams.compose(yaml: yaml) } catch {
      throw ConfigurationError("\(name) is not valid YAML: \(error)")
    }
    guard let root, !Self.isEmpty(root) else { return }
    guard let mapping = root.mapping else {
      throw ConfigurationError("\(name) must be a YAML mapping such as 'data: /var/lib/tributary'")
    }
    var flat: [(String, String)] = []
    for (key, value) in mapping { try Self.flatten(key.scalar?.string ?? "", value, into: &flat, file: name) }
    for (key, value) in flat.sorted(by: { $0.0 < $1.0 }) { try set(key, value, from: name) }
  }

  private mutating func set(_ name: String, _ value: String, from origin: String) throws {
    guard let key = ConfigurationKey.all.first(where: { $0.name == name }) else {
      if name == "tls" || name.hasPrefix("tls.") {
        throw ConfigurationError(
          "\(origin): tls takes two PEM files, tls: { certificate: FILE, key: FILE }, and nothing else; found '\(name)'"
        )
      }
      let nearest = ConfigurationKey.all.min { Self.distance($0.name, name) < Self.distance($1.name, name) }
      throw ConfigurationError("\(origin): unknown key '\(name)'; did you mean '\(nearest?.name ?? "data")'?")
    }
    do { try key.apply(value, &self) } catch let error as ConfigurationError {
      throw ConfigurationError("\(origin): \(error)")
    }
  }

  private static func read(_ path: String) throws -> String {
    do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw ConfigurationError("cannot read the configuration file '\(path)': \(error.localizedDescription)")
    }
  }

  private static func flatten(
    _ prefix: String, _ value: Node, into flat: inout [(String, String)], file: String
  ) throws {
    if let mapping = value.mapping {
      if mapping.isEmpty { flat.append((prefix, "")) }
      for (key, inner) in mapping {
        try flatten("\(prefix).\(key.scalar?.string ?? "")", inner, into: &flat, file: file)
      }
    } else if let list = value.sequence {
      let words = list.compactMap { $0.scalar?.string }
      guard words.count == list.count else {
        throw ConfigurationError("\(file): '\(prefix)' must be a list of plain values")
      }
      flat.append((prefix, words.joined(separator: ",")))
    } else if isEmpty(value) {
      throw ConfigurationError("\(file): '\(prefix)' has no value; remove the key or give it one")
    } else {
      flat.append((prefix, value.scalar?.string ?? ""))
    }
  }

  /// Nothing, `~` or `null`, not in quotes.
  private static func isEmpty(_ node: Node) -> Bool {
    guard let scalar = node.scalar, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// How many single-character edits apart two names are.
  static func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left), Array(right))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let cost = min(diagonal + (a[i] == b[j] ? 0 : 1), row[j] + 1, row[j + 1] + 1)
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
