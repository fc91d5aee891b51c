/// The call to a loudspeaker: `Notify` `Broadcast` (§12.1). It names two codes where others name one.
public struct BroadcastNotice: Sendable, Hashable {
  /// Who speaks: an audio input, a platform or a person.
  public var source: DeviceID
  /// Where it is heard: a loudspeaker, or a device with all of its loudspeakers.
  public var target: DeviceID

  public init(source: DeviceID, target: DeviceID) { (self.source, self.target) = (source, target) }

  /// - Returns: nil unless `message` is such a call with both codes.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .notify, message.cmdType == .broadcast,
      let source = message.element.value("SourceID").flatMap({ DeviceID($0) }),
      let target = message.element.value("TargetID").flatMap({ DeviceID($0) })
    else { return nil }
    self.init(source: source, target: target)
  }

  /// What follows `SN`.
  public var fields: [XMLElement] {
    [XMLElement("SourceID", source.text), XMLElement("TargetID", target.text)]
  }
}

extension MANSCDPDocument {
  /// Calls a loudspeaker (§12.1).
  public static func broadcast(sn: Int, _ notice: BroadcastNotice) -> MANSCDPDocument {
    MANSCDPDocument(.notify, .broadcast, sn: sn, deviceID: notice.target, fields: notice.fields)
  }

  /// A call to a loudspeaker has no `DeviceID`: `SourceID` and `TargetID` stand in its place.
  var namesDevice: Bool { !(root == .notify && cmdType == .broadcast) }
}
