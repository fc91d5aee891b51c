import MediaTime
import TestSupport
import Testing

@testable import GBCore

@Suite struct RecordTests {
  private let channel = DeviceID("34020000001320000001")!
  private let day = WallTime(rfc3339: "2024-01-02T00:00:00+08:00")!

  private func item(_ from: Int, _ to: Int, path: String? = nil, kind: RecordKind? = .time) -> RecordItem {
    RecordItem(
      deviceID: channel, name: "North gate", filePath: path, start: day + .seconds(from),
      end: day + .seconds(to),
      kind: kind)
  }

  private func reply(_ items: [RecordItem], total: Int, clock: RecordClock = .beijing) throws -> RecordReply {
    let document = MANSCDPDocument.records(
      sn: 901, of: channel, name: "North gate", total: total, items: items, edition: .v2022, clock: clock)
    return try #require(
      RecordReply(try MANSCDPMessage(text: document.text(declaring: .gb18030)), clock: clock))
  }

  private func read(_ from: String, _ to: String, clock: RecordClock = .beijing) throws -> RecordItem? {
    let text =
      "<Response><CmdType>RecordInfo</CmdType><SN>1</SN><DeviceID>\(channel)</DeviceID><SumNum>1</SumNum>"
      + "<RecordList Num='1'><Item><DeviceID>\(channel)</DeviceID><StartTime>\(from)</StartTime>"
      + "<EndTime>\(to)</EndTime></Item></RecordList></Response>"
    return try #require(RecordReply(try MANSCDPMessage(text: text), clock: clock)).items.first
  }

  // MARK: Words

  @Test(
    "A query is written as in the reference, with Secrecy and Type, and read back",
    arguments: [GBVersion.v2016, .v2022])
  func query(edition: GBVersion) throws {
    let query = RecordQuery(
      channel: channel, start: day, end: day + .seconds(86_399), kind: .alarm,
      streamNumber: edition.is2022 ? 1 : nil,
      alarmMethod: edition.is2022 ? "2/5" : nil)
    let document = MANSCDPDocument.recordInfo(sn: 901, query, edition: edition)
    let text = document.text(declaring: .gb2312)
    #expect(text.contains("<StartTime>2024-01-02T00:00:00</StartTime>"))
    #expect(text.contains("<EndTime>2024-01-02T23:59:59</EndTime>"))
    #expect(text.contains("<Secrecy>0</Secrecy>\n<Type>alarm</Type>\n<IndistinctQuery>0</IndistinctQuery>"))
    let message = try MANSCDPMessage(text: text)
    #expect(RecordQuery(message) == query)
  }

  @Test("An edition is not sent what it does not know")
  func oldEdition() {
    let query = RecordQuery(channel: channel, start: day, end: day + .seconds(60), streamNumber: 1)
    #expect(query.fields(for: .v2016).map(\.name).last == "IndistinctQuery")
    #expect(query.fields(for: .v2022).map(\.name).last == "StreamNumber")
    var old = item(0, 60)
    (old.fileSize, old.streamNumber, old.location) = (734_003_200, 0, channel.text)
    #expect(!old.element(for: .v2011).children.contains { $0.name == "FileSize" })
    #expect(!old.element(for: .v2016).children.contains { $0.name == "StreamNumber" })
  }

  @Test("An item with every field survives the way to the wire and back")
  func roundTrip() throws {
    let full = RecordItem(
      deviceID: channel, name: "北门 <1> & co", filePath: "1704159000_1704160800", address: "gate", start: day,
      end: day + .seconds(1_800), isSecret: true, kind: .manual, recorder: "someone", fileSize: 734_003_200,
      location: channel.text, streamNumber: 1)
    let reply = try reply([full], total: 1)
    #expect(reply.items == [full])
    #expect(reply.total == 1)
    #expect(reply.name == "North gate")
  }

  @Test("No recordings: a total of zero and no list")
  func none() throws {
    let document = MANSCDPDocument.records(sn: 1, of: channel, name: "", total: 0, items: [], edition: .v2016)
    #expect(!document.text(declaring: .gb2312).contains("RecordList"))
    var assembler = RecordAssembler()
    assembler.receive(try reply([], total: 0))
    #expect(assembler.isWhole)
    #expect(assembler.list.isEmpty)
  }

  // MARK: Times

  @Test("Times with a blank, with thousandths, with a stray Z and with the hour 24 are read")
  func timeVariants() throws {
    #expect(try read("2024-01-02 09:30:00", "2024-01-02 10:00:00")?.start == day + .seconds(34_200))
    #expect(
      try read("2024-01-02T09:30:00.250", "2024-01-02T10:00:00Z")?.start == day + .milliseconds(34_200_250))
    #expect(try read("2024-01-02T23:30:00", "2024-01-02T24:00:00")?.end == day + .seconds(86_400))
    #expect(try read("2024-01-02T23:30:00", "2024-01-03T00:00:00")?.end == day + .seconds(86_400))
    #expect(try read("2024-01-02T23:30:00", "2024-01-02T00:00:00")?.end == day + .seconds(86_400))
    #expect(try read("2024-01-02T09:30:00", "2024-01-02T09:30:00") == nil)
    #expect(try read("2024-01-02T09:30:00", "2024-01-02T09:00:00") == nil)
    #expect(try read("yesterday", "2024-01-02T09:00:00") == nil)
  }

  @Test("A device that writes UTC is read and asked with its own clock")
  func utcDevice() throws {
    let utc = RecordClock(offset: .seconds(-8 * 3_600))
    #expect(
      try read("2024-01-02T01:30:00", "2024-01-02T02:00:00", clock: utc)?.start == day + .seconds(34_200))
    #expect(try reply([item(0, 60)], total: 1, clock: utc).items == [item(0, 60)])
    let fields = RecordQuery(channel: channel, start: day, end: day + .seconds(60)).fields(
      for: .v2016, clock: utc)
    #expect(fields.first?.text == "2024-01-01T16:00:00")
    // Its midnight is not ours: it lies at eight in the morning, Beijing time.
    #expect(
      try read("2024-01-01T15:30:00", "2024-01-01T00:00:00", clock: utc)?.end == day + .seconds(8 * 3_600))
  }

  @Test("A long interval is cut at Beijing midnights, without holes")
  func days() throws {
    let query = RecordQuery(
      channel: channel, start: day + .seconds(3_600), end: day + .seconds(2 * 86_400 + 60))
    let days = query.days
    #expect(days.map(\.start) == [day + .seconds(3_600), day + .seconds(86_400), day + .seconds(2 * 86_400)])
    #expect(days.map(\.end) == [day + .seconds(86_400), day + .seconds(2 * 86_400), query.end])
    #expect(RecordQuery(channel: channel, start: day, end: day + .seconds(400 * 86_400)).days.count == 366)
  }

  // MARK: Assembly

  @Test("A thousand parts of one or two items, shuffled and repeated, make one list")
  func shuffledParts() throws {
    var random = SeededRandom(seed: 46)
    let all = (0..<1_500).map { item($0 * 60, $0 * 60 + 60, path: "f\($0)") }
    var parts: [RecordReply] = []
    var rest = all[...]
    while !rest.isEmpty {
      let count = min(Int.random(in: 1...2, using: &random), rest.count)
      parts.append(try reply(Array(rest.prefix(count)), total: all.count))
      rest = rest.dropFirst(count)
    }
    parts += parts.prefix(40)
    parts.shuffle(using: &random)
    var assembler = RecordAssembler()
    for (index, part) in parts.enumerated() {
      assembler.receive(part)
      if index < 700 { #expect(!assembler.isComplete) }
    }
    #expect(assembler.isWhole)
    #expect(assembler.list == all)
  }

  @Test(
    "A round number of recordings looks like the most a device tells of at once",
    arguments: [(50, true), (64, true), (100, true), (1_000, true), (20, false), (51, false), (96, false)])
  func caps(count: Int, isCap: Bool) throws {
    var assembler = RecordAssembler()
    assembler.receive(
      try reply((0..<count).map { item($0 * 60, $0 * 60 + 60, path: "f\($0)") }, total: count))
    #expect(assembler.isWhole && assembler.looksCapped == isCap)
  }

  @Test("A total that is too large leaves it incomplete, one that is too small or changes asks for patience")
  func wrongTotals() throws {
    var large = RecordAssembler()
    large.receive(try reply([item(0, 60)], total: 3))
    #expect(!large.isComplete)
    var small = RecordAssembler()
    small.receive(try reply([item(0, 60, path: "a"), item(60, 120, path: "b")], total: 1))
    #expect(small.isComplete)
    #expect(!small.isWhole)
    var changing = RecordAssembler()
    changing.receive(try reply([item(0, 60, path: "a")], total: 1))
    #expect(changing.isWhole)
    changing.receive(try reply([item(60, 120, path: "b")], total: 2))
    #expect(changing.isComplete)
    #expect(!changing.isWhole)
  }

  @Test("Unreadable items count towards the total, so that one of them does not cost fifteen seconds")
  func unreadableItems() throws {
    let text =
      "<Response><CmdType>RecordInfo</CmdType><SN>1</SN><DeviceID>\(channel)</DeviceID><SumNum>1</SumNum>"
      + "<RecordList Num='1'><Item><Name>no code</Name></Item></RecordList></Response>"
    var assembler = RecordAssembler()
    assembler.receive(try #require(RecordReply(try MANSCDPMessage(text: text))))
    #expect(assembler.isWhole)
    #expect(assembler.unreadable == 1)
  }

  @Test("A file that a day's query cut at midnight is one again; neighbours with other names stay two")
  func merging() {
    let cut = [
      item(86_000, 86_400, path: "f"), item(86_400, 86_800, path: "f"), item(86_800, 87_000, path: "g"),
    ]
    #expect(
      RecordAssembler.merged(cut) == [item(86_000, 86_800, path: "f"), item(86_800, 87_000, path: "g")])
    // The device did not clip to the window: both queries told the whole file.
    #expect(
      RecordAssembler.merged([item(86_000, 86_800), item(86_000, 86_800)]) == [item(86_000, 86_800)])
  }

  @Test("Spans join what overlaps or meets, whatever the order")
  func spans() {
    let spans = RecordAssembler.spans([
      item(100, 200), item(0, 60), item(61, 100), item(150, 180), item(300, 310),
    ])
    #expect(spans.map(\.start) == [day, day + .seconds(300)])
    #expect(spans.map(\.end) == [day + .seconds(200), day + .seconds(310)])
  }

  // MARK: MediaStatus

  @Test("The end of a file is recognised, also without a readable type")
  func mediaStatus() throws {
    let written = MANSCDPDocument.mediaEnded(sn: 8, channel: channel).text(declaring: .gb2312)
    let notice = try #require(MediaStatusNotice(try MANSCDPMessage(text: written)))
    #expect(notice == MediaStatusNotice(channel: channel))
    #expect(notice.saysEnded)
    let other = written.replacing("121", with: "122")
    let otherNotice = try #require(MediaStatusNotice(try MANSCDPMessage(text: other)))
    #expect(!otherNotice.saysEnded)
    let bare = written.replacing("121", with: "")
    let bareNotice = try #require(MediaStatusNotice(try MANSCDPMessage(text: bare)))
    #expect(bareNotice.saysEnded)
    let response = try MANSCDPMessage(text: written.replacing("Notify>", with: "Response>"))
    #expect(MediaStatusNotice(response) == nil)
  }
}
