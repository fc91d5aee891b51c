public import SIPCore

/// The platforms that a call passed (`X-RoutePath`, in answers to INVITE) or is asked to pass (`X-PreferredPath`, in
/// INVITE): `id-id-…`, nearest to the reader first (GB/T 28181-2022 Annex H).
public struct RoutePath: Sendable, Hashable, CustomStringConvertible {
  /// More platforms than this are no path but an attack.
  public static let longest = 32

  /// Nearest first; never empty.
  public let platforms: [DeviceID]

  /// - Returns: nil for no platform at all, or for more than ``longest``.
  public init?(_ platforms: [DeviceID]) {
    guard (1...Self.longest).contains(platforms.count) else { return nil }
    self.platforms = platforms
  }

  /// - Returns: nil unless `text` is codes with a hyphen between them, blanks around them forgiven.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count <= Self.longest * (DeviceID.maximumLength + 3) else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let platforms = parts.compactMap { DeviceID($0) }
    guard platforms.count == parts.count else { return nil }
    self.init(platforms)
  }

  public var description: String { platforms.map(\.text).joined(separator: "-") }

  /// Whether a call that came this way passes `platform` again: a loop, to be refused with 482.
  public func contains(_ platform: DeviceID) -> Bool { platforms.contains(platform) }

  /// The path as `platform` passes it on.
  ///
  /// - Returns: nil when it would become longer than ``longest``.
  public func prepending(_ platform: DeviceID) -> RoutePath? { RoutePath([platform] + platforms) }

  // MARK: Preferred paths

  /// What a platform does with a call that asks for a path.
  public enum Step: Sendable, Hashable {
    /// The path ends here: the call is for this platform's own devices.
    case arrived
    /// Pass it on to this platform, with what is left of the path.
    case forward(DeviceID, RoutePath)
    /// The path does not begin here: route by default or refuse, as this platform likes.
    case elsewhere
    /// The path comes back here: refuse with 482.
    case loop
  }

  /// The next step at platform `own`, which takes itself off the path (Annex H).
  public func step(at own: DeviceID) -> Step {
    guard platforms.first == own else { return contains(own) ? .loop : .elsewhere }
    guard let rest = RoutePath(Array(platforms.dropFirst())), let next = rest.platforms.first else {
      return .arrived
    }
    return rest.contains(own) ? .loop : .forward(next, rest)
  }

  // MARK: Answers

  /// The path of an answer to INVITE, success or failure.
  ///
  /// - Parameters:
  ///   - below: the path in the answer that came from the platform below, if one came.
  ///   - lower: who that platform is, when it wrote no path.
  public static func answer(at own: DeviceID, below: RoutePath? = nil, lower: DeviceID? = nil) -> RoutePath? {
    if let below { return below.prepending(own) }
    return RoutePath([own] + (lower.map { [$0] } ?? []))
  }
}

extension SIPRequest {
  /// The path an INVITE is asked to take; nil when it asks for none, or for nothing that can be read.
  public var preferredPath: RoutePath? { headers[.preferredPath].flatMap { RoutePath($0) } }
}

extension SIPResponse {
  /// The platforms that an answer to INVITE came through.
  public var routePath: RoutePath? { headers[.routePath].flatMap { RoutePath($0) } }
}
