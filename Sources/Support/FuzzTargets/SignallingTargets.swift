import GBCore
import MediaTime
import SDPCore
import SIPCore
import WireBytes

extension FuzzTarget {
  /// A SIP datagram: what was parsed serialises to something that parses again to the same kind of message.
  static let sip = FuzzTarget("sip", maximumLength: 2_048) { bytes in
    guard let message = try? SIPParser.parse(bytes.span) else { return }
    touch(message)
    let again = message.serialised()
    do throws(SIPParseError) {
      _ = try SIPParser.parse(again.span)
    } catch {
      // A message with as many headers as are allowed has one more when its length is stated.
      precondition(error == .tooManyHeaders, "what was serialised does not parse")
    }
  } seeds: {
    Seeds.sip
  }

  /// A SIP byte stream, whole and in pieces. What is held stays below the largest message. (Where bytes had to be
  /// dropped, the cut may change which ones: finding the way again depends on what has arrived.)
  static let sipStream = FuzzTarget("sip-stream", maximumLength: 4_096) { bytes in
    guard let first = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    run([stream])
    let size = Int(first) + 1
    run(stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) })
  } seeds: {
    Seeds.sip.map { [31] + $0 + $0 }
  }

  /// A session description and an answer to our INVITE: what was parsed serialises to something that parses again.
  static let sdp = FuzzTarget("sdp", maximumLength: 1_024) { bytes in
    _ = InviteAnswer(parsing: bytes)
    voice(bytes)
    stream(bytes)
    guard let session = try? SessionDescription(parsing: bytes) else { return }
    for section in session.media {
      _ = session.address(of: section)
      _ = session.setup(of: section)
    }
    precondition(
      (try? SessionDescription(parsing: session.serialised())) != nil, "strict text does not parse")
  } seeds: {
    Seeds.sdp
  }

  /// An offer of a voice session that was understood gets an answer with as many media, of which one is taken.
  private static func voice(_ bytes: [UInt8]) {
    guard let offer = try? VoiceOffer(parsing: bytes), let platform = DeviceID("34020000002000000001") else {
      return
    }
    precondition(!offer.formats.isEmpty && offer.format() != nil, "an offer without a format was taken")
    precondition(offer.path == .listen || offer.port != nil, "an offer leads nowhere")
    precondition(!offer.destination(source: "192.0.2.1").isEmpty)
    let ours = VoiceDescription(
      .play, platform: platform, address: "192.0.2.2", port: 30_000, path: offer.path,
      formats: [offer.format() ?? VoiceFormat(.pcma)], ssrc: offer.ssrc ?? StreamSSRC(1))
    let answer = try? SessionDescription(parsing: ours.answer(to: offer))
    precondition(answer?.media.count == offer.sections.count, "an answer has other media than its offer")
    precondition(answer?.media.count { $0.port > 0 } == 1, "an answer takes one medium")
  }

  /// An offer of a superior that was understood gets an answer that reads back.
  private static func stream(_ bytes: [UInt8]) {
    guard let offer = try? StreamOffer(parsing: bytes), let own = DeviceID("34020000002000000001") else {
      return
    }
    let body = offer.answer(own: own, address: "192.0.2.2", port: 30_000, ssrc: offer.ssrc ?? StreamSSRC(1))
    let answer = try? SessionDescription(parsing: body)
    precondition(answer?.primaryMedia?.port == 30_000, "an answer names its port")
    precondition(answer?.primaryMedia?.payloadTypes == [offer.payloadType], "an answer names its payload")
  }

  /// A MANSCDP body and everything that is read from one.
  static let manscdp = FuzzTarget("manscdp", maximumLength: 2_048) { bytes in
    _ = Keepalive.scan(bytes.span)
    guard let message = try? MANSCDPMessage(parsing: bytes, codec: .utf8) else { return }
    if let reply = CatalogReply(message) {
      precondition(reply.items.count + reply.problems.count <= CatalogReply.mostItems)
      for item in reply.items { precondition(item.raw.utf8.count <= 4 * CatalogItem.longestRaw) }
    }
    _ = DeviceInfoReply(message)
    _ = DeviceStatusReply(message)
    _ = Keepalive.faultyChildren(in: message)
    if let command = message.element.value("PTZCmd") { _ = PTZCommand.parse(command)?.command.action }
    orders(message)
    replies(message)
    events(in: message)
    touchRecords(message)
    if let notice = BroadcastNotice(message) {
      precondition(again(.broadcast(sn: 1, notice)).flatMap { BroadcastNotice($0) } == notice)
    }
  } seeds: {
    Seeds.manscdp
  }

  /// An order that was read is written so that it reads as the same order.
  private static func orders(_ message: MANSCDPMessage) {
    _ = DeviceControl.priority(in: message)
    guard let order = DeviceControl(message), let device = DeviceID("34020000001320000001") else { return }
    let document = MANSCDPDocument(
      .control, .deviceControl, sn: 1, deviceID: device, fields: order.fields(for: .v2022, priority: 7))
    guard let again = try? MANSCDPMessage(text: document.text(declaring: .utf8)),
      let read = DeviceControl(again)
    else { preconditionFailure("an order that was written does not read") }
    precondition(read.name == order.name)
  }

  private static func replies(_ message: MANSCDPMessage) {
    _ = (PresetReply(message)?.fields(for: .v2022), HomePositionReply(message)?.fields)
    _ = (CruiseListReply(message)?.fields, CruiseReply(message)?.fields, PTZPosition(message)?.fields)
    _ = (StorageCardReply(message)?.fields, SnapshotsFinished(message)?.fields)
    _ = (UpgradeResult(message)?.fields, VideoUploadNotice(message)?.fields)
    _ = DeviceStatusReply(message)?.fields
    for block in ConfigurationBlock.all(in: message) {
      _ = block.fault
      precondition(block.differences(from: block).isEmpty, "a block differs from itself")
      _ = block.element(isAnswer: true)
    }
  }

  /// What an event says is written so that it reads as the same.
  private static func events(in message: MANSCDPMessage) {
    guard let anybody = DeviceID("34020000001320000001") else { return }
    if let reply = CatalogReply(message) { for item in reply.items { _ = item.change } }
    if let notice = AlarmNotice(message) {
      precondition((1...4).contains(notice.priority))
      precondition(again(.alarm(sn: 1, notice)).flatMap { AlarmNotice($0) }?.method == notice.method)
    }
    if let filter = AlarmFilter(message) {
      let document = MANSCDPDocument(
        .query, .alarm, sn: 1, deviceID: anybody, fields: filter.fields(for: .v2016))
      precondition(again(document).flatMap { AlarmFilter($0) }?.methods == filter.methods)
    }
    if let notice = PositionNotice(message) {
      precondition(notice.reports.count <= PositionNotice.mostReports)
      for document in notice.documents(from: anybody, sn: 1, now: WallTime(seconds: 0), edition: .v2022) {
        precondition(
          again(document).flatMap { PositionNotice($0) }?.reports.count ?? 0 <= notice.reports.count)
      }
    }
  }

  private static func again(_ document: MANSCDPDocument) -> MANSCDPMessage? {
    try? MANSCDPMessage(text: document.text(declaring: .utf8))
  }

  private static func touchRecords(_ message: MANSCDPMessage) {
    _ = MediaStatusNotice(message)
    if let query = RecordQuery(message) {
      precondition(query.days.count <= RecordQuery.mostDays)
      for day in query.days { precondition(day.start < day.end) }
    }
    guard let reply = RecordReply(message) else { return }
    var assembler = RecordAssembler()
    assembler.receive(reply)
    assembler.receive(reply)
    precondition(assembler.items.count <= reply.items.count, "a part that came twice counts once")
    for item in assembler.list { precondition(item.start < item.end) }
  }

  /// A MANSRTSP body, as an order and as an answer: what was read is written so that it reads the same.
  static let mansrtsp = FuzzTarget("mansrtsp", maximumLength: 512) { bytes in
    if let request = PlaybackRequest(parsing: bytes) {
      let again = PlaybackRequest(parsing: request.body)
      precondition(again?.method == request.method && again?.cseq == request.cseq)
      precondition((again?.range == nil) == (request.range == nil))
    }
    if let response = PlaybackResponse(parsing: bytes) {
      let again = PlaybackResponse(parsing: response.body)
      precondition(again?.status == response.status && again?.cseq == response.cseq)
    }
  } seeds: {
    Seeds.mansrtsp
  }

  private static func touch(_ message: SIPMessage) {
    switch message {
    case .request(let request):
      _ = (request.via, request.from, request.to, request.contact, request.callID, request.cseq, request.uri)
      _ = (request.registrationExpires, request.contentType, request.maxForwards)
      _ = SIPResponse(to: request, status: 200).serialised()
      if let text = request.headers[.authorization] { _ = DigestCredentials(text) }
      if let text = request.headers[.subject] { _ = Subject(parsing: text) }
      if let path = request.preferredPath { precondition(RoutePath(path.description) == path) }
      _ = SignallingDigest(seed: "seed").verify(request, clock: WallTime(seconds: 0)) { _, bytes in bytes }
    case .response(let response):
      _ = (response.via, response.from, response.to, response.contact, response.callID, response.cseq)
      if let text = response.headers[.wwwAuthenticate] { _ = DigestChallenge(text) }
      _ = response.via?.received
      follow(response)
    }
  }

  private static func follow(_ response: SIPResponse) {
    guard let home = DeviceID("34020000002000000001") else { return }
    var follower = RedirectFollower(
      home: RedirectFollower.Server(id: home, address: SIPHostPort(host: "192.0.2.1", port: 5060)))
    for _ in 0...RedirectFollower.deepest { _ = follower.answered(response) }
    precondition(follower.depth <= RedirectFollower.deepest)
  }

  private static func run(_ pieces: [[UInt8]]) {
    var framer = SIPStreamFramer()
    var fed = 0
    for piece in pieces {
      framer.feed(piece.span)
      fed += piece.count
      while let event = framer.next() {
        if case .message(let message) = event { touch(message) }
      }
      precondition(framer.buffered <= fed)
    }
  }
}
