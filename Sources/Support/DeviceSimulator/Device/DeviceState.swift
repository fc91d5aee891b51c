public import GBCore

/// What a simulated device keeps of what it was told: made when the first order comes, so that a large fleet stays
/// small.
public struct DeviceState: Sendable, Hashable {
  /// By the code under which they are ordered about.
  public internal(set) var cameras: [DeviceID: CameraState] = [:]
  /// Codes whose guard is set, and those that record.
  public internal(set) var guarded: Set<DeviceID> = []
  public internal(set) var recording: Set<DeviceID> = []
  /// Key frames, alarm resets and restarts that were asked for.
  public internal(set) var keyFrames = 0
  public internal(set) var alarmResets = 0
  public internal(set) var restarts = 0
  public internal(set) var cards = [
    StorageCardReply.Card(number: 1, name: "SD1", status: "ok", capacity: 64_000, free: 12_000)
  ]
  /// What was set, by target and block.
  public internal(set) var configuration: [DeviceID: [ConfigurationKind: ConfigurationBlock]] = [:]
  /// After an upgrade.
  public internal(set) var firmware: String?
  /// Pictures that were uploaded.
  public internal(set) var uploads = 0

  public init() {}
}

/// What a simulated camera keeps.
public struct CameraState: Sendable, Hashable {
  /// A stored place.
  public struct Spot: Sendable, Hashable {
    public var name: String?
    public var place: PrecisePosition
  }
  public struct Cruise: Sendable, Hashable {
    public var name: String?
    public var presets: [Int] = []
    public var stay = 10
    public var speed = 5
  }

  public internal(set) var head = CameraHead()
  public internal(set) var spots: [Int: Spot] = [:]
  public internal(set) var cruises: [Int: Cruise] = [:]
  /// The cruise that runs, and the scan.
  public internal(set) var runningCruise: Int?
  public internal(set) var runningScan: Int?
  public internal(set) var home = HomePosition(isEnabled: false, resetTime: 60, preset: 1)
  /// Switches that are on; 1 is the wiper.
  public internal(set) var switches: Set<Int> = []
  /// Stops of pan, tilt and zoom that came.
  public internal(set) var stops = 0

  public init() {}

  /// Obeys one PTZ command.
  mutating func obey(_ action: PTZAction, names: PTZNames, now: Duration) {
    head.obey(action, now: now)
    switch action {
    case .stop:
      stops += 1
      (runningCruise, runningScan) = (nil, nil)
    case .move: (runningCruise, runningScan) = (nil, nil)
    case .lensStop, .lens: break
    case .preset(.set, let number): spots[Int(number)] = Spot(name: names.preset, place: head.place)
    case .preset(.delete, let number): spots[Int(number)] = nil
    case .preset(.call, let number):
      if let spot = spots[Int(number)] { head.go(to: spot.place, now: now) }
    case .cruise(let group, let order): cruise(Int(group), order, names.cruise)
    case .scan(let group, .start): runningScan = Int(group)
    case .scan: break
    case .auxiliary(let number, let isOn):
      if isOn { switches.insert(Int(number)) } else { switches.remove(Int(number)) }
    }
  }

  private mutating func cruise(_ group: Int, _ order: PTZCommand.CruiseAction, _ name: String?) {
    switch order {
    case .start: runningCruise = cruises[group] == nil ? nil : group
    case .deleteAll: cruises[group] = nil
    case .add(let preset): cruises[group, default: Cruise()].presets.append(Int(preset))
    case .delete(let preset): cruises[group]?.presets.removeAll { $0 == Int(preset) }
    case .speed(let speed): cruises[group]?.speed = min(max(speed, 1), 15)
    case .stay(let seconds): cruises[group]?.stay = seconds
    }
    if let name { cruises[group]?.name = name }
  }
}
