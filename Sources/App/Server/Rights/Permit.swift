import Access
import GBCore
import MediaTime
import Registry

/// What an allowed look or order carries on its way.
struct Permit: Sendable, Hashable {
  let question: AccessQuestion
  let allowance: Allowance

  /// The purpose as it stands in logs.
  var purpose: String { question.purpose?.line ?? "" }
}

/// A look that lasts, and what is needed to end it.
struct RunningLook: Sendable {
  var permit: Permit
  /// The channel, to read its facts again.
  let channel: ChannelKey
  var isAlive: @Sendable () -> Bool = { true }
  /// Nil until it has begun.
  var end: (@Sendable (Denial.Reason) async -> Void)?
}

/// A look that was allowed and is counted.
struct OpenedLook: Sendable {
  let number: UInt64
  let permit: Permit
}
