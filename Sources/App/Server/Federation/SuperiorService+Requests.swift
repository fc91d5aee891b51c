import Federation
import GBCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// What superiors ask of us (§11.1, §11.2).
extension SuperiorService {
  /// Takes a request that a superior makes in that role. False for what comes from somebody else, and for what the
  /// same platform says as a device of ours: two platforms may be above each other.
  func handle(_ request: SIPRequest, from source: SIPSource, _ transaction: SIPServerTransaction) -> Bool {
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
    case .subscribe:
      subscribe(request, superior, source, transaction)
      return true
    default: return false
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
    switch message.root {
    case .query:
      state.withLock { $0[superior.id]?.figures.queries += 1 }
      Task { await answer(message, request, superior, transaction) }
      return true
    case .control:
      Task { await obey(message, request, superior, transaction) }
      return true
    case .notify, .response: return false
    }
  }

  private func answer(
    _ message: MANSCDPMessage, _ request: SIPRequest, _ superior: Superior,
    _ transaction: SIPServerTransaction
  ) async {
    let code = message.deviceID ?? superior.ownID
    let isOwn = code == superior.ownID || code == signalling.platform
    switch message.cmdType {
    case .catalog: await catalog(message.sn ?? 0, code, request, superior, transaction)
    case .deviceInfo where isOwn:
      transaction.respond(SIPResponse(to: request, status: 200))
      let info = DeviceInfoReply(
        name: views.card.name, manufacturer: views.card.manufacturer, model: views.card.model,
        firmware: TributaryVersion.text, channels: await views.cameras(superior.id))
      let document = MANSCDPDocument.deviceInfo(sn: message.sn ?? 0, from: superior.ownID, info)
      send(document, to: superior) { _ in }
    case .deviceStatus where isOwn:
      transaction.respond(SIPResponse(to: request, status: 200))
      let status = DeviceStatusReply(deviceTime: GBTime.text(SystemClock.wall()))
      let document = MANSCDPDocument.deviceStatus(sn: message.sn ?? 0, from: superior.ownID, status)
      send(document, to: superior) { _ in }
    default:
      let channel = await views.channel(superior.id, code)
      guard isOwn || channel != nil else {
        return refuse(404, request, superior, transaction)
      }
      transaction.respond(SIPResponse(to: request, status: 200))
      let document = MANSCDPDocument.result(message.cmdType, sn: message.sn ?? 0, from: code, isOK: false)
      send(document, to: superior) { _ in }
    }
  }

  private func refuse(
    _ status: Int, _ request: SIPRequest, _ superior: Superior, _ transaction: SIPServerTransaction
  ) {
    state.withLock { $0[superior.id]?.figures.refused += 1 }
    transaction.respond(SIPResponse(to: request, status: status))
  }

  // MARK: Catalog

  private func catalog(
    _ sn: Int, _ scope: DeviceID, _ request: SIPRequest, _ superior: Superior,
    _ transaction: SIPServerTransaction
  ) async {
    guard let items = await views.items(superior.id, in: scope) else {
      return refuse(404, request, superior, transaction)
    }
    guard admitsAnswer(superior.id) else { return refuse(503, request, superior, transaction) }
    transaction.respond(SIPResponse(to: request, status: 200))
    await tell(items, sn, of: scope, superior)
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
    let edition = entry(superior.id)?.edition ?? superior.edition
    var position = 0
    repeat {
      let part = items[position..<min(position + superior.itemsPerMessage, items.count)]
      let document = MANSCDPDocument.catalog(
        sn: sn, from: scope, total: items.count, items: part.map { $0.catalogItem() }, edition: edition)
      // One at a time: a superior that is behind must not be flooded, and one that is gone ends it.
      guard let status = await send(document, to: superior), (200..<300).contains(status) else {
        logger.notice(
          "a catalog could not be told to the end",
          metadata: ["superior.id": "\(superior.id)", "sent": "\(position)", "items": "\(items.count)"])
        return
      }
      position += part.count
      let told = UInt64(part.count)
      state.withLock { $0[superior.id]?.figures.items += told }
    } while position < items.count
  }

  // MARK: Orders

  private func obey(
    _ message: MANSCDPMessage, _ request: SIPRequest, _ superior: Superior,
    _ transaction: SIPServerTransaction
  ) async {
    let code = message.deviceID ?? superior.ownID
    guard let channel = await views.channel(superior.id, code) else {
      return refuse(404, request, superior, transaction)
    }
    transaction.respond(SIPResponse(to: request, status: 200))
    if case .keyFrame = DeviceControl(message) { return directory.requestKeyFrame(channel) }
    // Nobody above orders about what was not granted to be ordered about: said in a document, so that silence
    // does not look like obedience.
    state.withLock { $0[superior.id]?.figures.refused += 1 }
    let document = MANSCDPDocument.result(message.cmdType, sn: message.sn ?? 0, from: code, isOK: false)
    send(document, to: superior) { _ in }
    let order = DeviceControl(message)?.name ?? message.cmdType.name
    logger.notice(
      "an order of a superior was refused",
      metadata: ["superior.id": "\(superior.id)", "command": "\(order)"])
  }

  // MARK: Calls

  private func invite(
    _ request: SIPRequest, _ code: DeviceID, _ superior: Superior, _ source: SIPSource,
    _ transaction: SIPServerTransaction
  ) async {
    guard let channel = await views.channel(superior.id, code) else {
      return refuse(404, request, superior, transaction)
    }
    let offer: StreamOffer
    do throws(StreamOffer.Refusal) { offer = try StreamOffer(parsing: request.body) } catch {
      return refuse(error.status, request, superior, transaction)
    }
    await relays.invite(
      UpwardCall(superior: superior, code: code, channel: channel, offer: offer, request: request),
      source, transaction)
  }
}
