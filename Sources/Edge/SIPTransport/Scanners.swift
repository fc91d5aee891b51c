/// Tools that search the internet for open SIP servers, by their `User-Agent`.
enum Scanners {
  /// Lower case.
  private static let names: [StaticString] = [
    "friendly-scanner", "sipvicious", "sundayddr", "sip-scan", "sipcli", "sipsak", "pplsip",
    "vaxsipuseragent",
    "iwar", "sipptk", "siparmyknife",
  ]

  /// Whether one of the names is in `userAgent`. Compares bytes: this runs for every request.
  static func isScanner(_ userAgent: Span<UInt8>) -> Bool {
    for name in names where contains(userAgent, name) { return true }
    return false
  }

  private static func contains(_ text: Span<UInt8>, _ name: StaticString) -> Bool {
    let length = name.utf8CodeUnitCount
    guard text.count >= length else { return false }
    return name.withUTF8Buffer { wanted in
      for start in 0...(text.count - length) {
        var matched = 0
        while matched < length, lower(text[start + matched]) == wanted[matched] { matched += 1 }
        if matched == length { return true }
      }
      return false
    }
  }

  private static func lower(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
}
