import GBCore
import Logging
import MediaTime
import Registry
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite("What devices change is written behind")
struct WritingBehindTests {
  private static let now = WallTime(seconds: 1_704_159_000)

  private static func code(_ number: Int) throws -> DeviceID {
    try #require(DeviceID("3402000000118\(String(10_000_000 + number).dropFirst())"))
  }

  private static func contact(_ second: Int) -> DeviceContact {
    DeviceContact(
      transport: .udp, address: PeerAddress(host: "192.0.2.1", port: 5060),
      contactHeader: "<sip:x@192.0.2.1>",
      registered: now + .seconds(second), expires: now + .seconds(second + 3_600))
  }

  private static func directory(_ store: RecordingStore, devices: Int) async throws -> DeviceDirectory {
    let directory = DeviceDirectory(store: store, logger: Logger(label: "test") { _ in SilentLog() })
    for number in 0..<devices {
      try await directory.add(Device(id: try code(number), name: "Gate", added: now), password: "p")
    }
    return directory
  }

  @Test("a thousand devices that refresh ten times cost one transaction with the last of their contacts")
  func coalesced() async throws {
    let store = RecordingStore()
    let directory = try await Self.directory(store, devices: 1_000)
    for second in 1...10 {
      for number in 0..<1_000 {
        directory.refresh(try Self.code(number), contact: Self.contact(second), userAgent: nil, version: nil)
      }
    }
    #expect(store.transactions.isEmpty)
    await directory.flush()
    await directory.flush()
    let written = store.transactions
    #expect(written.count == 1 && written.first?.contacts.count == 1_000)
    #expect(written.first?.devices.isEmpty == true)
    #expect(written.first?.contacts.allSatisfy { $0.contact == Self.contact(10) } == true)
  }

  @Test("a new User-Agent or edition writes the whole record, and a heartbeat noted before stays")
  func wholeRecord() async throws {
    let store = RecordingStore()
    let directory = try await Self.directory(store, devices: 1)
    let id = try Self.code(0)
    var first = Self.contact(1)
    first.lastKeepalive = Self.now
    directory.note(id) { $0.contact = first }
    await directory.flush()
    directory.refresh(id, contact: Self.contact(2), userAgent: "cam/2", version: .v2022)
    await directory.flush()
    let last = try #require(store.transactions.last?.devices.first)
    #expect(last.dossier.userAgent == "cam/2" && last.dossier.version == .v2022)
    #expect(last.contact?.lastKeepalive == Self.now && last.contact?.registered == Self.contact(2).registered)
    directory.refresh(id, contact: Self.contact(3), userAgent: "cam/2", version: .v2022)
    await directory.flush()
    #expect(store.transactions.last?.devices.isEmpty == true && store.transactions.last?.contacts.count == 1)
  }

  @Test("what a failing disk refuses is written when it works again, in its last state")
  func failure() async throws {
    let store = RecordingStore()
    let directory = try await Self.directory(store, devices: 2)
    store.fails = true
    directory.refresh(try Self.code(0), contact: Self.contact(1), userAgent: nil, version: nil)
    directory.note(try Self.code(1)) { $0.name = "Yard" }
    await directory.flush()
    directory.refresh(try Self.code(0), contact: Self.contact(2), userAgent: nil, version: nil)
    await directory.flush()
    #expect(store.transactions.isEmpty && directory.state.withLock { $0.backlog.count } == 2)
    store.fails = false
    await directory.flush()
    #expect(store.transactions.first?.contacts.map(\.contact) == [Self.contact(2)])
    #expect(store.transactions.first?.devices.map(\.name) == ["Yard"])
    #expect(directory.state.withLock { $0.backlog.isEmpty })
  }

  @Test("a device that is removed while it is being written does not come back")
  func removedMeanwhile() async throws {
    let store = RecordingStore()
    let directory = try await Self.directory(store, devices: 1)
    let id = try Self.code(0)
    directory.note(id) { $0.name = "Yard" }
    store.holdsWrites = true
    async let flushed: Void = directory.flush()
    #expect(await eventually { store.isWriting })
    async let removed: Void = directory.remove(id)
    store.holdsWrites = false
    try await removed
    await flushed
    #expect(try await store.devices().isEmpty && directory.device(id) == nil)
  }

  @Test("a registration is on disk soon, and at the latest when the server has stopped")
  func onDisk() async throws {
    let id = try #require(DeviceID(Cameras.first))
    try await Folder.with { folder in
      let server = try await RunningServer.start(folder: folder)
      try await server.announce(id)
      let peer = try SIPPeer(Cameras.first, port: server.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let store = server.services.directory.store
      #expect(await eventually { (try? await store.device(id))?.contact != nil })
      let before = try #require(try await store.device(id)?.contact?.expires)
      #expect(try await peer.register(password: RunningServer.password, expires: 86_400) == 200)
      let last = try #require(server.services.directory.device(id)?.contact)
      #expect(last.expires > before)
      try await server.stop()
      let stored = try DataFolder(path: folder)
      #expect(try await stored.registry.device(id)?.contact == last)
      stored.close()
    }
  }
}

/// A store in memory that can fail and can wait.
final class RecordingStore: RegistryStore {
  private struct State: Sendable {
    var devices: [DeviceID: Device] = [:]
    var passwords: [DeviceID: String] = [:]
    var transactions: [RegistryChanges] = []
    var fails = false
    var holdsWrites = false
    var isWriting = false
  }
  private struct Refused: Error {}

  private let state = Locked(State())

  var transactions: [RegistryChanges] { state.with { $0.transactions } }
  var isWriting: Bool { state.with { $0.isWriting } }
  var fails: Bool {
    get { state.with { $0.fails } }
    set { state.with { $0.fails = newValue } }
  }
  var holdsWrites: Bool {
    get { state.with { $0.holdsWrites } }
    set { state.with { $0.holdsWrites = newValue } }
  }

  func write(_ changes: RegistryChanges) async throws {
    state.with { $0.isWriting = true }
    while holdsWrites { await Task.yield() }
    try state.with { state -> Swift.Result<Void, any Error> in
      state.isWriting = false
      guard !state.fails else { return .failure(Refused()) }
      state.transactions.append(changes)
      for device in changes.devices where state.devices[device.id] != nil {
        state.devices[device.id] = device
      }
      for device in changes.contacts { state.devices[device.id]?.contact = device.contact }
      return .success(())
    }.get()
  }

  func devices() async throws -> [Device] { state.with { Array($0.devices.values) } }
  func device(_ id: DeviceID) async throws -> Device? { state.with { $0.devices[id] } }
  func save(_ devices: [Device]) async throws {
    state.with { state in for device in devices { state.devices[device.id] = device } }
  }
  func deleteDevice(_ id: DeviceID) async throws { state.with { $0.devices[id] = nil } }
  func setPassword(_ password: String?, of id: DeviceID) async throws {
    state.with { $0.passwords[id] = password }
  }
  func passwords() async throws -> [DeviceID: String] { state.with { $0.passwords } }
  func channels(of device: DeviceID?) async throws -> [Channel] { [] }
  func updateChannels(saved: [Channel], deleted: [ChannelKey]) async throws {}
  func quarantine() async throws -> [QuarantinedDevice] { [] }
  func saveQuarantine(_ entries: [QuarantinedDevice]) async throws {}
  func deleteQuarantine(_ id: DeviceID) async throws {}
  func setCatalogProblems(_ problems: [CatalogProblemRecord], of device: DeviceID) async throws {}
  func catalogProblems(of device: DeviceID?) async throws -> [CatalogProblemRecord] { [] }
}
