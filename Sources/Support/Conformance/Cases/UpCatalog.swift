import GBCore
import MediaTime
import SIPCore

/// U9–U11, U26, U28, U35, U41: what a lower platform tells about itself.
enum UpCatalog {
  static let cases: [ConformCase] = [
    ConformCase(
      "U9", "Catalog", "目录查询", clause: "GB/T 28181 9.5, Annex N / M", role: .upperPlatform,
      sends: "a catalog query", expects: "every part with the SN and one SumNum, Num right, items complete",
      body: catalog),
    ConformCase(
      "U10", "Catalog of one device", "按范围目录查询", clause: "GB/T 28181-2022 Annex J", mandatory: false,
      role: .upperPlatform, sends: "a catalog query for one camera", expects: "that camera", body: scoped),
    ConformCase(
      "U11", "Empty catalog", "空目录", clause: "GB/T 28181 Annex N / M", role: .upperPlatform,
      sends: "a catalog query for a code that nothing lies below",
      expects: "404, or SumNum 0 without a list", body: empty),
    ConformCase(
      "U26", "DeviceInfo and DeviceStatus", "设备信息与状态", clause: "GB/T 28181 9.5, A.2.6",
      role: .upperPlatform, sends: "both queries", expects: "Result, Online and Status with legal words",
      body: status),
    ConformCase(
      "U27", "BasicParam", "基本参数下载", clause: "GB/T 28181 9.5.1, A.2.4.7", mandatory: false,
      role: .upperPlatform, sends: "ConfigDownload of BasicParam",
      expects: "the block with name, lifetime and heartbeat", body: configuration),
    ConformCase(
      "U28", "RecordInfo", "录像检索", clause: "GB/T 28181 9.7, Annex N / M", role: .upperPlatform,
      sends: "a query for a day", expects: "items in the day, as many as SumNum; no list for 0", body: records
    ),
    ConformCase(
      "U33", "Alarm", "报警通知", clause: "GB/T 28181 9.4", role: .upperPlatform,
      sends: "the answer Response/Alarm", expects: "MESSAGE Notify/Alarm with its mandatory fields",
      body: alarm),
    ConformCase(
      "U34", "Alarm subscription", "报警订阅", clause: "GB/T 28181 9.11", role: .upperPlatform,
      sends: "SUBSCRIBE, the same with Expires 0", expects: "200 with Expires and a To tag, both times",
      body: { try await subscribe($0, "Alarm", event: "presence") }),
    ConformCase(
      "U35", "Catalog subscription", "目录订阅", clause: "GB/T 28181 9.11, Annex P / N", role: .upperPlatform,
      sends: "SUBSCRIBE, the same with Expires 0", expects: "200 with Expires and a To tag, both times",
      body: { try await subscribe($0, "Catalog", event: "Catalog;id=1") }),
    ConformCase(
      "U36", "Mobile position subscription", "移动设备位置订阅", clause: "GB/T 28181 9.11, A.2.4.9",
      mandatory: false, role: .upperPlatform, sends: "SUBSCRIBE with an interval of 1 s",
      expects: "200, then a NOTIFY", body: position),
    ConformCase(
      "U41", "Charset", "字符集", clause: "GB/T 28181 6.10", role: .upperPlatform, sends: "a catalog query",
      expects: "names that can be read in the encoding that the edition declares", body: charset),
  ]

  private static func catalog(_ s: Script) async throws {
    let lower = try await s.lower()
    let catalog = try await lower.catalog()
    try s.check(catalog.total > 0, "the catalog is empty")
    let ids = catalog.items.map(\.id)
    try s.check(Set(ids).count == ids.count, "an item comes twice")
    for item in catalog.items {
      try s.check(!item.name.isEmpty, "item \(item.id) has no name")
      guard [131, 132].contains(item.id.typeCode ?? 0) else { continue }
      for field in [
        CatalogField.manufacturer, .model, .civilCode, .address, .parental, .parentID, .secrecy, .status,
      ] {
        try s.check(item[field] != nil, "camera \(item.id) has no \(field.rawValue), which is mandatory")
      }
    }
    let extra = try await lower.upper.peer.expect(within: .seconds(1)) { $0.is(.response, "Catalog") }
    try s.check(extra == nil, "more parts came than SumNum promised")
  }

  private static func scoped(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let catalog = try await lower.catalog(of: camera)
    try s.check(
      catalog.items.allSatisfy { $0.id == camera } && catalog.items.count == 1,
      "a query for one camera brings something else", expected: "\(camera)",
      came: catalog.items.map(\.id.text).joined(separator: ", "))
  }

  private static func empty(_ s: Script) async throws {
    let lower = try await s.lower()
    let nothing = try s.require(DeviceID(lower.id.text.prefix(10) + "2160099999"), "no code")
    let sn = lower.upper.nextSerial()
    let reply = try await lower.send(try lower.message(.query(.catalog, sn: sn, of: nothing)))
    guard case .response(let response) = reply else {
      throw CaseFailure(cause: "a query for an unknown code was not answered", expected: "404 or 200")
    }
    if response.status == 404 { return }
    try s.check(
      response.isSuccess, "a query for an unknown code was answered strangely", expected: "404 or 200",
      came: "\(response.status)")
    let answer = try await lower.answer("Catalog", sn: sn)
    try s.check(
      answer.element.integer("SumNum") == 0, "an empty catalog has another SumNum than 0",
      came: answer.element.value("SumNum"))
    try s.check(answer.element.child("DeviceList") == nil, "an empty catalog has a list element")
  }

  private static func status(_ s: Script) async throws {
    let lower = try await s.lower()
    let info = try await lower.ask(.query, "DeviceInfo")
    try s.check(
      info.element.value("Result") == "OK", "DeviceInfo has no Result OK", came: info.element.value("Result"))
    let status = try await lower.ask(.query, "DeviceStatus")
    for (name, words) in [
      ("Result", ["OK", "ERROR"]), ("Online", ["ONLINE", "OFFLINE"]), ("Status", ["OK", "ERROR"]),
    ] {
      let word = status.element.value(name) ?? ""
      try s.check(
        words.contains(word), "\(name) of DeviceStatus is no word of the standard",
        expected: words.joined(separator: " or "), came: word)
    }
  }

  private static func configuration(_ s: Script) async throws {
    let lower = try await s.lower()
    let answer = try await lower.ask(.query, "ConfigDownload", [XMLElement("ConfigType", "BasicParam")])
    let block = try s.require(answer.element.child("BasicParam"), "the answer has no block BasicParam")
    for name in ["Name", "Expiration", "HeartBeatInterval", "HeartBeatCount"] {
      try s.check(block.child(name) != nil, "BasicParam has no \(name)")
    }
  }

  private static func records(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let (start, end) = (s.now() - Duration.seconds(86_400), s.now())
    for item in try await lower.recordings(of: camera, from: start, to: end) {
      let times = (item.value("StartTime") ?? "", item.value("EndTime") ?? "")
      try s.check(
        times.0 < GBTime.text(end) && times.1 > GBTime.text(start),
        "a recording lies outside the interval asked for",
        expected: "\(GBTime.text(start)) … \(GBTime.text(end))", came: "\(times.0) … \(times.1)")
    }
    let old = WallTime(seconds: 978_307_200)
    let nothing = try await lower.recordings(of: camera, from: old, to: old + .seconds(3_600))
    try s.check(nothing.isEmpty, "there are recordings of the year 2001", came: "\(nothing.count)")
  }

  private static func alarm(_ s: Script) async throws {
    let lower = try await s.lower()
    try await s.actions.lower(.raiseAlarm)
    let came = try await lower.upper.peer.expect(within: .seconds(10)) { $0.is(.notify, "Alarm") }
    let document = try s.require(came?.document, "no alarm came")
    for name in ["AlarmPriority", "AlarmMethod", "AlarmTime"] {
      try s.check(document.element.child(name) != nil, "the alarm has no \(name), which is mandatory")
    }
    let source = try s.require(document.deviceID, "the alarm names no device")
    try await lower.tell(.result(.alarm, sn: document.sn ?? 0, from: source, isOK: true))
  }

  private static func subscribe(_ s: Script, _ command: String, event: String) async throws {
    let lower = try await s.lower()
    var callID: String?
    var to: String?
    for expires in ["60", "0"] {
      var request = try lower.request(.subscribe, to: lower.id)
      if let callID { request.headers.set(.callID, callID) }
      if let to { request.headers.set(.to, to) }
      request.headers.append(.event, event)
      request.headers.append(.expires, expires)
      request.headers.append(.contact, lower.contact)
      request.headers.append(.contentType, MANSCDPDocument.contentType)
      request.body = MANSCDPDocument(
        .query, CmdType(command), sn: lower.upper.nextSerial(), deviceID: lower.id
      ).body(s.edition.version.declaredEncoding, codec: s.settings.codec)
      guard case .response(let response) = try await lower.send(request) else {
        throw CaseFailure(cause: "SUBSCRIBE to \(command) was not answered", expected: "200")
      }
      try s.check(
        response.isSuccess, "SUBSCRIBE to \(command) was refused", expected: "200",
        came: "\(response.status) \(response.reason)")
      try s.check(response.to?.tag != nil, "the 200 to SUBSCRIBE has no To tag: no dialog")
      try s.check(response.expires != nil, "the 200 to SUBSCRIBE does not say for how long")
      (callID, to) = (request.callID, response.headers[.to])
    }
  }

  private static func position(_ s: Script) async throws {
    let lower = try await s.lower()
    try await subscribe(s, "MobilePosition", event: "presence")
    _ = lower
  }

  private static func charset(_ s: Script) async throws {
    let lower = try await s.lower()
    for item in try await lower.catalog().items {
      try s.check(
        !item.name.unicodeScalars.contains("\u{FFFD}"), "the name of \(item.id) cannot be read",
        expected: "GB18030", came: item.name)
    }
    let raw = try await lower.upper.peer.seen { $0.is(.response, "Catalog") }.first?.request.body ?? []
    let prolog = String(decoding: raw.prefix(80), as: UTF8.self)
    let declared = s.edition.version.declaredEncoding.rawValue
    try s.check(
      prolog.uppercased().contains(declared) || prolog.uppercased().contains("UTF-8"),
      "the document declares another encoding than the edition asks for", expected: declared,
      came: String(prolog.prefix { !$0.isNewline }))
  }
}

extension LowerPeer {
  /// The recordings of an interval, from all parts of the answer (Annex N / M).
  func recordings(of camera: DeviceID, from: WallTime, to: WallTime) async throws -> [XMLElement] {
    let s = script
    let sn = upper.nextSerial()
    try await tell(
      .recordInfo(
        sn: sn, RecordQuery(channel: camera, start: from, end: to), edition: upper.edition.version))
    var items: [XMLElement] = []
    var sum = 0
    repeat {
      let part = try await answer("RecordInfo", sn: sn)
      sum = try s.require(part.element.integer("SumNum"), "the answer to RecordInfo has no SumNum")
      guard let list = part.element.child("RecordList") else {
        try s.check(sum == 0, "an answer without a list promises \(sum) recordings")
        return []
      }
      try s.check(sum > 0, "an answer without recordings has a list element")
      items += list.children.filter { $0.isNamed("Item") }
    } while items.count < sum
    try s.check(
      items.count == sum, "more recordings came than SumNum promised", expected: "\(sum)",
      came: "\(items.count)")
    return items
  }
}
