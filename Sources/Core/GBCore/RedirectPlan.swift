public import MediaTime
public import SIPCore

/// A server that a redirecting registrar sends devices to (GB/T 28181-2022, reference §2.5).
public struct RedirectTarget: Sendable, Hashable, CustomStringConvertible {
  public let id: DeviceID
  /// An IP address and port: devices resolve no names.
  public let address: SIPHostPort
  /// Its share of the devices beside the weights of the others, 1…1 000.
  public let weight: Int

  /// - Returns: nil for a code that is none, a port out of range or a weight out of range.
  public init?(id: DeviceID, address: SIPHostPort, weight: Int = 1) {
    guard id.isStandard, (1...65_535).contains(address.port), (1...1_000).contains(weight),
      !address.host.isEmpty
    else { return nil }
    (self.id, self.address, self.weight) = (id, address, weight)
  }

  /// Reads `id@host:port` or `id@host:port=weight`, IPv6 in brackets.
  public init?(_ text: some StringProtocol) {
    let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let place = halves.first, let uri = SIPURI("sip:\(place)"), let user = uri.user,
      let id = DeviceID(user),
      let port = uri.port, uri.parameters.text.isEmpty
    else { return nil }
    guard let weight = halves.count == 1 ? 1 : Int(halves[1]) else { return nil }
    self.init(id: id, address: SIPHostPort(host: uri.host, port: port), weight: weight)
  }

  public var description: String { "\(id)@\(address)" + (weight == 1 ? "" : "=\(weight)") }

  /// The value of Contact in the 302.
  var contact: String {
    NameAddress(uri: SIPURI(user: id.text, host: address.host, port: address.port)).description
  }
}

/// Which server each device is sent to: the one with the fewest devices for its weight.
///
/// A device that comes back while it should still be elsewhere found that server away or was refused there
/// (reference §2.5): it is sent to another one.
public struct RedirectPlan: Sendable {
  private struct Assignment {
    var index: Int
    var until: MonotonicTime
  }

  /// The redirector's own code: devices that fall to it stay.
  private let own: DeviceID
  public let targets: [RedirectTarget]
  /// Seconds that a redirection is meant for: `Expires` of the 302.
  public let expires: Int
  private var assigned: [DeviceID: Assignment] = [:]
  private var loads: [Int]
  private var nextSweep: MonotonicTime?

  /// - Parameter own: a target with this code means "stay here".
  public init(own: DeviceID, targets: [RedirectTarget], expires: Int = 3_600) {
    (self.own, self.targets, self.expires) = (own, targets, expires)
    loads = Array(repeating: 0, count: targets.count)
  }

  /// Devices sent to each target, or kept, that have not come back, in the order of ``targets``.
  public var shares: [Int] { loads }

  /// Chooses for a device that has proved who it is.
  ///
  /// - Returns: nil when it stays here.
  public mutating func target(for device: DeviceID, now: MonotonicTime) -> RedirectTarget? {
    guard !targets.isEmpty else { return nil }
    sweep(now)
    let before = release(device)
    if let before, targets[before].id == own { return keep(device, before, now) }
    // Who was sent away and is here again was not taken in there.
    let choices = targets.indices.filter { $0 != before || targets.count == 1 }
    let best = choices.min { left, right in
      (loads[left] + 1) * targets[right].weight < (loads[right] + 1) * targets[left].weight
    }
    return best.flatMap { keep(device, $0, now) }
  }

  /// The device is no longer counted: it unregistered, or was removed.
  public mutating func forget(_ device: DeviceID) { release(device) }

  private mutating func keep(_ device: DeviceID, _ index: Int, _ now: MonotonicTime) -> RedirectTarget? {
    assigned[device] = Assignment(index: index, until: now + .seconds(expires))
    loads[index] += 1
    return targets[index].id == own ? nil : targets[index]
  }

  /// - Returns: where it was sent last.
  @discardableResult
  private mutating func release(_ device: DeviceID) -> Int? {
    guard let old = assigned.removeValue(forKey: device) else { return nil }
    loads[old.index] -= 1
    return old.index
  }

  /// Forgets assignments that have ended, once a minute.
  private mutating func sweep(_ now: MonotonicTime) {
    if let nextSweep, now < nextSweep { return }
    nextSweep = now + .seconds(60)
    for (device, assignment) in assigned where assignment.until <= now { release(device) }
  }
}
