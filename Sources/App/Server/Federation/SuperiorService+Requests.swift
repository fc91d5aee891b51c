import Federation
import GBCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// A document of a superior, and the way of its answer.
struct UpwardDocument: Sendable {
  let superior: Superior
  let message: MANSCDPMessage
  let request: SIPRequest
  let transaction: SIPServerTransaction
  /// What it is about; our code there when it does not say.
  let code: DeviceID

  var sn: Int { message.sn ?? 0 }
  /// What follows the frame of every document.
  var fields: [XMLElement] { message.ownFields }
}

/// What superiors ask of us (§11.1, §11.2): sorted here, allowed or refused by ``UpwardGate``.
extension SuperiorService {
  /// Takes a request that a superior makes in that role. False for what comes from somebody else, and for what the
  /// same platform says as a device of ours: two platforms may be above each other.
  func handle(_ request: SIPRequest, from source: SIPSource, _ transaction: SIPServerTransaction) -> Bool {
    switch request.method {
    case .message, .invite, .subscribe: break
    case .info: return relays.order(request, from: source, transaction)
    default: return false
    }
    guard let superior = superior(behind: request, source) else { return false }
    switch request.method {
    case .message: return message(request, superior, transaction)
    case .invite:
      guard let code = SIPURI(request.requestURI)?.user.flatMap({ DeviceID($0) }),
        code != signalling.platform,
        code != superior.ownID
      else { return false }
      transaction.respond(SIPResponse(to: request, status: 100))
      Task { await invite(request, code, superior, source, transaction) }
      return true
    default:
      subscribe(request, superior, source, transaction)
      return true
    }
  }

  /// The superior that a request comes from: its code, and the machine that we are registered at.
  func superior(behind request: SIPRequest, _ source: SIPSource) -> Superior? {
    guard let id = request.fromUser.flatMap({ DeviceID($0) }) else { return nil }
    return state.withLock { entries in
      guard let entry = entries[id] ?? entries.values.first(where: { $0.link.server.id == id }),
        entry.link.phase == .registered, entry.link.server.address.host == source.remote.host
      else { return nil }
      return entry.account.superior
    }
  }

  // MARK: Documents

  private func message(
    _ request: SIPRequest, _ superior: Superior, _ transaction: SIPServerTransaction
  ) -> Bool {
    guard request.body.count <= Signalling.parsedAtOnce,
      let message = try? MANSCDPMessage(parsing: request.body, codec: signalling.codec)
    else { return false }
    let document = UpwardDocument(
      superior: superior, message: message, request: request, transaction: transaction,
      code: message.deviceID ?? superior.ownID)
    switch message.root {
    case .query:
      state.withLock { $0[superior.id]?.figures.queries += 1 }
      Task { await answer(document) }
    case .control: Task { await obey(document) }
    case .notify:
      guard let notice = BroadcastNotice(message) else { return false }
      Task { await broadcast(notice, document) }
    case .response:
      // What is answered to our alarms; what a device of ours answers goes its own way.
      guard directory.device(superior.id) == nil else { return false }
      transaction.respond(SIPResponse(to: request, status: 200))
    }
    return true
  }

  private func answer(_ document: UpwardDocument) async {
    let superior = document.superior
    let act = UpwardAct(query: document.message.cmdType)
    if act == .catalog { return await catalog(document) }
    if document.code == superior.ownID || document.code == signalling.platform {
      document.accept()
      return await answerOwn(document, act)
    }
    guard let channel = await views.channel(superior.id, document.code) else { return refuse(404, document) }
    guard begin(document) else { return refuse(503, document) }
    defer { state.withLock { $0[superior.id]?.questions -= 1 } }
    document.accept()
    let asked = UpwardRequest(
      superior: superior, code: document.code, channel: channel, act: act, message: document.request)
    switch house.gate.judge(asked) {
    case .failure: decline(document)
    case .success(let permit): await answer(document, act, permit)
    }
  }

  /// Counts a question that will take a while; false when there are too many.
  private func begin(_ document: UpwardDocument) -> Bool {
    state.withLock { entries in
      guard let entry = entries[document.superior.id], entry.questions < Self.mostQuestions else {
        return false
      }
      entries[document.superior.id]?.questions += 1
      return true
    }
  }

  /// About this platform itself.
  private func answerOwn(_ document: UpwardDocument, _ act: UpwardAct) async {
    let superior = document.superior
    switch act {
    case .deviceInfo:
      let info = DeviceInfoReply(
        name: views.card.name, manufacturer: views.card.manufacturer, model: views.card.model,
        firmware: TributaryVersion.text, channels: await views.cameras(superior.id))
      send(.deviceInfo(sn: document.sn, from: superior.ownID, info), to: superior) { _ in }
    case .deviceStatus:
      let status = DeviceStatusReply(deviceTime: GBTime.text(SystemClock.wall()))
      send(.deviceStatus(sn: document.sn, from: superior.ownID, status), to: superior) { _ in }
    case .configuration where document.message.element.value("ConfigType") == "BasicParam":
      let block = XMLElement(
        "BasicParam",
        children: [
          XMLElement("Name", views.card.name), XMLElement("Expiration", String(superior.expires)),
          XMLElement("HeartBeatInterval", String(Int(superior.heartbeat.interval.inSeconds))),
          XMLElement("HeartBeatCount", String(superior.heartbeat.count)),
        ])
      reply(to: document, [XMLElement("Result", "OK"), block])
    default: decline(document)
    }
  }

  // MARK: Answers

  func refuse(_ status: Int, _ document: UpwardDocument) {
    refuse(status, document.request, document.superior, document.transaction)
  }

  func refuse(
    _ status: Int, _ request: SIPRequest, _ superior: Superior, _ transaction: SIPServerTransaction
  ) {
    state.withLock { $0[superior.id]?.figures.refused += 1 }
    transaction.respond(SIPResponse(to: request, status: status))
  }

  /// Says no in a document: silence would look like obedience, and a status like a broken link (§4.1).
  func decline(_ document: UpwardDocument) {
    state.withLock { $0[document.superior.id]?.figures.refused += 1 }
    conclude(document, isOK: false)
  }

  func conclude(_ document: UpwardDocument, isOK: Bool) {
    let result = MANSCDPDocument.result(
      document.message.cmdType, sn: document.sn, from: document.code, isOK: isOK)
    send(result, to: document.superior) { _ in }
  }

  func reply(to document: UpwardDocument, _ fields: [XMLElement]) {
    let reply = MANSCDPDocument(
      .response, document.message.cmdType, sn: document.sn, deviceID: document.code, fields: fields)
    send(reply, to: document.superior) { _ in }
  }

  /// Sends parts one after the other: a superior that is behind must not be flooded, and one that is gone ends it.
  ///
  /// - Returns: how many were taken.
  func tell(_ parts: [MANSCDPDocument], to superior: Superior) async -> Int {
    for (index, part) in parts.enumerated() {
      guard let status = await send(part, to: superior), (200..<300).contains(status) else {
        logger.notice(
          "an answer could not be told to the end",
          metadata: ["superior.id": "\(superior.id)", "sent": "\(index)", "parts": "\(parts.count)"])
        return index
      }
    }
    return parts.count
  }

  /// The edition that a superior is spoken to in.
  func edition(of superior: Superior) -> GBVersion { entry(superior.id)?.edition ?? superior.edition }

  // MARK: Catalog

  private func catalog(_ document: UpwardDocument) async {
    let superior = document.superior
    guard let items = await views.items(superior.id, in: document.code) else { return refuse(404, document) }
    guard admitsAnswer(superior.id) else { return refuse(503, document) }
    document.accept()
    await tell(items, document.sn, of: document.code, superior)
  }

  /// Sends the items of some buckets, as the answer to a query with that number: what another Tributary asks for after
  /// it compared digests.
  ///
  /// - Returns: whether they will come.
  func tell(buckets: Set<Int>, sn: Int, to id: DeviceID) async -> Bool {
    guard let superior = entry(id)?.account.superior, let items = await views.items(id, inBuckets: buckets),
      admitsAnswer(id)
    else { return false }
    Task { await tell(items, sn, of: superior.ownID, superior) }
    return true
  }

  /// Counts an answer that is about to be sent. False while there are enough.
  private func admitsAnswer(_ superior: DeviceID) -> Bool {
    state.withLock { entries in
      guard let entry = entries[superior], entry.answers < Self.mostAnswers else { return false }
      entries[superior]?.answers += 1
      return true
    }
  }

  private func tell(_ items: [SharedItem], _ sn: Int, of scope: DeviceID, _ superior: Superior) async {
    defer { state.withLock { $0[superior.id]?.answers -= 1 } }
    let edition = edition(of: superior)
    var position = 0
    repeat {
      let part = items[position..<min(position + superior.itemsPerMessage, items.count)]
      let told = MANSCDPDocument.catalog(
        sn: sn, from: scope, total: items.count, items: part.map { $0.catalogItem() }, edition: edition)
      guard await tell([told], to: superior) == 1 else { return }
      position += part.count
      let count = UInt64(part.count)
      state.withLock { $0[superior.id]?.figures.items += count }
    } while position < items.count
  }

  // MARK: Speech

  private func broadcast(_ notice: BroadcastNotice, _ document: UpwardDocument) async {
    let superior = document.superior
    guard let channel = await views.channel(superior.id, notice.target) else { return refuse(404, document) }
    document.accept()
    let asked = UpwardRequest(
      superior: superior, code: notice.target, channel: channel, act: .broadcast, message: document.request)
    let result: @Sendable (Bool) -> Void = { [self] isOK in
      if !isOK { state.withLock { $0[superior.id]?.figures.refused += 1 } }
      let told = MANSCDPDocument.result(.broadcast, sn: document.sn, from: notice.target, isOK: isOK)
      send(told, to: superior) { _ in }
    }
    guard case .success(let permit) = house.gate.judge(asked), let server = server(superior.id) else {
      return result(false)
    }
    await voices.begin(
      notice, permit, superior: superior, host: server.address.host, answer: result,
      invite: { [self] in
        guard let server = self.server(superior.id) else { return nil }
        var invite = request(.invite, to: superior, at: server)
        let uri = SIPURI(user: notice.source.text, host: superior.realm)
        invite.requestURI = uri.description
        invite.headers.set(.to, NameAddress(uri: uri).description)
        invite.headers.append(.contact, "<\(contact(superior, server))>")
        return (invite, target(superior, server))
      })
  }

  // MARK: Calls

  private func invite(
    _ request: SIPRequest, _ code: DeviceID, _ superior: Superior, _ source: SIPSource,
    _ transaction: SIPServerTransaction
  ) async {
    guard let channel = await views.channel(superior.id, code) else {
      return refuse(404, request, superior, transaction)
    }
    var offer: StreamOffer?
    if !request.body.isEmpty {
      do throws(StreamOffer.Refusal) { offer = try StreamOffer(parsing: request.body) } catch {
        return refuse(error.status, request, superior, transaction)
      }
    }
    let session = offer?.session ?? .live
    await relays.invite(
      UpwardCall(
        superior: superior, code: code, channel: channel, session: session, offer: offer, request: request),
      source, transaction)
  }
}

extension UpwardDocument {
  /// 200: it was understood; what comes of it follows.
  func accept() { transaction.respond(SIPResponse(to: request, status: 200)) }
}

extension MANSCDPMessage {
  /// What follows `CmdType`, `SN` and `DeviceID`.
  var ownFields: [XMLElement] {
    let frame = ["CmdType", "SN", "DeviceID"]
    return element.children.filter { child in !frame.contains { child.isNamed($0) } }
  }
}
