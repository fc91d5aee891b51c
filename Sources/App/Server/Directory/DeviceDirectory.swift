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
    var dirtyDevices: Set<DeviceID> = []
    var dirtyChannels: Set<ChannelKey> = []
    var deletedChannels: Set<ChannelKey> = []
    var dirtyQuarantine: Set<DeviceID> = []
    var dirtyProblems: Set<DeviceID> = []
  }

  /// Quarantined devices kept; the oldest give way, so that a scanner cannot fill the memory.
  static let mostQuarantined = 1_000

  let store: any RegistryStore
  let logger: Logger
  let state = Mutex(State())
  private let keyFrames = Mutex<(@Sendable (ChannelKey) -> Void)?>(nil)

  init(store: any RegistryStore, logger: Logger) {
    (self.store, self.logger) = (store, logger)
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
      where !waiting.contains(id) && !state.dirtyQuarantine.contains(id) {
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

  private struct Work {
    var devices: [Device] = []
    var channels: [Channel] = []
    var deleted: [ChannelKey] = []
    var quarantine: [QuarantinedDevice] = []
    var problems: [DeviceID: [CatalogProblemRecord]] = [:]
  }

  /// Writes what changed since the last call. Call about once a second and once at the end.
  func flush() async {
    let work = state.withLock { state -> Work in
      let work = Work(
        devices: state.dirtyDevices.compactMap { state.directory[$0] },
        channels: state.dirtyChannels.compactMap { state.directory[$0] },
        deleted: Array(state.deletedChannels),
        quarantine: state.dirtyQuarantine.compactMap { state.quarantine[$0] },
        problems: state.problems.filter { state.dirtyProblems.contains($0.key) })
      (state.dirtyDevices, state.dirtyChannels, state.deletedChannels) = ([], [], [])
      (state.dirtyQuarantine, state.dirtyProblems) = ([], [])
      return work
    }
    do {
      if !work.devices.isEmpty { try await store.save(work.devices) }
      if !work.channels.isEmpty || !work.deleted.isEmpty {
        try await store.updateChannels(saved: work.channels, deleted: work.deleted)
      }
      if !work.quarantine.isEmpty { try await store.saveQuarantine(work.quarantine) }
      for (device, problems) in work.problems { try await store.setCatalogProblems(problems, of: device) }
    } catch {
      logger.error("the registry could not be written; it is tried again", metadata: ["error": "\(error)"])
      state.withLock { state in
        state.dirtyDevices.formUnion(work.devices.map(\.id))
        state.dirtyChannels.formUnion(work.channels.map(\.key))
        state.deletedChannels.formUnion(work.deleted)
        state.dirtyQuarantine.formUnion(work.quarantine.map(\.id))
        state.dirtyProblems.formUnion(work.problems.keys)
      }
    }
  }

  static func forget(_ id: DeviceID, _ state: inout State) {
    state.directory.remove(id)
    state.passwords[id] = nil
    state.problems[id] = nil
    state.dirtyDevices.remove(id)
    state.dirtyChannels = state.dirtyChannels.filter { $0.device != id }
  }
}
