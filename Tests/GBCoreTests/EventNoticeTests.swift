import MediaTime
import Testing

@testable import GBCore

@Suite struct PositionNoticeTests {
  private let device: DeviceID
  private let camera: DeviceID
  private let time = WallTime(seconds: 1_704_160_804)

  init() throws {
    device = try #require(DeviceID("34020000001180000001"))
    camera = try #require(DeviceID("34020000001320000088"))
  }

  private func read(_ body: String, root: String = "Notify") throws -> MANSCDPMessage {
    try MANSCDPMessage(text: "<\(root)><CmdType>MobilePosition</CmdType><SN>21</SN>\(body)</\(root)>")
  }

  @Test("The list of 2022 and the flat form of 2016 are read, with DeviceID, TargetID or neither")
  func forms() throws {
    let item =
      "<Item><DeviceID>34020000001320000088</DeviceID><CaptureTime>2024-01-02T10:00:04</CaptureTime>"
      + "<Longitude>118.376000</Longitude><Latitude>31.326000</Latitude><Speed>36.5</Speed><Direction>90</Direction></Item>"
    let list = try #require(
      PositionNotice(
        try read(
          "<Time>2024-01-02T10:00:05</Time><SumNum>1</SumNum><DeviceList Num=\"1\">\(item)</DeviceList>")))
    let report = try #require(list.reports.first)
    #expect(report.device == camera && report.speed == 36.5 && report.direction == 90 && report.time != nil)
    let coordinates = "<Longitude>118.376</Longitude><Latitude>31.326</Latitude>"
    let flat = try #require(PositionNotice(try read("<Time>2024-01-02T10:00:05</Time>\(coordinates)")))
    #expect(flat.reports.count == 1 && flat.reports[0].device == nil && flat.deviceID == nil)
    let target = try #require(
      PositionNotice(try read("<TargetID>34020000001320000088</TargetID>\(coordinates)", root: "Response")))
    #expect(target.reports[0].device == camera)
  }

  @Test("Null, empty, zero and text coordinates are no position; degrees without a point are scaled")
  func coordinates() throws {
    for (longitude, latitude) in [("null", "null"), ("", "31"), ("0", "0"), ("east", "31"), ("nan", "31")] {
      let notice = try #require(
        PositionNotice(try read("<Longitude>\(longitude)</Longitude><Latitude>\(latitude)</Latitude>")))
      #expect(notice.reports.isEmpty, "\(longitude)")
    }
    for power in [1e5, 1e6, 1e7] {
      let position = PositionText.position(
        longitude: String(Int(118.376 * power)), latitude: String(Int(31.326 * power)))
      #expect(
        abs((position?.longitude ?? 0) - 118.376) < 1e-4 && abs((position?.latitude ?? 0) - 31.326) < 1e-4)
    }
    // Elsewhere on the globe the smallest power that fits.
    #expect(PositionText.position(longitude: "-74000000", latitude: "40700000")?.longitude == -74)
    #expect(PositionText.position(longitude: "1e300", latitude: "5") == nil)
  }

  @Test("What is written reads as the same in both editions; only 2022 has lists and heights")
  func roundTrip() throws {
    let reports = try [(118.376, 31.326), (-70.5, -33.25)].map { longitude, latitude in
      PositionReport(
        device: camera, time: time,
        position: try #require(GeoPosition(longitude: longitude, latitude: latitude)),
        speed: 12.25, direction: 0, altitude: -3, height: nil)
    }
    for edition in [GBVersion.v2016, .v2022] {
      let documents = PositionNotice(deviceID: device, reports: reports).documents(
        from: device, sn: 4, now: time, edition: edition)
      #expect(documents.count == (edition.is2022 ? 1 : 2))
      let read = try documents.flatMap {
        try #require(PositionNotice(try MANSCDPMessage(text: $0.text(declaring: .gb2312)))).reports
      }
      #expect(read == reports)
    }
  }
}

@Suite struct CatalogNoticeTests {
  private func items(_ body: String, root: String = "Notify") throws -> [CatalogItem] {
    let text =
      "<\(root)><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>34020000002000000001</DeviceID><Status>OK</Status>"
      + "<DeviceList Num=\"1\">\(body)</DeviceList></\(root)>"
    return try #require(CatalogReply(try MANSCDPMessage(text: text))).items
  }

  @Test("Every event word is understood in any case and under both roots")
  func words() throws {
    let meanings: [(String, CatalogItemChange)] = [
      ("ON", .state(.on)), ("off", .state(.off)), ("Vlost", .state(.videoLost)), ("DEFECT", .state(.fault)),
      ("DEL", .removed), ("add", .whole), ("UPDATE", .whole),
    ]
    for (word, meaning) in meanings {
      for root in ["Notify", "Response"] {
        let item = try items(
          "<Item><DeviceID>34020000001320000001</DeviceID><Event>\(word)</Event></Item>", root: root)
        #expect(item.first?.change == meaning, "\(word)")
      }
    }
  }

  @Test("Items without an event are new ones when they hold their fields, and states when they hold none")
  func withoutEvents() throws {
    let whole = try items("<Item><DeviceID>34020000001320000001</DeviceID><Name>Gate</Name></Item>")
    #expect(whole.first?.change == .whole)
    let state = try items("<Item><DeviceID>34020000001320000001</DeviceID><Status>OFF</Status></Item>")
    #expect(state.first?.change == .state(.off))
  }

  @Test("What is written reads as the same; events stand right behind the code")
  func roundTrip() throws {
    let camera = try #require(DeviceID("34020000001320000001"))
    let sent = [
      CatalogItem(id: camera, event: .off),
      CatalogItem(id: camera, name: "Gate", values: [.event: "ADD", .parentID: "34020000001180000001"]),
    ]
    for edition in [GBVersion.v2016, .v2022] {
      let document = MANSCDPDocument.catalogNotice(sn: 3, from: camera, items: sent, edition: edition)
      let message = try MANSCDPMessage(text: document.text(declaring: .gb18030))
      let reply = try #require(CatalogReply(message))
      #expect(reply.total == 2 && reply.hasEvents && reply.items.map(\.values) == sent.map(\.values))
      #expect(document.text(declaring: .utf8).contains("</DeviceID>\n<Event>OFF</Event>"))
    }
  }
}
