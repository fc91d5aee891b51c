/// The address of an `o=` or `c=` line.
public struct ConnectionLine: Sendable, Hashable {
  /// `IP4` or `IP6`.
  public var addressType: String
  /// An address or a name, without a TTL.
  public var address: String

  /// - Parameter address: an IP address; the type follows from it.
  public init(address: String) {
    self.address = address
    addressType = address.utf8.contains(58) ? "IP6" : "IP4"
  }

  /// Reads what follows `c=`: `IN IP4 192.0.2.1/127`. The last word that looks like an address counts.
  init?(line: String) {
    let words = SDPText.words(line)
    guard let last = words.last, words.count >= 2 || last.utf8.contains(46) || last.utf8.contains(58) else {
      return nil
    }
    self.init(address: String(last.prefix { $0 != "/" }))
    guard !address.isEmpty else { return nil }
  }

  /// `IN IP4 192.0.2.1`.
  public var text: String { "IN \(addressType) \(address)" }
}

/// The `o=` line. GB/T 28181 puts the device code into the user name.
public struct OriginLine: Sendable, Hashable {
  public var user: String
  public var sessionID: String
  public var version: String
  public var connection: ConnectionLine

  public init(user: String, address: String, sessionID: String = "0", version: String = "0") {
    self.user = user
    self.sessionID = sessionID
    self.version = version
    connection = ConnectionLine(address: address)
  }

  init?(line: String) {
    let words = SDPText.words(line)
    guard words.count >= 6 else { return nil }
    self.init(user: words[0], address: words[5], sessionID: words[1], version: words[2])
  }

  var text: String { "\(user) \(sessionID) \(version) \(connection.text)" }
}

/// The `t=` line: seconds of 1970, both zero for live (reference §7.2).
public struct SessionTime: Sendable, Hashable {
  public var start: Int64
  public var end: Int64

  public static let live = SessionTime(start: 0, end: 0)

  public init(start: Int64, end: Int64) {
    self.start = start
    self.end = end
  }

  init?(line: String) {
    let words = SDPText.words(line)
    guard words.count >= 2, let start = Int64(words[0]), let end = Int64(words[1]) else { return nil }
    self.init(start: start, end: end)
  }

  var text: String { "\(start) \(end)" }
}
