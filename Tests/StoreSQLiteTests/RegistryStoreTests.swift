import Foundation
import GBCore
import GRDB
import MediaTime
import Registry
import Testing

@testable import StoreSQLite

@Suite struct RegistryStoreTests {
  private static let start = StoreFixture.start

  private static func fullDevice(_ number: Int) -> Device {
    Device(
      id: StoreFixture.code(number), name: "东门 “1” 号'; DROP TABLE device; --", added: start,
      origin: .approved,
      settings: DeviceSettings(
        userAlias: "user", encoding: .gb18030, heartbeatInterval: 30, heartbeatCount: 5,
        anyRequestCounts: false,
        onlineUntilExpiry: true, fixedMediaTransport: .tcpActive, rememberedMediaTransport: .tcpPassive,
        streamSelector: .streamMode, profile: "acme",
        furtherHabits: PeerHabits(text: "edition=2022;key-frame=both"),
        recordTimeOffset: -28_800, inviteTimeOffset: 28_800, historySessions: 2),
      dossier: DeviceDossier(
        manufacturer: "Example", model: "X", firmware: "1.2", declaredChannels: 16, userAgent: "cam/1",
        version: GBVersion(major: 3, minor: 0)),
      contact: DeviceContact(
        transport: .tcp, address: PeerAddress(host: "2001:db8::1", port: 5060), contactHeader: "<sip:x>",
        registered: start, expires: start + .seconds(3_600), lastKeepalive: start + .seconds(60)),
      status: .suspect, since: start + .seconds(1))
  }

  @Test("A device comes back exactly as it was saved, over a restart")
  func roundTrip() async throws {
    let fixture = try StoreFixture()
    let full = Self.fullDevice(1)
    let bare = Device(id: StoreFixture.code(2), name: "", added: Self.start)
    let store = try fixture.open()
    try await store.save([full, bare])
    try store.close()
    let again = try fixture.open()
    #expect(try await again.device(full.id) == full)
    #expect(try await again.device(bare.id) == bare)
    #expect(try await again.device(StoreFixture.code(3)) == nil)
    #expect(Set(try await again.devices()) == [full, bare])
  }

  @Test(
    "One write takes everything; a contact changes nothing else, and what is not stored does not come back")
  func write() async throws {
    let store = try StoreFixture().open()
    let full = Self.fullDevice(1)
    try await store.save([full])
    var elsewhere = full
    elsewhere.name = "not written"
    elsewhere.contact = DeviceContact(
      transport: .udp, address: PeerAddress(host: "192.0.2.7", port: 5062), contactHeader: nil,
      registered: Self.start + .seconds(60), expires: Self.start + .seconds(120))
    let new = Self.fullDevice(2)
    try await store.save([Device(id: new.id, name: "before", added: new.added, origin: new.origin)])
    let channel = Channel(
      CatalogItem(id: StoreFixture.code(3), name: "Gate", values: [:]), of: new.id, seen: Self.start)
    let stranger = QuarantinedDevice(
      id: StoreFixture.code(4), address: PeerAddress(host: "192.0.2.8", port: 5060), transport: .udp,
      firstSeen: Self.start, lastSeen: Self.start, reason: "new")
    let problem = CatalogProblemRecord(device: new.id, seen: Self.start, reason: "no code", raw: "<Item/>")
    var changes = RegistryChanges()
    changes.devices = [new, Self.fullDevice(8)]
    changes.contacts = [elsewhere, Self.fullDevice(9)]
    changes.channels = [channel]
    changes.quarantine = [stranger]
    changes.problems = [new.id: [problem]]
    #expect(!changes.isEmpty && RegistryChanges().isEmpty)
    try await store.write(changes)
    var expected = full
    expected.contact = elsewhere.contact
    #expect(Set(try await store.devices()) == [expected, new])
    #expect(try await store.channels(of: new.id) == [channel])
    #expect(try await store.quarantine() == [stranger])
    #expect(try await store.catalogProblems(of: nil) == [problem])
    changes = RegistryChanges()
    changes.deletedChannels = [channel.key]
    changes.problems = [new.id: []]
    try await store.write(changes)
    #expect(try await store.channels(of: nil).isEmpty)
    #expect(try await store.catalogProblems(of: nil).isEmpty)
  }

  @Test("Saving again replaces everything but the password")
  func replace() async throws {
    let store = try StoreFixture().open()
    var device = Self.fullDevice(1)
    try await store.save([device])
    try await store.setPassword("秘密 12345678", of: device.id)
    device.name = "new"
    device.contact = nil
    device.settings = DeviceSettings()
    try await store.save([device])
    device.hasCredential = true
    #expect(try await store.device(device.id) == device)
    #expect(try await store.passwords() == [device.id: "秘密 12345678"])
    try await store.setPassword(nil, of: device.id)
    #expect(try await store.passwords().isEmpty)
    #expect(try await store.device(device.id)?.hasCredential == false)
  }

  @Test("A password is sealed in the file and cannot be moved to another device")
  func sealed() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    try await store.save([Self.fullDevice(1), Self.fullDevice(2)])
    try await store.setPassword("plain-text-password", of: StoreFixture.code(1))
    for suffix in ["", "-wal"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.path + suffix))
      #expect(bytes.range(of: Data("plain-text-password".utf8)) == nil)
    }
    try await store.pool.write { db in
      try db.execute(
        sql: "UPDATE device SET password = (SELECT password FROM device WHERE id = ?) WHERE id = ?",
        arguments: [StoreFixture.code(1).text, StoreFixture.code(2).text])
    }
    await #expect(throws: StoreFixture.WrongOwner.self) { try await store.passwords() }
  }

  @Test("Channels come back exactly; deleting the device takes them along")
  func channels() async throws {
    let store = try StoreFixture().open()
    let device = Self.fullDevice(1)
    try await store.save([device])
    let full = Channel(
      key: StoreFixture.channel(7), catalogName: "路口", chosenName: "North",
      placement: ChannelPlacement(
        parentText: "a/b", parent: StoreFixture.code(1),
        organisations: [StoreFixture.code(8), StoreFixture.code(9)], businessGroup: StoreFixture.code(6),
        civilCode: CivilCode("340200"), isParental: true),
      status: .videoLost, since: Self.start, manufacturer: "m", model: "n", address: "here",
      position: GeoPosition(longitude: 118.312345678, latitude: -31.25), ptzType: 1,
      raw: PackedItem("<Item>…</Item>"))
    let bare = Channel(key: StoreFixture.channel(8), catalogName: "", since: Self.start)
    let orphan = Channel(
      key: ChannelKey(device: StoreFixture.code(99), channel: StoreFixture.code(1)), catalogName: "",
      since: Self.start)
    try await store.updateChannels(saved: [full, bare, orphan], deleted: [])
    #expect(Set(try await store.channels(of: device.id)) == [full, bare])
    #expect(try await store.channels(of: nil).count == 2)
    try await store.updateChannels(saved: [], deleted: [bare.key, StoreFixture.channel(50)])
    #expect(try await store.channels(of: nil) == [full])
    try await store.deleteDevice(device.id)
    #expect(try await store.channels(of: nil).isEmpty)
    #expect(try await store.device(device.id) == nil)
    try await store.deleteDevice(device.id)
  }

  @Test("The quarantine keeps one entry per device")
  func quarantine() async throws {
    let store = try StoreFixture().open()
    var entry = QuarantinedDevice(
      id: StoreFixture.code(1), address: PeerAddress(host: "192.0.2.1", port: 5060), transport: .udp,
      userAgent: "x",
      version: GBVersion(major: 2, minor: 0), firstSeen: Self.start, lastSeen: Self.start, attempts: 1,
      reason: "unknown")
    try await store.saveQuarantine([entry])
    entry.attempts = 9
    entry.lastSeen = Self.start + .seconds(5)
    try await store.saveQuarantine([entry])
    #expect(try await store.quarantine() == [entry])
    try await store.deleteQuarantine(entry.id)
    #expect(try await store.quarantine().isEmpty)
  }

  @Test("Catalog problems of a device are replaced as a whole")
  func problems() async throws {
    let store = try StoreFixture().open()
    func problem(_ number: Int, _ reason: String) -> CatalogProblemRecord {
      CatalogProblemRecord(device: StoreFixture.code(number), seen: Self.start, reason: reason, raw: "<Item>")
    }
    try await store.setCatalogProblems([problem(1, "a"), problem(1, "b")], of: StoreFixture.code(1))
    try await store.setCatalogProblems([problem(2, "c")], of: StoreFixture.code(2))
    try await store.setCatalogProblems([problem(1, "d")], of: StoreFixture.code(1))
    #expect(try await store.catalogProblems(of: StoreFixture.code(1)) == [problem(1, "d")])
    #expect(try await store.catalogProblems(of: nil) == [problem(1, "d"), problem(2, "c")])
  }

  @Test("A thousand devices with ten channels each are written and read quickly")
  func bulk() async throws {
    let store = try StoreFixture().open()
    let devices = (1...1_000).map { Device(id: StoreFixture.code($0), name: "d\($0)", added: Self.start) }
    try await store.save(devices)
    let channels = devices.flatMap { device in
      (1...10).map {
        Channel(
          key: ChannelKey(device: device.id, channel: StoreFixture.code($0)), catalogName: "c",
          since: Self.start)
      }
    }
    try await store.updateChannels(saved: channels, deleted: [])
    #expect(try await store.devices().count == 1_000)
    #expect(try await store.channels(of: nil).count == 10_000)
    #expect(try await store.channels(of: StoreFixture.code(500)).count == 10)
  }
}
