import Access
import MediaTime

/// The grants a level begins with: every role may do with all channels what its functions are, as it could before
/// grants were. They are seen and revoked like every other.
enum HouseGrants {
  static func make(issuer: String, now: WallTime) -> [Grant] {
    Role.allCases.map { role in
      Grant(
        id: "house-\(role.rawValue)", issuer: issuer, grantee: .role(role), scope: .all,
        operations: operations(of: role), note: "The house: what this role could do before grants were.",
        created: now, createdBy: "tributary")
    }
  }

  /// The operations that the functions of a role need.
  static func operations(of role: Role) -> Set<AccessOperation> {
    let needs: [(AccessOperation, [Permission])] = [
      (.live, [.watchLive]), (.replay, [.watchRecordings]), (.download, [.exportRecordings]),
      (.control, [.control]), (.audio, [.talk]), (.configure, [.configure, .manageRecording]),
    ]
    return Set(
      needs.filter { $0.1.contains { AccessPolicy.allows(role, $0) } }.map(\.0))
  }
}
