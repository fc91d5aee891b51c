import GBCore
import SDPCore
import SIPCore

/// The lower platform under test, seen from the tester as its upper platform.
struct LowerPeer: Sendable {
  let script: Script
  let upper: UpperPlatform
  let id: DeviceID

  private var s: Script { script }

  // MARK: Asking

  /// A request outside a dialog, to the address that the platform registered from.
  func request(_ method: SIPMethod, to target: DeviceID) throws -> SIPRequest {
    let route = try route
    let own = upper.settings.upperID
    let number = upper.nextSequence()
    var request = SIPRequest(
      method: method,
      uri: SIPURI(
        user: target.text, host: SIPHostPort(route.remote)?.host ?? "", port: SIPHostPort(route.remote)?.port),
      from: NameAddress(uri: SIPURI(user: own.text, host: own.domain ?? own.text), tag: Token.random()),
      to: NameAddress(uri: SIPURI(user: target.text, host: target.domain ?? own.text)),
      callID: Token.random() + "@conform", cseq: number)
    request.headers.append(.gbVersion, upper.edition.version.description)
    return request
  }

  var contact: String {
    let own = upper.settings.upperID
    return NameAddress(uri: SIPURI(user: own.text, host: upper.settings.listenHost, port: upper.port))
      .description
  }

  var route: Route {
    get throws { try s.require(upper.now.route, "the lower platform is not registered") }
  }

  func message(_ document: MANSCDPDocument) throws -> SIPRequest {
    var request = try request(.message, to: document.deviceID)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    request.body = document.body(upper.edition.version.declaredEncoding, codec: upper.settings.codec)
    return request
  }

  func send(_ request: SIPRequest, patience: Duration = .seconds(8)) async throws -> ConformPeer.Reply {
    try await upper.peer.send(request, over: try route, patience: patience)
  }

  /// Sends a document; the case fails unless it is answered by 200 with an empty body.
  func tell(_ document: MANSCDPDocument) async throws {
    let reply = try await send(try message(document))
    try await s.expectOK(reply, "\(document.cmdType)")
    if case .response(let response) = reply {
      try s.check(
        response.body.isEmpty, "the 200 to a MESSAGE has a body", expected: "an empty body",
        came: "\(response.body.count) bytes")
    }
  }

  /// Sends a query or control and waits for the first document that answers it.
  ///
  /// - Parameter command: the CmdType of the answer; the question's own without it.
  func ask(
    _ root: MANSCDPRoot, _ command: String, of target: DeviceID? = nil, _ fields: [XMLElement] = [],
    within: Duration = .seconds(10)
  ) async throws -> MANSCDPMessage {
    let sn = upper.nextSerial()
    try await tell(MANSCDPDocument(root, CmdType(command), sn: sn, deviceID: target ?? id, fields: fields))
    return try await answer(command, sn: sn, within: within)
  }

  /// The next answer to a question.
  func answer(_ command: String, sn: Int, within: Duration = .seconds(10)) async throws -> MANSCDPMessage {
    let incoming = try await upper.peer.expect(within: within) { $0.is(.response, command) }
    guard let document = incoming?.document else {
      throw CaseFailure(
        cause: "no answer to \(command) came", expected: "Response/\(command) within \(Script.text(within))",
        came: "nothing like it")
    }
    try s.check(
      document.sn == sn, "the answer to \(command) carries another SN than the question",
      expected: "SN \(sn)",
      came: "SN \(document.sn.map(String.init) ?? "missing")")
    return document
  }

  /// A control that is answered by a document with `Result` OK.
  func control(_ name: String, of target: DeviceID? = nil, _ fields: [XMLElement]) async throws {
    let answer = try await ask(.control, "DeviceControl", of: target, fields)
    try s.check(
      answer.element.value("Result")?.uppercased() == "OK", "\(name) was not carried out",
      expected: "Result OK",
      came: answer.element.value("Result"))
  }

  /// A control without a business answer: 200, and nothing more.
  func silentControl(_ name: String, of target: DeviceID? = nil, _ fields: [XMLElement]) async throws {
    let sn = upper.nextSerial()
    try await tell(MANSCDPDocument(.control, .deviceControl, sn: sn, deviceID: target ?? id, fields: fields))
    let extra = try await upper.peer.expect(within: .milliseconds(400)) {
      $0.is(.response, "DeviceControl") && $0.document?.sn == sn
    }
    try s.check(extra == nil, "\(name) was answered by a document, which only other controls are")
  }

  // MARK: Catalog

  /// What a catalog query brought.
  struct Catalog: Sendable {
    var parts: [MANSCDPMessage] = []
    var items: [CatalogItem] = []
    var total = 0
  }

  /// Asks for the catalog and checks how it comes (Annex N / M).
  func catalog(of target: DeviceID? = nil, patience: Duration = .seconds(10)) async throws -> Catalog {
    let sn = upper.nextSerial()
    try await tell(.query(.catalog, sn: sn, of: target ?? id))
    var catalog = Catalog()
    repeat {
      let part = try await answer("Catalog", sn: sn, within: patience)
      let sum = try s.require(part.element.integer("SumNum"), "a part of the catalog has no SumNum")
      try s.check(
        catalog.parts.isEmpty || sum == catalog.total, "parts of one catalog name different SumNums",
        expected: "\(catalog.total)", came: "\(sum)")
      catalog.total = sum
      catalog.parts.append(part)
      guard let list = part.element.child("DeviceList") else {
        try s.check(sum == 0, "a part of the catalog has no DeviceList", came: "SumNum \(sum)")
        break
      }
      let items = list.children.filter { $0.isNamed("Item") }
      let number = list.attribute("Num").flatMap { Int($0) }
      try s.check(
        number == items.count, "Num of a part is not the number of its items", expected: "\(items.count)",
        came: number.map(String.init) ?? "no Num")
      try s.check(!items.isEmpty, "an empty part of a catalog has a list element")
      catalog.items += CatalogReply(part)?.items ?? []
      try s.check(
        catalog.items.count <= sum, "more items came than SumNum promised", expected: "\(sum)",
        came: "\(catalog.items.count)")
    } while catalog.items.count < catalog.total
    return catalog
  }

  /// The first camera of the catalog.
  func camera() async throws -> DeviceID {
    if let known = upper.settings.cameraID ?? upper.now.camera { return known }
    let catalog = try await catalog()
    let camera = catalog.items.first { item in [131, 132].contains(item.id.typeCode ?? 0) }
    let found = try s.require(camera?.id, "the catalog lists no camera of type 131 or 132")
    upper.remember(camera: found)
    return found
  }
}

extension Script {
  /// The lower platform, registered; it is started when it is not.
  func lower() async throws -> LowerPeer {
    let upper = try require(upper, "the case needs the tester as upper platform")
    if upper.now.route == nil {
      try await actions.lower(.start)
      try await eventually("no lower platform registered", within: .seconds(80)) { upper.now.route != nil }
    }
    let id = try require(upper.now.lowerID, "the lower platform registered without a code")
    return LowerPeer(script: self, upper: upper, id: id)
  }
}
