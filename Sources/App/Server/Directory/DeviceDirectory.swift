import GBCore
import Logging
import MediaTime
import Registry
import Synchronization

/// All devices and channels, in memory, with their changes written behind.
///
/// Asked from the SIP event loop, the media events and the API alike; nothing
/// here waits for the database. A writer flushes what changed (see ``flush()``).
final class DeviceDirectory: Sendable {
  struct State {
    var directory = Directory()
    var passwords: [DeviceID: String] = [:]
    var quarantine: [DeviceID: QuarantinedDevice] = [:]
    var problems: [DeviceID: [CatalogProblemRecord]] = [:]
    var backlog = RegistryBacklog()
    /// What the book says of those who say the same of themselves: it is asked at every registration and message.
    var choices: [ProfileClues: ProfileChoice] = [:]
    /// What those who follow the registry were not told yet; nil while nobody does.
    var news: RegistryNews?

    mutating func changed(_ device: DeviceID) {
      backlog.changed(device)
      news?.devices.insert(device)
    }

    mutating func changed(_ channel: ChannelKey) {
      backlog.changed(channel)
      news?.channels.insert(channel)
    }

    mutating func deleted(_ channel: ChannelKey) {
      backlog.deleted(channel)
      news?.channels.insert(channel)
    }
  }

  /// What a profile is chosen by.
  struct ProfileClues: Hashable {
    let setting, manufacturer, model, userAgent: String?
  }

  /// Choices kept; a device that names itself anew every minute must not fill the memory.
  private static let mostChoices = 1_000

  /// Quarantined devices kept; the oldest give way, so that a scanner cannot fill the memory.
  static let mostQuarantined = 1_000

  let store: any RegistryStore
  let logger: Logger
  let state = Mutex(State())
  /// Everything that writes to the store goes through here: a flush must not bring back what was removed.
  let writing = Turnstile()
  /// How makes of devices are spoken to.
  let profiles: ProfileBook
  private let keyFrames = Mutex<(@Sendable (ChannelKey) -> Void)?>(nil)

  init(store: any RegistryStore, profiles: ProfileBook = ProfileBook(), logger: Logger) {
    (self.store, self.profiles, self.logger) = (store, profiles, logger)
  }

  /// Reads everything from the store.
  func load() async throws {
    let passwords = try await store.passwords()
    let devices = try await store.devices().map { Self.credentialed($0, passwords) }
    let channels = try await store.channels(of: nil)
    let quarantine = try await store.quarantine()
    let problems = try await store.catalogProblems(of: nil)
    state.withLock { state in
      state.problems = Dictionary(grouping: problems, by: \.device)
      state.directory = Directory(devices: devices, channels: channels)
      state.passwords = passwords
      state.quarantine = Dictionary(quarantine.map { ($0.id, $0) }) { $1 }
    }
  }

  /// Takes over what another process (the command line) changed in the store.
  ///
  /// - Returns: devices that have another password, and those that are gone: both must register again.
  func merge() async throws -> (changed: [DeviceID], removed: [DeviceID]) {
    let passwords = try await store.passwords()
    let devices = try await store.devices().map { Self.credentialed($0, passwords) }
    let quarantine = try await store.quarantine()
    return state.withLock { state in
      var changed: [DeviceID] = []
      var removed: [DeviceID] = []
      for device in devices {
        state.news?.devices.insert(device.id)
        if state.directory[device.id] != nil {
          if state.passwords[device.id] != passwords[device.id] { changed.append(device.id) }
          state.directory.update(device.id) { known in
            // What we learnt ourselves may not be written yet.
            let remembered = known.settings.rememberedMediaTransport
            (known.name, known.settings, known.hasCredential) = (
              device.name, device.settings, device.hasCredential
            )
            known.settings.rememberedMediaTransport = remembered
          }
        } else {
          state.directory.save(device)
        }
      }
      let ids = Set(devices.map(\.id))
      for device in state.directory.devices where !ids.contains(device.id) {
        Self.forget(device.id, &state)
        removed.append(device.id)
      }
      state.passwords = passwords
      let waiting = Set(quarantine.map(\.id))
      for id in Array(state.quarantine.keys)
      where !waiting.contains(id) && !state.backlog.quarantine.contains(id) {
        state.quarantine[id] = nil
      }
      return (changed, removed)
    }
  }

  private static func credentialed(_ device: Device, _ passwords: [DeviceID: String]) -> Device {
    var device = device
    device.hasCredential = passwords[device.id] != nil
    return device
  }

  // MARK: Questions

  /// Looks at everything at one moment. `body` must be quick: the event loop may be waiting.
  func read<Result>(_ body: (inout Directory) -> Result) -> Result { state.withLock { body(&$0.directory) } }

  var devices: [Device] { state.withLock { $0.directory.devices } }
  var quarantine: [QuarantinedDevice] {
    state.withLock { $0.quarantine.values.sorted { ($0.lastSeen, $0.id) > ($1.lastSeen, $1.id) } }
  }

  func device(_ id: DeviceID) -> Device? { state.withLock { $0.directory[id] } }
  /// What the registrar must know of a device that registers.
  func account(_ id: DeviceID) -> RegistrarAccount? {
    state.withLock { state in
      guard let device = state.directory[id] else { return nil }
      return RegistrarAccount(
        password: state.passwords[id], userAlias: device.settings.userAlias,
        rule: device.settings.livenessRule(habits: choice(device, &state).profile.habits))
    }
  }

  // MARK: Habits

  /// How a device is spoken to: what was set for it, over the profile of its make. Unknown devices get the
  /// standard's way.
  func habits(of id: DeviceID) -> PeerHabits {
    state.withLock { state in
      guard let device = state.directory[id] else { return PeerHabits() }
      return device.settings.habits.over(choice(device, &state).profile.habits)
    }
  }

  /// The edition that is spoken with a device.
  ///
  /// - Parameter said: what its last REGISTER said, where that is fresher than the record.
  func edition(of id: DeviceID, said: GBVersion? = nil) -> GBVersion {
    habits(of: id).edition ?? said ?? device(id)?.dossier.version ?? .v2016
  }

  /// A time out of a device's report as it is meant: some write another zone's than Beijing's (§0.2).
  func ours(_ time: WallTime, from device: DeviceID) -> WallTime {
    time - .seconds(habits(of: device).timeOffset ?? 0)
  }

  /// Which profile a device has, and why.
  func profile(of device: Device) -> ProfileChoice { state.withLock { choice(device, &$0) } }

  private func choice(_ device: Device, _ state: inout State) -> ProfileChoice {
    let (setting, dossier) = (device.settings.profile, device.dossier)
    let clues = ProfileClues(
      setting: setting, manufacturer: dossier.manufacturer, model: dossier.model, userAgent: dossier.userAgent
    )
    if let known = state.choices[clues] { return known }
    let choice = profiles.choice(setting: setting, dossier: dossier)
    if state.choices.count >= Self.mostChoices { state.choices.removeAll(keepingCapacity: true) }
    state.choices[clues] = choice
    return choice
  }

  // MARK: Single records

  func channel(_ key: ChannelKey) -> Channel? { state.withLock { $0.directory[key] } }
  func password(_ id: DeviceID) -> String? { state.withLock { $0.passwords[id] } }
  func problems(of device: DeviceID) -> [CatalogProblemRecord] {
    state.withLock { $0.problems[device] ?? [] }
  }

  /// Where to send requests to a device that is not offline.
  func reachable(_ id: DeviceID) -> PeerAddress? {
    state.withLock { state in
      guard let device = state.directory[id], device.status == .online || device.status == .suspect else {
        return nil
      }
      return device.contact?.address
    }
  }

  // MARK: Key frames

  func onKeyFrameWanted(_ body: @escaping @Sendable (ChannelKey) -> Void) { keyFrames.withLock { $0 = body } }

  /// Asks the device of `channel` for a key frame, if signalling is up.
  func requestKeyFrame(_ channel: ChannelKey) {
    keyFrames.withLock { $0 }?(channel)
  }

  // MARK: Writing behind

  /// Channels in one transaction: others get at the store in between.
  private static let channelsAtOnce = 4_000

  /// Writes what changed since the last call. Call every half second and once at the end.
  ///
  /// Returns when it is on disk, or when that failed and it waits for the next call.
  func flush() async {
    await writing.pass {
      while await writePiece() {}
    }
  }

  /// Writes the next piece in one transaction.
  ///
  /// - Returns: whether more waits and can be written.
  private func writePiece() async -> Bool {
    let (taken, changes) = state.withLock { state in
      let taken = state.backlog.take(channels: Self.channelsAtOnce)
      return (taken, Self.changes(taken, state))
    }
    if !changes.isEmpty {
      do { try await store.write(changes) } catch {
        logger.error("the registry could not be written; it is tried again", metadata: ["error": "\(error)"])
        state.withLock { $0.backlog.putBack(taken) }
        return false
      }
    }
    // What only changed meanwhile waits for the next call, so that this one ends.
    return taken.channels.count == Self.channelsAtOnce
  }

  /// The present state of what waits; what is gone by now is left out.
  private static func changes(_ backlog: RegistryBacklog, _ state: State) -> RegistryChanges {
    var changes = RegistryChanges()
    changes.devices = backlog.devices.compactMap { state.directory[$0] }
    changes.contacts = backlog.contacts.compactMap { state.directory[$0] }
    changes.channels = backlog.channels.compactMap { state.directory[$0] }
    changes.deletedChannels = Array(backlog.deletedChannels)
    changes.quarantine = backlog.quarantine.compactMap { state.quarantine[$0] }
    for device in backlog.problems { changes.problems[device] = state.problems[device] }
    return changes
  }

  static func forget(_ id: DeviceID, _ state: inout State) {
    state.directory.remove(id)
    state.news?.forget(id)
    state.passwords[id] = nil
    state.problems[id] = nil
    state.backlog.forget(id)
  }
}
