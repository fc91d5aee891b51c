import CMediaIO
import Glibc
import MPEGCore
import MediaTime
import RTPCore
import WireBytes

/// The receiving half of a stream: who may send, the packets in order, the units in them.
final class Ingest {
  /// Sources, SSRCs and such kept for the diagnosis.
  private static let maximumNoted = 16

  let request: IngestRequest
  let port: UInt16
  var lock: SourceLock
  /// SSRCs that the dialog agreed on, or that were bound late.
  private(set) var ssrcs: [UInt32]
  private(set) var boundSSRC: UInt32?
  private var reorder = ReorderBuffer()
  /// What reorder buffers of earlier connections counted.
  private var earlier = ReorderBuffer.Counters()
  /// The next packet does not follow the one before.
  private var startsOver = false
  private var demuxer = StreamDemuxer()
  private var reception = ReceptionStatistics()
  private(set) var diagnosis = IngestDiagnosis()
  private var bytes: UInt64 = 0
  private var foreignPackets: UInt64 = 0
  private var payloadType: UInt8 = 0
  private var payloadTypeCount: UInt64 = 0
  private var firstPacket: Int64?
  private var firstPictureAfter: Duration?
  private var reported: Set<UnsupportedReason> = []
  /// Monotonic nanoseconds.
  let openedAt: Int64
  private(set) var lastPacket: Int64 = 0
  /// The packet after which the quiet was settled, and whether it had been quiet for long.
  private var settledAt: Int64 = 0
  private var isSettledLong = false
  private(set) var isSilent = false
  /// Pictures are missing until the next key frame.
  private var isDamaged = false
  private var lastKeyRequest: Int64 = 0
  private var lastForeignReport: Int64 = 0
  private var lastReport: Int64 = 0
  /// The media connection, when the stream comes over TCP.
  var connection: Connection?
  var link = TCPLink()
  /// Sockets of its own, in port-range mode; -1 for none.
  var dedicated = DedicatedSockets()

  init(request: IngestRequest, port: UInt16, now: Int64, wall: WallTime) {
    self.request = request
    self.port = port
    openedAt = now
    lock = SourceLock(host: request.expectedHost.flatMap { MediaAddress(host: $0, port: 0) })
    ssrcs = [request.ssrc]
    diagnosis.label = request.label
    diagnosis.transport = request.transport
    diagnosis.port = port
    diagnosis.expectedHost = request.expectedHost
    diagnosis.expectedSSRC = request.ssrc
    diagnosis.openedAt = wall
  }

  var hasPackets: Bool { firstPacket != nil }

  /// The dialog's answer: another SSRC, another machine.
  func answer(ssrc: UInt32?, host: MediaAddress?) {
    if let ssrc {
      diagnosis.answeredSSRC = ssrc
      if !ssrcs.contains(ssrc) { ssrcs.append(ssrc) }
    }
    if let host {
      diagnosis.answeredHost = host.host
      lock.allow(host)
    }
  }

  /// Takes an SSRC that nobody announced, because only this stream can be meant (§7.3).
  func bindLate(_ ssrc: UInt32) {
    if !ssrcs.contains(ssrc) { ssrcs.append(ssrc) }
    noteWrong(ssrc)
  }

  // MARK: packets

  /// What a packet is to this stream.
  enum Reception {
    case first
    case accepted
    case foreign(report: Bool)
  }

  /// Takes one RTP packet that names this stream.
  func receive(
    _ packet: Span<UInt8>, _ header: RTPHeader, from source: MediaAddress, now: MonotonicTime, wall: WallTime,
    into stream: MediaStream
  ) -> Reception {
    let verdict = lock.check(source, now: now.nanoseconds)
    if verdict == .refuse {
      foreignPackets += 1
      noteSource(source, header.ssrc, accepted: false)
      return .foreign(report: isDue(&lastForeignReport, now.nanoseconds))
    }
    if verdict == .acceptNew {
      noteSource(source, header.ssrc, accepted: true)
      // Nothing of the old source and the new one may end up in one picture.
      startOver(into: stream, wall: wall)
    }
    let isFirst = firstPacket == nil
    if isFirst {
      firstPacket = now.nanoseconds
      stream.report(.firstPacket(stream.id, source))
    }
    accept(packet, header, now: now, wall: wall, into: stream)
    return isFirst ? .first : .accepted
  }

  private func accept(
    _ packet: Span<UInt8>, _ header: RTPHeader, now: MonotonicTime, wall: WallTime, into stream: MediaStream
  ) {
    bytes += UInt64(packet.count)
    lastPacket = now.nanoseconds
    isSilent = false
    boundSSRC = header.ssrc
    note(header, packet, wall)
    reception.received(header, now: now)
    reorder.insert(header, packet: packet, now: now) { header, payload, gap in
      demultiplex(header, payload, gap, wall, into: stream)
    }
  }

  /// A new connection: the sender may count its packets from anywhere.
  func startOver(into stream: MediaStream, wall: WallTime) {
    guard hasPackets else { return }
    reorder.drain { header, payload, gap in demultiplex(header, payload, gap, wall, into: stream) }
    let counters = reorder.counters
    earlier.lost += counters.lost
    earlier.reordered += counters.reordered
    earlier.late += counters.late
    earlier.duplicates += counters.duplicates
    reorder = ReorderBuffer()
    startsOver = true
  }

  private func demultiplex(
    _ header: RTPHeader, _ payload: Span<UInt8>, _ gap: Bool, _ wall: WallTime, into stream: MediaStream
  ) {
    let info = RTPTimestampInfo(
      timestamp: header.timestamp, marker: header.marker, payloadType: header.payloadType)
    let isApart = exchange(&startsOver, with: false)
    demuxer.receive(payload, header: info, gapBefore: gap || isApart, arrival: wall) { handle($0, stream) }
  }

  private func handle(_ event: DemuxEvent, _ stream: MediaStream) {
    switch event {
    case .formats(let formats):
      stream.setFormats(formats, restart: false)
    case .unit(let unit):
      if unit.codec.isVideo {
        isDamaged = false
        diagnosis.pictures += 1
      }
      stream.take(unit)
    case .damaged:
      diagnosis.damagedUnits += 1
      isDamaged = true
      if wantsKeyFrame(now: lastPacket) { stream.report(.keyFrameWanted(stream.id)) }
    case .unsupported(let reason):
      diagnosis.unsupported = reason.words
      if reported.insert(reason).inserted { stream.report(.unsupported(stream.id, reason.words)) }
    }
  }

  /// Hands on what waited too long for its predecessors.
  func flush(now: MonotonicTime, wall: WallTime, into stream: MediaStream) {
    guard reorder.needsFlush else { return }
    reorder.flush(now: now) { header, payload, gap in demultiplex(header, payload, gap, wall, into: stream) }
  }

  /// After a moment without packets, hands on what only the next picture would have shown to be complete.
  func settle(now: Int64, into stream: MediaStream) {
    guard hasPackets, settledAt != lastPacket || !isSettledLong, reorder.waitingCount == 0 else { return }
    let quiet = now - lastPacket
    guard quiet >= 200_000_000 else { return }
    let isLong = quiet >= 600_000_000
    guard settledAt != lastPacket || isLong else { return }
    (settledAt, isSettledLong) = (lastPacket, isLong)
    demuxer.settle(isLong: isLong) { handle($0, stream) }
  }

  /// Hands on everything that is left, at the end.
  func drain(into stream: MediaStream) {
    let wall = WallTime(nanoseconds: tio_wall())
    reorder.drain { header, payload, gap in demultiplex(header, payload, gap, wall, into: stream) }
    demuxer.flush(arrival: wall) { handle($0, stream) }
  }

  /// A sender report of this stream's sender.
  func receive(_ report: RTCP.SenderReport, now: MonotonicTime) { reception.received(report, now: now) }

  /// A receiver report when one is due (every five seconds), and the sender it is for.
  func dueReport(now: MonotonicTime) -> (bytes: [UInt8], to: MediaAddress)? {
    guard let ssrc = boundSSRC, let sender = lock.locked, !isSilent,
      isDue(&lastReport, now.nanoseconds, every: 5_000_000_000)
    else { return nil }
    let block = reception.reportBlock(ssrc: ssrc, now: now)
    return (RTCP.receiverReport(reporter: ssrc &+ 1, blocks: [block], cname: "tributary"), sender)
  }

  // MARK: timers

  /// Whether the stream has just been found silent.
  func checkSilence(now: Int64, first: Int64, loss: Int64) -> Bool {
    guard !isSilent else { return false }
    let isOverdue = hasPackets ? now - lastPacket > loss : now - openedAt > first
    if isOverdue { isSilent = true }
    return isOverdue
  }

  /// Whether a key frame should be asked for now. Again every two seconds until one comes.
  func wantsKeyFrame(now: Int64) -> Bool {
    isDamaged && isDue(&lastKeyRequest, now, every: 2_000_000_000)
  }

  private func isDue(_ last: inout Int64, _ now: Int64, every interval: Int64 = 1_000_000_000) -> Bool {
    guard last == 0 || now - last >= interval else { return false }
    last = now
    return true
  }

  // MARK: figures

  func noteFirstPicture() {
    if let firstPacket { firstPictureAfter = .nanoseconds(lastPacket - firstPacket) }
  }

  private func note(_ header: RTPHeader, _ packet: Span<UInt8>, _ wall: WallTime) {
    diagnosis.packets += 1
    diagnosis.lastPacketAt = wall
    if header.payloadType != payloadType || payloadTypeCount == 0 { turnPayloadType(to: header.payloadType) }
    payloadTypeCount += 1
    guard diagnosis.firstPayloads.count < 4 else { return }
    if diagnosis.firstPacketAt == nil { diagnosis.firstPacketAt = wall }
    let payload = header.payload.prefix(16)
    diagnosis.firstPayloads.append(payload.map { packet[$0] })
  }

  private func turnPayloadType(to next: UInt8) {
    foldPayloadType()
    payloadType = next
  }

  private func foldPayloadType() {
    guard payloadTypeCount > 0 else { return }
    if diagnosis.payloadTypes[payloadType] != nil || diagnosis.payloadTypes.count < 8 {
      diagnosis.payloadTypes[payloadType, default: 0] += payloadTypeCount
    }
    payloadTypeCount = 0
  }

  private func noteSource(_ source: MediaAddress, _ ssrc: UInt32, accepted: Bool) {
    if let index = diagnosis.sources.firstIndex(where: { $0.address == source && $0.ssrc == ssrc }) {
      diagnosis.sources[index].packets += 1
      diagnosis.sources[index].accepted = accepted
    } else if diagnosis.sources.count < Self.maximumNoted {
      diagnosis.sources.append(.init(address: source, ssrc: ssrc, packets: 1, accepted: accepted))
    }
  }

  /// A packet of an SSRC that names no stream came from the machine that this stream expects.
  func noteWrong(_ ssrc: UInt32) {
    guard !diagnosis.wrongSSRCs.contains(ssrc), diagnosis.wrongSSRCs.count < Self.maximumNoted else { return }
    diagnosis.wrongSSRCs.append(ssrc)
  }

  func noteConnection(attempt: Bool = false, error: String? = nil) {
    if attempt { diagnosis.connectAttempts += 1 } else if error == nil { diagnosis.connections += 1 }
    if let error { diagnosis.lastConnectError = error }
  }

  /// The diagnosis with its running counts.
  func currentDiagnosis() -> IngestDiagnosis {
    foldPayloadType()
    if let locked = lock.locked, let index = diagnosis.sources.firstIndex(where: { $0.address == locked }) {
      diagnosis.sources[index].packets = diagnosis.packets
    }
    return diagnosis
  }

  func fill(_ figures: inout MediaSnapshot.Stream) {
    let counters = reorder.counters
    figures.transport = request.transport
    figures.source = lock.locked
    figures.ssrc = boundSSRC ?? ssrcs.last
    figures.packets = diagnosis.packets
    figures.bytes = bytes
    figures.lost = earlier.lost + counters.lost
    figures.reordered = earlier.reordered + counters.reordered
    figures.duplicates = earlier.duplicates + earlier.late + counters.duplicates + counters.late
    figures.foreignPackets = foreignPackets
    figures.damagedUnits = demuxer.counters.droppedUnits
    figures.firstPictureAfter = firstPictureAfter
  }
}

extension UnsupportedReason {
  /// For an operator.
  var words: String {
    switch self {
    case .videoCodec(let type): "video codec with stream type 0x" + String(type, radix: 16)
    case .audioCodec(let type): "audio codec with stream type 0x" + String(type, radix: 16)
    case .privateContainer: "a manufacturer's private container; switch the device to standard PS"
    case .encrypted: "an encrypted stream; switch stream encryption off at the device"
    }
  }
}
