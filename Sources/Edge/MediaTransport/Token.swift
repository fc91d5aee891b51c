import CMediaIO

/// What a readiness report is about: a kind and a number, packed into the 64 bits epoll carries.
struct Token {
  enum Kind: UInt64 {
    case bell = 1
    case datagrams
    case listener
    case streamDatagrams
    case streamListener
    case connection
    case viewer
    case relay
    case relayDatagrams
    case relayListener
  }

  let raw: UInt64

  init(raw: UInt64) { self.raw = raw }

  /// - Parameter value: below 2^56.
  init(_ kind: Kind, _ value: UInt64) { raw = kind.rawValue << 56 | value }

  var kind: Kind? { Kind(rawValue: raw >> 56) }
  var value: UInt64 { raw & (1 << 56 - 1) }
}

/// What a descriptor is ready for, or should be watched for.
struct Readiness: OptionSet {
  let rawValue: UInt32
  static let read = Readiness(rawValue: 1)
  static let write = Readiness(rawValue: 2)
  static let hangUp = Readiness(rawValue: 4)
}

extension MediaLoop {
  func watch(_ descriptor: Int32, _ readiness: Readiness, _ token: Token) {
    _ = tio_poller_add(poller, descriptor, readiness.rawValue, token.raw)
  }

  func rewatch(_ descriptor: Int32, _ readiness: Readiness, _ token: Token) {
    _ = tio_poller_change(poller, descriptor, readiness.rawValue, token.raw)
  }

  func unwatch(_ descriptor: Int32) { _ = tio_poller_remove(poller, descriptor) }
}
