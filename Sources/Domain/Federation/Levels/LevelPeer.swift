public import GBCore

/// A neighbour in one of the two roles that it may have towards us.
public struct LevelPeer: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// What it is to us.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    case superior
    case lower
  }

  public let id: DeviceID
  public let role: Role

  public init(_ role: Role, _ id: DeviceID) { (self.id, self.role) = (id, role) }

  public static func superior(_ id: DeviceID) -> LevelPeer { LevelPeer(.superior, id) }
  public static func lower(_ id: DeviceID) -> LevelPeer { LevelPeer(.lower, id) }

  public var description: String { "\(role.rawValue) \(id)" }

  public static func < (left: LevelPeer, right: LevelPeer) -> Bool {
    (left.id, left.role.rawValue) < (right.id, right.role.rawValue)
  }
}
