/// Decides whether a packet with the right SSRC comes from the right machine (GB/T 28181 §9.3).
///
/// ```text
///   open ──first packet from an expected host──► locked(address)
///   locked ──same address──► accept
///   locked ──other address, locked one heard within 5 s──► refuse
///   locked ──other address shows for 5 s while the locked one is silent──► locked(other)   (NAT re-binding)
/// ```
struct SourceLock {
  /// Nanoseconds of silence of the old source, and of presence of the new one, before a switch.
  static let patience: Int64 = 5_000_000_000

  enum Verdict: Equatable {
    case accept
    /// Accepted, and this source is new: what was collected from another one must not be mixed with it.
    case acceptNew
    case refuse
  }

  /// Machines that may send. Empty: any, once.
  private(set) var hosts: [MediaAddress]
  private(set) var locked: MediaAddress?
  private var lastHeard: Int64 = 0
  private var candidate: MediaAddress?
  private var candidateSince: Int64 = 0
  private var candidateHeard: Int64 = 0

  init(host: MediaAddress?) { hosts = host.map { [$0] } ?? [] }

  /// The device's answer names another machine that will send.
  mutating func allow(_ host: MediaAddress) {
    // An empty list means that anybody may send; naming one host must not narrow what was asked for.
    if !hosts.isEmpty { hosts.append(host) }
  }

  /// No machine was named: whoever knows the SSRC may send.
  var acceptsAnybody: Bool { hosts.isEmpty }

  /// Whether the dialog names this machine.
  func names(_ source: MediaAddress) -> Bool { hosts.contains { $0.isSameHost(as: source) } }

  /// Whether this machine may send at all.
  func expects(_ source: MediaAddress) -> Bool { acceptsAnybody || names(source) }

  /// - Parameter now: monotonic nanoseconds.
  mutating func check(_ source: MediaAddress, now: Int64) -> Verdict {
    if locked == source {
      lastHeard = now
      return .accept
    }
    guard locked != nil else {
      guard expects(source) else { return .refuse }
      locked = source
      lastHeard = now
      return .acceptNew
    }
    return checkOther(source, now: now)
  }

  private mutating func checkOther(_ source: MediaAddress, now: Int64) -> Verdict {
    guard expects(source) else { return .refuse }
    // Its time counts anew when the locked source spoke in between, and when it was itself away: one packet of
    // somebody seen long ago must not take over a camera that pauses.
    if candidate != source || candidateSince <= lastHeard || now - candidateHeard > Self.patience / 2 {
      candidate = source
      candidateSince = now
    }
    candidateHeard = now
    guard now - candidateSince >= Self.patience else { return .refuse }
    locked = source
    lastHeard = now
    candidate = nil
    return .acceptNew
  }

  /// A trusted path, such as a matched TCP connection, is the source from now on.
  mutating func lock(to source: MediaAddress, now: Int64) {
    locked = source
    lastHeard = now
    candidate = nil
  }

  /// The source is gone (its connection closed); the next expected one may take over.
  mutating func release() {
    locked = nil
    candidate = nil
  }
}
