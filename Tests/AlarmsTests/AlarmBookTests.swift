import GBCore
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Alarms

@Suite struct AlarmBookTests {
  private let device: DeviceID
  private let input: DeviceID
  private let camera: ChannelKey
  private let start = WallTime(seconds: 1_767_225_600)

  init() throws {
    device = try #require(DeviceID("34020000001180000001"))
    input = try #require(DeviceID("34020000001340000001"))
    camera = ChannelKey(device: device, channel: try #require(DeviceID("34020000001320000001")))
  }

  private func notice(at second: Int, method: AlarmMethod = .video, type: Int? = 2) -> AlarmNotice {
    AlarmNotice(source: input, priority: 2, method: method, type: type, time: start + .seconds(second))
  }

  private func take(
    _ book: inout AlarmBook, _ notice: AlarmNotice, _ path: AlarmPath = .message, at second: Int
  ) -> AlarmBook.Decision {
    book.receive(notice, from: device, by: path, now: start + .seconds(second)) { camera }
  }

  @Test("The first report is an alarm with the next number and the camera that shows the place")
  func first() {
    var book = AlarmBook(nextID: 7)
    let decision = take(&book, notice(at: 0), at: 1)
    guard case .new(let record) = decision else { return #expect(Bool(false), "\(decision)") }
    #expect(record.id == 7 && record.camera == camera && record.count == 1 && record.paths == [.message])
    #expect(record.source == input && record.received == start + .seconds(1))
    guard case .new(let other) = take(&book, notice(at: 1, type: 5), at: 1) else {
      return #expect(Bool(false))
    }
    #expect(other.id == 8)
  }

  @Test(
    "An alarm that repeats every second is one that is counted, until it has been silent or lasted too long")
  func repeated() {
    var book = AlarmBook(nextID: 1)
    for second in 0..<5 { _ = take(&book, notice(at: second), at: second) }
    guard case .counted(let record) = take(&book, notice(at: 5), at: 5) else { return #expect(Bool(false)) }
    #expect(record.id == 1 && record.count == 6 && record.last == start + .seconds(5))
    guard case .new(let second) = take(&book, notice(at: 16), at: 16) else { return #expect(Bool(false)) }
    #expect(second.id == 2, "11 s of silence")
    var endless = AlarmBook(nextID: 1)
    let ids = Set((0...1_200).map { take(&endless, notice(at: $0), at: $0).record.id })
    #expect(ids == [1, 2], "a new one every ten minutes")
  }

  @Test("The same report by MESSAGE and NOTIFY, or sent again, is counted once")
  func copies() {
    var book = AlarmBook(nextID: 1)
    _ = take(&book, notice(at: 0), .message, at: 0)
    guard case .copy(let record) = take(&book, notice(at: 0), .notify, at: 1) else {
      return #expect(Bool(false))
    }
    #expect(record.count == 1 && record.paths == [.message, .notify])
    guard case .copy = take(&book, notice(at: 0), .message, at: 2) else { return #expect(Bool(false)) }
    guard case .counted(let next) = take(&book, notice(at: 3), .notify, at: 3) else {
      return #expect(Bool(false))
    }
    #expect(next.count == 2)
  }

  @Test("What repeats after it was acknowledged still belongs to it")
  func acknowledged() {
    var book = AlarmBook(nextID: 1)
    var record = take(&book, notice(at: 0), at: 0).record
    record.acknowledgement = AlarmAcknowledgement(by: "chen", at: start, note: "")
    book.acknowledged(record)
    #expect(take(&book, notice(at: 3), at: 3).record.acknowledgement?.by == "chen")
  }

  @Test("After a restart an alarm that goes on is still the same")
  func restart() {
    var before = AlarmBook(nextID: 1)
    let record = take(&before, notice(at: 0), at: 0).record
    var after = AlarmBook(nextID: 2, recent: [record])
    guard case .counted(let same) = take(&after, notice(at: 4), at: 4) else { return #expect(Bool(false)) }
    #expect(same.id == 1 && same.count == 2)
  }

  @Test("A clock that is set back neither joins alarms for ever nor loses them")
  func clockSetBack() {
    var book = AlarmBook(nextID: 1)
    _ = take(&book, notice(at: 0), at: 3_600)
    #expect(take(&book, notice(at: 1), at: 0).record.id == 2)
  }

  @Test("The moment is the device's time where it can be true, else the arrival")
  func moments() {
    func moment(_ time: Int?, received: Int) -> WallTime {
      let notice = AlarmNotice(source: input, method: .video, time: time.map { start + .seconds($0) })
      return AlarmRecord(
        id: 1, device: device, camera: nil, notice: notice, received: start + .seconds(received), paths: []
      ).moment
    }
    #expect(moment(100, received: 103) == start + .seconds(100))
    #expect(moment(100, received: 161) == start + .seconds(161), "a minute late is a wrong clock")
    #expect(moment(200, received: 100) == start + .seconds(100), "in the future")
    #expect(moment(nil, received: 5) == start + .seconds(5))
  }

  @Test("A flood of different alarms keeps its memory within bounds")
  func bounded() {
    var book = AlarmBook(nextID: 1)
    for number in 0..<(AlarmBook.mostRecent + 100) {
      _ = take(&book, notice(at: 0, type: number % 9_999 + 1, method: .video), at: number / 10_000)
      if number.isMultiple(of: 9_999) { #expect(book.count <= AlarmBook.mostRecent) }
    }
    #expect(book.count <= AlarmBook.mostRecent)
  }

  private func notice(at second: Int, type: Int, method: AlarmMethod) -> AlarmNotice {
    notice(at: second, method: method, type: type)
  }
}

@Suite struct PositionTests {
  @Test(
    "A position belongs to the code in the report, then to the document's, then to all cameras of the carrier"
  )
  func attribution() throws {
    let device = try #require(DeviceID("34020000001180000001"))
    let cameras = try ["34020000001320000001", "34020000001320000002"].map {
      ChannelKey(device: device, channel: try #require(DeviceID($0)))
    }
    let position = try #require(GeoPosition(longitude: 118, latitude: 31))
    func owners(_ inReport: DeviceID?, _ inDocument: DeviceID?) -> [ChannelKey] {
      let report = PositionReport(device: inReport, time: nil, position: position)
      return PositionNotice(deviceID: inDocument, reports: [report]).attributed(to: device, channels: cameras)
        .map(\.0)
    }
    #expect(owners(cameras[1].channel, device) == [cameras[1]])
    #expect(owners(nil, cameras[0].channel) == [cameras[0]])
    #expect(owners(nil, nil) == cameras && owners(device, device) == cameras)
    #expect(owners(DeviceID("34020000001320000009"), device).isEmpty)
  }

  @Test("The newer report wins by the device's clock, or by arrival when that says nothing")
  func newer() throws {
    let device = try #require(DeviceID("34020000001180000001"))
    let position = try #require(GeoPosition(longitude: 118, latitude: 31))
    func latest(_ time: Int?, received: Int) -> LatestPosition {
      LatestPosition(
        channel: ChannelKey(device: device, channel: device),
        report: PositionReport(
          device: nil, time: time.map { WallTime(seconds: Int64($0)) }, position: position),
        received: WallTime(seconds: Int64(received)))
    }
    #expect(latest(5, received: 10).isOlder(than: latest(6, received: 9)))
    #expect(!latest(6, received: 9).isOlder(than: latest(5, received: 10)))
    #expect(latest(nil, received: 9).isOlder(than: latest(5, received: 10)))
  }
}
