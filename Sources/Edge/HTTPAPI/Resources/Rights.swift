/// Who may look, and why: purposes, grants, requests, emergencies.

extension API {
  /// Why somebody looks, as a request states it. What is absent is taken from the standing purpose.
  public struct Statement: Codable, Sendable, Hashable {
    /// The code of a purpose; another text is taken as words under the standing purpose.
    public var purpose: String?
    public var caseNumber: String?
    public var approver: String?

    public init(purpose: String? = nil, caseNumber: String? = nil, approver: String? = nil) {
      (self.purpose, self.caseNumber, self.approver) = (purpose, caseNumber, approver)
    }
  }

  /// A request that says why.
  public protocol StatesPurpose {
    var purpose: String? { get }
    var caseNumber: String? { get }
    var approver: String? { get }
  }

  /// A purpose as an account carries it.
  public struct StandingPurpose: Codable, Sendable, Hashable {
    public var purpose: String
    public var caseNumber: String?
    public var approver: String?
    public var words: String?
    /// When it ends; pictures end with it.
    public var until: Time?

    public init(
      purpose: String, caseNumber: String? = nil, approver: String? = nil, words: String? = nil,
      until: Time? = nil
    ) {
      (self.purpose, self.caseNumber, self.approver) = (purpose, caseNumber, approver)
      (self.words, self.until) = (words, until)
    }
  }

  /// The purpose that the own looks carry.
  public struct OwnPurpose: Codable, Sendable, Hashable {
    /// Absent when there is none.
    public var standing: StandingPurpose?
    /// Whether it is the role's, not one that was chosen.
    public var byRole: Bool

    public init(standing: StandingPurpose? = nil, byRole: Bool) {
      (self.standing, self.byRole) = (standing, byRole)
    }
  }

  /// An entry of the list of purposes.
  public struct Purpose: Codable, Sendable, Hashable {
    public var code: String
    public var english: String
    public var chinese: String
    public var needsCase: Bool
    public var needsApprover: Bool
    /// Only a grant that names it carries it.
    public var reserved: Bool
    public var enabled: Bool

    public init(
      code: String, english: String, chinese: String, needsCase: Bool, needsApprover: Bool, reserved: Bool,
      enabled: Bool
    ) {
      (self.code, self.english, self.chinese) = (code, english, chinese)
      (self.needsCase, self.needsApprover) = (needsCase, needsApprover)
      (self.reserved, self.enabled) = (reserved, enabled)
    }
  }

  /// A purpose to be added or changed.
  public struct PurposeChange: Codable, Sendable, Hashable {
    public var english: String
    public var chinese: String
    public var needsCase: Bool?
    public var needsApprover: Bool?
    public var enabled: Bool?

    public init(
      english: String, chinese: String, needsCase: Bool? = nil, needsApprover: Bool? = nil,
      enabled: Bool? = nil
    ) {
      (self.english, self.chinese) = (english, chinese)
      (self.needsCase, self.needsApprover, self.enabled) = (needsCase, needsApprover, enabled)
    }
  }

  /// A body that people belong to.
  public struct Organisation: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var parent: String?

    public init(id: String, name: String, parent: String? = nil) {
      (self.id, self.name, self.parent) = (id, name, parent)
    }
  }

  /// An organisation to be added or changed.
  public struct OrganisationChange: Codable, Sendable, Hashable {
    public var name: String
    public var parent: String?

    public init(name: String, parent: String? = nil) { (self.name, self.parent) = (name, parent) }
  }

  /// Whom a grant is for.
  public struct Grantee: Codable, Sendable, Hashable {
    /// `person`, `key`, `role`, `organisation` or `level`.
    public var kind: String
    public var name: String

    public init(kind: String, name: String) { (self.kind, self.name) = (kind, name) }
  }

  /// Which channels are meant.
  public struct GrantScope: Codable, Sendable, Hashable {
    /// `all`, `subtree`, `group`, `list` or `label`.
    public var kind: String
    /// The node, group or label.
    public var name: String?
    /// The channels of a list.
    public var channels: [String]?

    public init(kind: String, name: String? = nil, channels: [String]? = nil) {
      (self.kind, self.name, self.channels) = (kind, name, channels)
    }
  }

  /// Hours of a week.
  public struct WeeklyHours: Codable, Sendable, Hashable {
    /// 1 Monday … 7 Sunday; absent every day.
    public var weekdays: [Int]?
    /// `HH:MM`
    public var from: String
    /// `HH:MM`, up to 24:00; not after `from` means of the next day.
    public var to: String
    /// Minutes east of UTC; absent 480.
    public var offset: Int?

    public init(weekdays: [Int]? = nil, from: String, to: String, offset: Int? = nil) {
      (self.weekdays, self.from, self.to, self.offset) = (weekdays, from, to, offset)
    }
  }

  /// Under what conditions a grant holds; what is absent does not limit.
  public struct GrantConditions: Codable, Sendable, Hashable {
    public var purposes: [String]?
    public var hours: WeeklyHours?
    /// No recordings from before.
    public var footageSince: Time?
    /// No recordings older than so many seconds.
    public var footageSeconds: Int?
    public var starts: Time?
    public var expires: Time?
    /// Looks at once.
    public var viewers: Int?
    /// Of a grant for another level: only these of its people, `level/person/name`, and organisations,
    /// `level/organisation/id`.
    public var visitors: [String]?
    /// Whether pictures under it are shown without their viewer's name over them.
    public var unmarked: Bool?

    public init(
      purposes: [String]? = nil, hours: WeeklyHours? = nil, footageSince: Time? = nil,
      footageSeconds: Int? = nil, starts: Time? = nil, expires: Time? = nil, viewers: Int? = nil,
      visitors: [String]? = nil, unmarked: Bool? = nil
    ) {
      self.visitors = visitors
      (self.purposes, self.hours, self.footageSince) = (purposes, hours, footageSince)
      (self.footageSeconds, self.starts, self.expires) = (footageSeconds, starts, expires)
      (self.viewers, self.unmarked) = (viewers, unmarked)
    }
  }

  /// A grant to be given.
  public struct NewGrant: Codable, Sendable, Hashable {
    public var grantee: Grantee
    public var scope: GrantScope
    /// `live`, `replay`, `download`, `control`, `audio`, `configure`; empty: the channels appear in lists.
    public var operations: [String]
    /// 1…254; absent that of the role.
    public var priority: Int?
    public var conditions: GrantConditions?
    public var note: String?

    public init(
      grantee: Grantee, scope: GrantScope, operations: [String], priority: Int? = nil,
      conditions: GrantConditions? = nil, note: String? = nil
    ) {
      (self.grantee, self.scope, self.operations) = (grantee, scope, operations)
      (self.priority, self.conditions, self.note) = (priority, conditions, note)
    }
  }

  /// A grant.
  public struct Grant: Codable, Sendable, Hashable {
    public var id: String
    /// The level that gave it.
    public var issuer: String
    public var grantee: Grantee
    public var scope: GrantScope
    public var operations: [String]
    public var priority: Int?
    public var conditions: GrantConditions
    public var note: String
    public var created: Time
    public var createdBy: String
    /// Whether it holds now, its hours apart.
    public var inForce: Bool
    public var revoked: Time?
    public var revokedBy: String?

    public init(
      id: String, issuer: String, grantee: Grantee, scope: GrantScope, operations: [String],
      priority: Int? = nil, conditions: GrantConditions, note: String, created: Time, createdBy: String,
      inForce: Bool, revoked: Time? = nil, revokedBy: String? = nil
    ) {
      (self.id, self.issuer, self.grantee, self.scope) = (id, issuer, grantee, scope)
      (self.operations, self.priority, self.conditions) = (operations, priority, conditions)
      (self.note, self.created, self.createdBy, self.inForce) = (note, created, createdBy, inForce)
      (self.revoked, self.revokedBy) = (revoked, revokedBy)
    }
  }

  /// A question to be explained: who, what, where, why.
  public struct AccessTrial: Codable, Sendable, Hashable {
    /// `person`, `key` or `level`, and its name.
    public var asker: Grantee
    /// Who of a level asks, as in the conditions of a grant.
    public var visitor: String?
    public var operation: String
    public var channel: String
    public var purpose: String?
    public var caseNumber: String?
    public var approver: String?
    /// For recordings.
    public var from: Time?
    public var to: Time?

    public init(
      asker: Grantee, visitor: String? = nil, operation: String, channel: String, purpose: String? = nil,
      caseNumber: String? = nil, approver: String? = nil, from: Time? = nil, to: Time? = nil
    ) {
      self.visitor = visitor
      (self.asker, self.operation, self.channel) = (asker, operation, channel)
      (self.purpose, self.caseNumber, self.approver) = (purpose, caseNumber, approver)
      (self.from, self.to) = (from, to)
    }
  }

  /// What a grant says to a question.
  public struct GrantOpinion: Codable, Sendable, Hashable {
    public var grant: Grant
    /// What speaks against it; absent for nothing.
    public var reason: String?

    public init(grant: Grant, reason: String? = nil) { (self.grant, self.reason) = (grant, reason) }
  }

  /// What would be decided, and why.
  public struct AccessExplanation: Codable, Sendable, Hashable {
    public var allowed: Bool
    /// The grant that carries it, or that failed nearest to a yes.
    public var grant: String?
    /// The word of the denial.
    public var reason: String?
    /// The same for a person, and what to do.
    public var text: String?
    public var fix: String?
    public var until: Time?
    /// Every grant for this asker and this channel.
    public var considered: [GrantOpinion]

    public init(
      allowed: Bool, grant: String? = nil, reason: String? = nil, text: String? = nil, fix: String? = nil,
      until: Time? = nil, considered: [GrantOpinion]
    ) {
      (self.allowed, self.grant, self.reason, self.text) = (allowed, grant, reason, text)
      (self.fix, self.until, self.considered) = (fix, until, considered)
    }
  }

  /// Access that somebody asks for.
  public struct NewAccessRequest: Codable, Sendable, Hashable {
    public var scope: GrantScope
    public var operations: [String]
    public var purpose: String
    public var caseNumber: String?
    public var approver: String?
    /// In the own words.
    public var words: String?
    public var until: Time

    public init(
      scope: GrantScope, operations: [String], purpose: String, caseNumber: String? = nil,
      approver: String? = nil, words: String? = nil, until: Time
    ) {
      (self.scope, self.operations, self.purpose) = (scope, operations, purpose)
      (self.caseNumber, self.approver, self.words, self.until) = (caseNumber, approver, words, until)
    }
  }

  /// A request for access and its state.
  public struct AccessRequest: Codable, Sendable, Hashable {
    public var id: String
    public var asker: String
    public var scope: GrantScope
    public var operations: [String]
    public var purpose: StandingPurpose
    public var until: Time
    public var created: Time
    /// `asked`, `granted`, `refused`, `withdrawn` or `expired`.
    public var state: String
    public var decided: Time?
    public var decidedBy: String?
    /// What the approver said.
    public var answer: String?
    public var grant: String?
    /// The level where the asker is, when it is another one.
    public var level: String?
    /// The next level on the way to the owner, which decides; absent when it is decided here.
    public var owner: String?
    /// Whether that level has it.
    public var delivered: Bool?

    public init(
      id: String, asker: String, scope: GrantScope, operations: [String], purpose: StandingPurpose,
      until: Time, created: Time, state: String, decided: Time? = nil, decidedBy: String? = nil,
      answer: String? = nil, grant: String? = nil, level: String? = nil, owner: String? = nil,
      delivered: Bool? = nil
    ) {
      (self.level, self.owner, self.delivered) = (level, owner, delivered)
      (self.id, self.asker, self.scope, self.operations) = (id, asker, scope, operations)
      (self.purpose, self.until, self.created, self.state) = (purpose, until, created, state)
      (self.decided, self.decidedBy, self.answer, self.grant) = (decided, decidedBy, answer, grant)
    }
  }

  /// An approver's decision.
  public struct AccessRequestDecision: Codable, Sendable, Hashable {
    public var grant: Bool
    public var answer: String?
    /// An earlier end.
    public var until: Time?

    /// Some of the operations that were asked for.
    public var operations: [String]?
    public var hours: WeeklyHours?
    /// No recordings older than so many seconds.
    public var footageSeconds: Int?
    /// Looks at once.
    public var viewers: Int?

    public init(
      grant: Bool, answer: String? = nil, until: Time? = nil, operations: [String]? = nil,
      hours: WeeklyHours? = nil, footageSeconds: Int? = nil, viewers: Int? = nil
    ) {
      (self.grant, self.answer, self.until, self.operations) = (grant, answer, until, operations)
      (self.hours, self.footageSeconds, self.viewers) = (hours, footageSeconds, viewers)
    }
  }

  /// Why somebody breaks the glass.
  public struct NewBreakGlass: Codable, Sendable, Hashable {
    /// At least ten characters.
    public var reason: String

    public init(reason: String) { self.reason = reason }
  }

  /// Access taken in an emergency.
  public struct BreakGlass: Codable, Sendable, Hashable {
    public var id: String
    public var person: String
    public var reason: String
    public var opened: Time
    /// When the access ends.
    public var until: Time
    public var grant: String
    /// Whether its review is late.
    public var late: Bool
    /// `justified` or `unjustified`, once reviewed.
    public var verdict: String?
    public var reviewed: Time?
    public var reviewedBy: String?
    public var words: String?

    public init(
      id: String, person: String, reason: String, opened: Time, until: Time, grant: String, late: Bool,
      verdict: String? = nil, reviewed: Time? = nil, reviewedBy: String? = nil, words: String? = nil
    ) {
      (self.id, self.person, self.reason, self.opened) = (id, person, reason, opened)
      (self.until, self.grant, self.late, self.verdict) = (until, grant, late, verdict)
      (self.reviewed, self.reviewedBy, self.words) = (reviewed, reviewedBy, words)
    }
  }

  /// A reviewer's verdict.
  public struct BreakGlassReview: Codable, Sendable, Hashable {
    public var verdict: String
    public var words: String?

    public init(verdict: String, words: String? = nil) { (self.verdict, self.words) = (verdict, words) }
  }

  /// The labels of a channel.
  public struct ChannelLabels: Codable, Sendable, Hashable {
    public var labels: [String]

    public init(labels: [String]) { self.labels = labels }
  }

  /// What of an account is changed. An empty text takes the organisation away.
  public struct PersonChange: Codable, Sendable, Hashable {
    public var organisation: String?
    public var standing: StandingPurpose?
    /// Whether the account goes back to the purpose of its role.
    public var standingByRole: Bool?

    public init(
      organisation: String? = nil, standing: StandingPurpose? = nil, standingByRole: Bool? = nil
    ) {
      (self.organisation, self.standing, self.standingByRole) = (organisation, standing, standingByRole)
    }
  }

  /// What an account has beside its role.
  public struct Person: Codable, Sendable, Hashable {
    public var name: String
    public var organisation: String?
    public var standing: StandingPurpose?

    public init(name: String, organisation: String? = nil, standing: StandingPurpose? = nil) {
      (self.name, self.organisation, self.standing) = (name, organisation, standing)
    }
  }

  /// Somebody who is signed in.
  public struct SignedInElsewhere: Codable, Sendable, Hashable {
    public var id: String
    public var user: String
    public var source: String
    public var created: Time
    public var expires: Time
    /// Whether it is the session that asks.
    public var own: Bool

    public init(id: String, user: String, source: String, created: Time, expires: Time, own: Bool) {
      (self.id, self.user, self.source) = (id, user, source)
      (self.created, self.expires, self.own) = (created, expires, own)
    }
  }
}

extension API.StatesPurpose {
  /// What the body states, and what it leaves out as the query does.
  public func statement(of caller: Caller) -> API.Statement {
    API.Statement(
      purpose: purpose.flatMap { $0.isEmpty ? nil : $0 } ?? caller.stated.purpose,
      caseNumber: caseNumber ?? caller.stated.caseNumber, approver: approver ?? caller.stated.approver)
  }
}
