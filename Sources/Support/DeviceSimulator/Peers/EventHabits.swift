public import GBCore

/// How a peer reports what happens: which subscriptions it grants, how alarms go out, what it gets wrong.
public struct EventHabits: Sendable, Hashable {
  /// How alarms go out.
  public enum AlarmWay: String, Sendable, Hashable, CaseIterable {
    /// By NOTIFY while there is a subscription, else by MESSAGE.
    case usual
    case message
    /// By NOTIFY only: without a subscription nobody hears.
    case notify
    /// By MESSAGE, and by NOTIFY too while there is a subscription (§5.2, field).
    case both
  }

  /// Others get 489.
  public var grants: Set<SubscriptionKind>
  public var alarms: AlarmWay
  /// Whether it raises alarms only while it is armed (§14.2 #39).
  public var needsGuard: Bool
  /// Whether an input (method 2) raises the next alarm only after it was reset (§10.2).
  public var needsReset: Bool
  /// Whether its NOTIFYs have tags and a Call-ID of their own (§14.2 #40).
  public var breaksTags: Bool
  /// Whether its first NOTIFY overtakes the answer to the SUBSCRIBE.
  public var notifiesFirst: Bool

  public init(
    grants: Set<SubscriptionKind> = Set(SubscriptionKind.allCases), alarms: AlarmWay = .usual,
    needsGuard: Bool = false, needsReset: Bool = false, breaksTags: Bool = false, notifiesFirst: Bool = false
  ) {
    (self.grants, self.alarms, self.needsGuard) = (grants, alarms, needsGuard)
    (self.needsReset, self.breaksTags, self.notifiesFirst) = (needsReset, breaksTags, notifiesFirst)
  }
}
