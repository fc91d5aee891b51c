import GBCore
import Recording
import Synchronization

/// What devices have shown to be able to do with a replay, as long as the program runs.
final class DeviceTraits: Sendable {
  private struct Trait {
    var pace = ReplayPace.unscaled
    /// It takes no orders at all: everything is done by new calls.
    var takesNoOrders = false
    var refusedRates: Set<Double> = []
  }

  /// Rates that both editions require (§8.1), and those that recorders know beside them.
  private static let usual: [Double] = [0.25, 0.5, 1, 2, 4, 8, 16]
  private let edition: @Sendable (DeviceID) -> GBVersion
  private let traits = Mutex<[DeviceID: Trait]>([:])

  init(edition: @escaping @Sendable (DeviceID) -> GBVersion) { self.edition = edition }

  /// Rates worth asking for. Backwards only the 2022 edition is sure of.
  func rates(of device: DeviceID) -> [Double] {
    let trait = traits.withLock { $0[device] } ?? Trait()
    guard !trait.takesNoOrders else { return [1] }
    let backwards: [Double] = edition(device).is2022 ? [-1] : []
    return (backwards + Self.usual).filter { !trait.refusedRates.contains($0) }
  }

  func pace(of device: DeviceID) -> ReplayPace { traits.withLock { $0[device]?.pace } ?? .unscaled }

  func remember(_ pace: ReplayPace, of device: DeviceID) {
    traits.withLock { $0[device, default: Trait()].pace = pace }
  }

  func forget(rate: Double, of device: DeviceID) {
    guard rate != 1 else { return }
    _ = traits.withLock { $0[device, default: Trait()].refusedRates.insert(rate) }
  }

  func noOrders(of device: DeviceID) { traits.withLock { $0[device, default: Trait()].takesNoOrders = true } }

  /// It registered again: other firmware may know more.
  func reset(_ device: DeviceID) { traits.withLock { $0[device] = nil } }
}
