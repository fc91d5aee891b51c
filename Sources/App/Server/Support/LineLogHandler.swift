import Foundation
public import Logging
import MediaTime

/// One line per event on standard error: `time level label: message key=value …`, or one JSON object.
///
/// Messages are static; values travel as metadata under registered keys
/// (docs/ref/logging.md), so that a line can be found by call, device or stream.
public struct LineLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let json: Bool

  public init(label: String, level: Logger.Level, json: Bool) {
    (self.label, self.logLevel, self.json) = (label, level, json)
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    let line = line(time: SystemClock.wall().rfc3339, level: event.level, message: "\(event.message)", all)
    FileHandle.standardError.write(Data(line.utf8))
  }

  /// One line with its end, keys in alphabetical order.
  func line(time: String, level: Logger.Level, message: String, _ metadata: Logger.Metadata) -> String {
    let pairs = metadata.sorted { $0.key < $1.key }
    guard json else {
      var line =
        "\(time) \(level) \(label): \(message.contains { $0.isNewline } ? Self.quoted(message) : message)"
      for (key, value) in pairs { line += " \(key)=\(Self.bare("\(value)"))" }
      return line + "\n"
    }
    var line = "{\"time\":\"\(time)\",\"level\":\"\(level)\",\"label\":\(Self.quoted(label)),"
    line += "\"message\":\(Self.quoted(message))"
    for (key, value) in pairs { line += ",\(Self.quoted(key)):\(Self.quoted("\(value)"))" }
    return line + "}\n"
  }

  private static func bare(_ text: String) -> String {
    text.isEmpty || text.utf8.contains { $0 <= 32 || $0 == 34 || $0 == 127 } ? quoted(text) : text
  }

  /// A JSON string; control characters from the wire cannot break a line.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(4_096) {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 32 || scalar.value == 127 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
