/// Where grants and what belongs to them are kept. Every function is atomic.
public protocol RightsStore: Sendable {
  func organisations() async throws -> [Organisation]
  func saveOrganisation(_ organisation: Organisation) async throws
  func deleteOrganisation(_ id: String) async throws

  /// What accounts have beside their role. An account without an entry has nothing.
  func persons() async throws -> [PersonRecord]
  func savePerson(_ person: PersonRecord) async throws

  func purposes() async throws -> [Purpose]
  func savePurpose(_ purpose: Purpose) async throws

  func grants() async throws -> [Grant]
  /// Adds a grant, or writes its revocation.
  func saveGrant(_ grant: Grant) async throws

  func accessRequests() async throws -> [AccessRequest]
  /// Writes a request, and the grant that its decision made, together.
  func saveAccessRequest(_ request: AccessRequest, grant: Grant?) async throws

  func brokenGlasses() async throws -> [BreakGlass]
  /// Writes an emergency, and the grant that it made, together.
  func saveBreakGlass(_ glass: BreakGlass, grant: Grant?) async throws

  /// Which channels have a label, by label.
  func channelLabels() async throws -> [String: Set<String>]
  /// Gives a channel exactly these labels.
  func setLabels(_ labels: Set<String>, of channel: String) async throws
}
