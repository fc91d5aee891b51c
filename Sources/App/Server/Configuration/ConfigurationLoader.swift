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
    for key in ConfigurationKey.all {
      guard let value = environment[key.environmentName] else { continue }
      do { try key.apply(value, &configuration) } catch let error as ConfigurationError {
        throw ConfigurationError("environment \(key.environmentName): \(error)")
      }
    }
    for (name, value) in overrides { try configuration.set(name, value, from: "the command line") }
    return configuration
  }

  /// Applies the text of a YAML file.
  mutating func apply(yaml: String, named name: String) throws {
    let root: Any?
    do { root = try Yams.load(yaml: yaml) } catch {
      throw ConfigurationError("\(name) is not valid YAML: \(error)")
    }
    guard let root else { return }
    guard let mapping = root as? [String: Any] else {
      throw ConfigurationError("\(name) must be a YAML mapping such as 'data: /var/lib/tributary'")
    }
    var flat: [(String, String)] = []
    for (key, value) in mapping { try Self.flatten(key, value, into: &flat, file: name) }
    for (key, value) in flat.sorted(by: { $0.0 < $1.0 }) { try set(key, value, from: name) }
  }

  private mutating func set(_ name: String, _ value: String, from origin: String) throws {
    guard let key = ConfigurationKey.all.first(where: { $0.name == name }) else {
      if name == "tls" || name.hasPrefix("tls.") {
        throw ConfigurationError(
          "\(origin): tls is not available in this version; put a TLS proxy before listen.http and remove the key")
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
    _ prefix: String, _ value: Any, into flat: inout [(String, String)], file: String
  ) throws {
    switch value {
    case let mapping as [String: Any]:
      if mapping.isEmpty { flat.append((prefix, "")) }
      for (key, inner) in mapping { try flatten("\(prefix).\(key)", inner, into: &flat, file: file) }
    case let list as [Any]:
      flat.append((prefix, list.map { "\($0)" }.joined(separator: ",")))
    case is NSNull:
      throw ConfigurationError("\(file): '\(prefix)' has no value; remove the key or give it one")
    default:
      flat.append((prefix, "\(value)"))
    }
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
