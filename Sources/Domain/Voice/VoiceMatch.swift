public import GBCore

/// A broadcast that waits for the device to call (§12.2).
public struct PendingVoice: Sendable, Hashable {
  public var session: String
  /// What the Broadcast named as `SourceID` and `TargetID`.
  public var source: DeviceID
  public var target: DeviceID
  /// Who registered.
  public var device: DeviceID
  /// Where it registered from, without a port.
  public var host: String

  public init(session: String, source: DeviceID, target: DeviceID, device: DeviceID, host: String) {
    (self.session, self.source, self.target) = (session, source, target)
    (self.device, self.host) = (device, host)
  }
}

/// What an INVITE says about the broadcast that it answers.
public struct VoiceCaller: Sendable, Hashable {
  /// `Subject`; many write none.
  public var subject: Subject?
  public var to: DeviceID?
  public var from: DeviceID?
  /// The address that its packets come from.
  public var host: String

  public init(subject: Subject? = nil, to: DeviceID? = nil, from: DeviceID? = nil, host: String) {
    (self.subject, self.to, self.from, self.host) = (subject, to, from, host)
  }
}

/// Finds the broadcast that an INVITE answers.
public enum VoiceMatch {
  /// Each word narrows what is left: the sender of the Subject, then To, then its receiver or From as target or
  /// device. A word that fits nothing is no reason to refuse; what remains must be one.
  ///
  /// Only broadcasts to that address are looked at: nobody calls for a voice that was meant for another house.
  public static func find(_ caller: VoiceCaller, among pending: [PendingVoice]) -> PendingVoice? {
    var left = pending.filter { $0.host == caller.host }
    narrow(&left) { $0.source == caller.subject?.sender }
    narrow(&left) { $0.source == caller.to }
    narrow(&left) { $0.target == caller.subject?.receiver }
    narrow(&left) { $0.target == caller.from }
    narrow(&left) { $0.device == caller.from }
    return left.count == 1 ? left.first : nil
  }

  private static func narrow(_ left: inout [PendingVoice], _ fits: (PendingVoice) -> Bool) {
    let fitting = left.filter(fits)
    if !fitting.isEmpty { left = fitting }
  }
}
