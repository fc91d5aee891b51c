import Alarms
import GBCore
import MediaTime
import Registry
import Testing

@testable import StoreSQLite

@Suite struct AlarmStoreTests {
  private func alarm(
    _ id: Int64, device: Int = 1, source: Int = 2, camera: Int? = 3, method: AlarmMethod = .video,
    priority: Int = 2,
    after seconds: Int = 0
  ) -> AlarmRecord {
    let received = StoreFixture.start + .seconds(seconds)
    return AlarmRecord(
      id: id, device: StoreFixture.code(device), camera: camera.map { StoreFixture.channel($0) },
      notice: AlarmNotice(
        source: StoreFixture.code(source), priority: priority, method: method, type: 6, typeName: nil,
        event: 1,
        time: received - .seconds(2), text: "北门", position: GeoPosition(longitude: 118.5, latitude: 31)),
      received: received, paths: [.message])
  }

  @Test("An alarm survives whole; a repetition changes count, time and ways, and nothing else")
  func roundTrip() async throws {
    let store = try StoreFixture().open()
    var record = alarm(4)
    try await store.write([record])
    #expect(try await store.alarm(4) == record)
    (record.count, record.last, record.paths) = (9, record.last + .seconds(8), [.message, .notify])
    var changed = record
    changed.camera = nil
    try await store.write([changed])
    #expect(try await store.alarm(4) == record)
    #expect(try await store.nextAlarm() == 5)
  }

  @Test("The first acknowledgement stands, and a repetition does not take it away")
  func acknowledgement() async throws {
    let store = try StoreFixture().open()
    try await store.write([alarm(1), alarm(2)])
    #expect(try await store.unacknowledgedAlarms() == 2)
    let first = AlarmAcknowledgement(by: "chen", at: StoreFixture.start, note: "a dog")
    #expect(try await store.acknowledge(1, first)?.acknowledgement == first)
    let second = AlarmAcknowledgement(by: "li", at: StoreFixture.start, note: "")
    #expect(try await store.acknowledge(1, second)?.acknowledgement == first)
    #expect(try await store.acknowledge(77, second) == nil)
    var again = alarm(1)
    again.count = 2
    try await store.write([again])
    #expect(try await store.alarm(1)?.acknowledgement == first)
    #expect(try await store.unacknowledgedAlarms() == 1)
  }

  @Test("Every filter holds, pages follow each other, newest first")
  func queries() async throws {
    let store = try StoreFixture().open()
    try await store.write([
      alarm(1), alarm(2, device: 9, camera: nil, after: 10), alarm(3, method: .fault, after: 20),
      alarm(4, priority: 1, after: 30), alarm(5, source: 7, camera: 8, after: 40),
    ])
    _ = try await store.acknowledge(4, AlarmAcknowledgement(by: "x", at: StoreFixture.start, note: ""))
    func ids(_ query: AlarmQuery) async throws -> [Int64] { try await store.alarms(query).map(\.id) }
    #expect(try await ids(AlarmQuery()) == [5, 4, 3, 2, 1])
    #expect(try await ids(AlarmQuery(device: StoreFixture.code(9))) == [2])
    #expect(try await ids(AlarmQuery(channel: StoreFixture.channel(8))) == [5])
    #expect(try await ids(AlarmQuery(channel: StoreFixture.channel(2))) == [4, 3, 1])
    #expect(try await ids(AlarmQuery(method: .fault)) == [3])
    #expect(try await ids(AlarmQuery(priority: 1)) == [4])
    #expect(try await ids(AlarmQuery(isAcknowledged: true)) == [4])
    #expect(try await ids(AlarmQuery(isAcknowledged: false)) == [5, 3, 2, 1])
    let start = StoreFixture.start
    #expect(try await ids(AlarmQuery(from: start + .seconds(10), to: start + .seconds(30))) == [3, 2])
    #expect(try await ids(AlarmQuery(before: 3, limit: 1)) == [2])
  }

  @Test("What is old is deleted by its last report, some at a time, and its number is never given again")
  func deleting() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    var lasting = alarm(1)
    lasting.last = StoreFixture.start + .seconds(1_000)
    try await store.write([lasting, alarm(2), alarm(3)])
    let limit = StoreFixture.start + .seconds(1)
    #expect(try await store.deleteAlarms(before: limit, limit: 1) == 1)
    #expect(try await store.deleteAlarms(before: limit, limit: 10) == 1)
    #expect(try await store.alarms(AlarmQuery()).map(\.id) == [1])
    try store.close()
    #expect(try await fixture.open().nextAlarm() == 4)
  }

  @Test("Of a position only the latest is there, and it goes with its channel")
  func positions() async throws {
    let store = try StoreFixture().open()
    let device = Device(id: StoreFixture.code(1), name: "x", added: StoreFixture.start)
    try await store.save([device])
    let key = StoreFixture.channel(2)
    try await store.updateChannels(
      saved: [Channel(key: key, catalogName: "c", since: StoreFixture.start)], deleted: [])
    let position = try #require(GeoPosition(longitude: 118, latitude: 31))
    for second in 0..<3 {
      let report = PositionReport(
        device: key.channel, time: StoreFixture.start + .seconds(second), position: position, speed: 3,
        direction: 9)
      try await store.write([
        LatestPosition(channel: key, report: report, received: StoreFixture.start + .seconds(second))
      ])
    }
    let kept = try await store.positions()
    #expect(kept.count == 1 && kept.first?.received == StoreFixture.start + .seconds(2))
    #expect(kept.first?.report.speed == 3 && kept.first?.report.altitude == nil)
    try await store.updateChannels(saved: [], deleted: [key])
    #expect(try await store.positions().isEmpty)
  }

  @Test("What is asked of a device survives")
  func settings() async throws {
    let store = try StoreFixture().open()
    var device = Device(id: StoreFixture.code(1), name: "x", added: StoreFixture.start)
    #expect(device.settings.events == EventSettings())
    device.settings.events = EventSettings(
      subscriptions: [.alarm: false, .ptzPosition: true], resetsAlarms: true, armsGuard: true,
      positionInterval: 9)
    try await store.save([device])
    #expect(try await store.device(device.id)?.settings.events == device.settings.events)
  }
}
