public import Access

/// What a request was allowed by, kept with the caller.
public struct Admission: Sendable, Hashable {
  /// The grant that carries it.
  public let grant: String
  /// The grant's control priority.
  public let priority: Int?
  /// The purpose as it stands in logs.
  public let purpose: String

  public init(grant: String, priority: Int?, purpose: String) {
    (self.grant, self.priority, self.purpose) = (grant, priority, purpose)
  }
}

/// Who may look at what, as the HTTP interface asks for it.
public protocol RightsOperations: SecondPersonOperations {
  /// Decides about an order or a look of one moment. Throws why not.
  ///
  /// - Parameter id: of a channel, or of a device for what is done with all of it.
  func admit(_ operation: AccessOperation, to id: String, by caller: Caller) async throws -> Admission
  /// Throws unless the caller may know of the channel.
  func requireShown(channel id: String, by caller: Caller) async throws

  func purposes() async throws -> [API.Purpose]
  func savePurpose(_ code: String, _ change: API.PurposeChange, by caller: Caller) async throws -> API.Purpose
  func ownPurpose(of caller: Caller) async throws -> API.OwnPurpose
  /// - Parameter standing: nil goes back to the role's.
  func setOwnPurpose(_ standing: API.StandingPurpose?, of caller: Caller) async throws -> API.OwnPurpose

  func organisations() async throws -> [API.Organisation]
  func saveOrganisation(_ id: String, _ change: API.OrganisationChange, by caller: Caller) async throws
    -> API.Organisation
  func removeOrganisation(_ id: String, by caller: Caller) async throws
  func persons() async throws -> [API.Person]
  func changePerson(_ name: String, _ change: API.PersonChange, by caller: Caller) async throws -> API.Person
  /// Accounts or keys were added or removed.
  func peopleChanged() async throws

  func grants() async throws -> [API.Grant]
  func addGrant(_ grant: API.NewGrant, by caller: Caller) async throws -> API.Grant
  func revokeGrant(_ id: String, by caller: Caller) async throws -> API.Grant
  /// What would be decided; nobody is told and nothing is counted.
  func explainAccess(_ trial: API.AccessTrial) async throws -> API.AccessExplanation

  /// The caller's requests; all for who may decide.
  func accessRequests(for caller: Caller) async throws -> [API.AccessRequest]
  func askForAccess(_ request: API.NewAccessRequest, by caller: Caller) async throws -> API.AccessRequest
  func decideAccessRequest(_ id: String, _ decision: API.AccessRequestDecision, by caller: Caller)
    async throws
    -> API.AccessRequest
  func withdrawAccessRequest(_ id: String, by caller: Caller) async throws -> API.AccessRequest

  /// The caller's emergencies; all for who may review.
  func brokenGlasses(for caller: Caller) async throws -> [API.BreakGlass]
  func breakGlass(_ new: API.NewBreakGlass, by caller: Caller) async throws -> API.BreakGlass
  func reviewBreakGlass(_ id: String, _ review: API.BreakGlassReview, by caller: Caller) async throws
    -> API.BreakGlass

  func labels(channel id: String) async throws -> API.ChannelLabels
  func setLabels(_ labels: API.ChannelLabels, channel id: String, by caller: Caller) async throws
    -> API.ChannelLabels
}
