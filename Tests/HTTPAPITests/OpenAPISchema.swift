import Foundation

/// As much of JSON Schema as the document uses: enough to tell whether an answer has the promised shape.
enum OpenAPISchema {
  static func descend(_ path: [String], in document: Any) -> Any? {
    path.reduce(document as Any?) { node, name in (node as? [String: Any])?[name] }
  }

  static func resolve(_ reference: String, in document: Any) -> Any? {
    descend(reference.split(separator: "/").dropFirst().map(String.init), in: document)
  }

  /// What is wrong with `value`; empty when it fits.
  static func faults(_ value: Any, _ schema: Any, in document: Any, at place: String) -> [String] {
    guard let schema = schema as? [String: Any] else { return ["\(place): no schema"] }
    if let reference = schema["$ref"] as? String {
      guard let target = resolve(reference, in: document) else { return ["\(place): \(reference)"] }
      return faults(value, target, in: document, at: place)
    }
    switch schema["type"] as? String {
    case "object": return objectFaults(value, schema, in: document, at: place)
    case "array":
      guard let list = value as? [Any], let items = schema["items"] else { return ["\(place): no array"] }
      return list.enumerated().flatMap { faults($1, items, in: document, at: "\(place)[\($0)]") }
    case "string":
      guard let text = value as? String else { return ["\(place): no string"] }
      if let known = schema["enum"] as? [String], !known.contains(text) { return ["\(place): “\(text)”"] }
      return []
    case "integer", "number", "boolean":
      return value is NSNumber ? [] : ["\(place): no number"]
    default:
      return ["\(place): unknown type"]
    }
  }

  private static func objectFaults(
    _ value: Any, _ schema: [String: Any], in document: Any, at place: String
  ) -> [String] {
    guard let object = value as? [String: Any] else { return ["\(place): no object"] }
    guard let properties = schema["properties"] as? [String: Any] else {
      guard let each = schema["additionalProperties"] else { return [] }
      return object.flatMap { faults($1, each, in: document, at: "\(place).\($0)") }
    }
    let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map {
      "\(place).\($0) missing"
    }
    return missing
      + object.flatMap { name, member in
        properties[name].map { faults(member, $0, in: document, at: "\(place).\(name)") }
          ?? ["\(place).\(name) is not described"]
      }
  }
}
