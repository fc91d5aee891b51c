/// What may be subscribed to (§5).
public enum SubscriptionKind: String, Sendable, Hashable, CaseIterable, Comparable {
  case catalog
  case alarm
  case position
  /// Where a camera looks (2022).
  case ptzPosition = "ptz-position"

  public var cmdType: CmdType {
    switch self {
    case .catalog: .catalog
    case .alarm: .alarm
    case .position: .mobilePosition
    case .ptzPosition: .ptzPosition
    }
  }

  /// The kind whose bodies carry `cmdType`: the Event header of devices cannot be relied on (§5.1).
  public init?(_ cmdType: CmdType) {
    guard let kind = Self.allCases.first(where: { $0.cmdType == cmdType }) else { return nil }
    self = kind
  }

  /// The value of `Event` to ask with. `id` tells subscriptions of one package apart (§5.1).
  public func event(id: Int) -> String { self == .catalog ? "Catalog;id=\(id)" : "presence" }

  /// Seconds to ask for (§14.1).
  public var usualExpires: Int { self == .catalog ? 600 : 3_600 }

  public static func < (left: SubscriptionKind, right: SubscriptionKind) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The value of `Subscription-State` (RFC 6665 §4.1.3).
public enum NotifiedState: Sendable, Hashable {
  /// Active or pending; seconds that are left, when they were said.
  case active(expires: Int?)
  /// The notifier has ended it.
  case terminated(reason: String?, retryAfter: Int?)

  /// A missing or unknown word means active: devices forget the header.
  public init(_ text: String?) {
    let parts = (text ?? "active").split(separator: ";").map { $0.trimmingBlanks.lowercased() }
    func parameter(_ name: String) -> String? {
      parts.dropFirst().first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
    if parts.first == "terminated" {
      self = .terminated(
        reason: parameter("reason"),
        retryAfter: parameter("retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil })
    } else {
      self = .active(expires: parameter("expires").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil })
    }
  }

  /// As the header wants it.
  public var text: String {
    switch self {
    case .active(let expires): "active" + (expires.map { ";expires=\($0)" } ?? "")
    case .terminated(let reason, let retryAfter):
      "terminated" + (reason.map { ";reason=\($0)" } ?? "") + (retryAfter.map { ";retry-after=\($0)" } ?? "")
    }
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    var text = self
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}

extension MANSCDPDocument {
  /// The body of a SUBSCRIBE to positions: one report every so many seconds (§5.4).
  public static func subscribe(
    _ kind: SubscriptionKind, sn: Int, target: DeviceID, edition: GBVersion,
    filter: AlarmFilter = AlarmFilter(),
    interval: Int = 5
  ) -> MANSCDPDocument {
    let fields: [XMLElement] =
      switch kind {
      case .catalog, .ptzPosition: []
      case .alarm: filter.fields(for: edition)
      case .position: [XMLElement("Interval", String(max(interval, 1)))]
      }
    return MANSCDPDocument(.query, kind.cmdType, sn: sn, deviceID: target, fields: fields)
  }
}
