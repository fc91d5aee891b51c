import CMediaIO
import MediaTime
import RTPCore

/// A packet on its way to the thread that owns its stream.
struct StrayPacket: Sendable {
  let bytes: [UInt8]
  let source: MediaAddress
}

/// Datagrams: from the socket's batch to the stream they belong to (GB/T 28181 §7.3, §9.3).
extension MediaLoop {
  /// Unknown SSRCs looked up per sweep; more than that is a flood and is only counted.
  private static let maximumLookups = 256

  /// Takes one datagram, which may hold several packets of equal size.
  func take(_ datagram: tio_datagram, dedicatedTo stream: MediaStream?) {
    guard let base = datagram.bytes else { return }
    let source = MediaAddress(datagram.source)
    let (length, segment) = (Int(datagram.length), max(1, Int(datagram.segment)))
    var offset = 0
    while offset < length {
      let size = min(segment, length - offset)
      let packet = UnsafeBufferPointer(start: base + offset, count: size)
      take(packet.span, from: source, dedicatedTo: stream)
      offset += size
    }
  }

  private func take(_ packet: Span<UInt8>, from source: MediaAddress, dedicatedTo dedicated: MediaStream?) {
    if RTPHeader.isRTCP(packet) { return takeReport(packet, dedicatedTo: dedicated) }
    let header: RTPHeader
    do throws(RTPParseError) {
      header = try RTPHeader(parsing: packet)
    } catch {
      figures.malformedPackets += 1
      return
    }
    if let stream = dedicated {
      takeDedicated(packet, header, from: source, stream)
    } else if let stream = find(header.ssrc, source) {
      receive(packet, header, from: source, stream)
    } else {
      takeUnknown(packet, header, from: source)
    }
  }

  private func find(_ ssrc: UInt32, _ source: MediaAddress) -> MediaStream? {
    if ssrc == lastSSRC, let lastStream { return lastStream }
    if let stream = bySSRC[ssrc] {
      (lastSSRC, lastStream) = (ssrc, stream)
      return stream
    }
    return byAddress.isEmpty ? nil : byAddress[source]
  }

  /// Forgets the shortcut to the stream of the last packet. Whoever changes the tables calls it.
  func forgetShortcut() { (lastSSRC, lastStream) = (0, nil) }

  /// On a port of its own a stream takes any SSRC, but only from the machine it expects.
  private func takeDedicated(
    _ packet: Span<UInt8>, _ header: RTPHeader, from source: MediaAddress, _ stream: MediaStream
  ) {
    guard let ingest = stream.ingest else { return }
    if !ingest.ssrcs.contains(header.ssrc) {
      guard ingest.boundSSRC == nil || ingest.lock.locked == source else {
        return reportForeign(stream, header.ssrc, source)
      }
      guard ingest.lock.expects(source) else { return reportForeign(stream, header.ssrc, source) }
      ingest.bindLate(header.ssrc)
    }
    receive(packet, header, from: source, stream)
  }

  func receive(_ packet: Span<UInt8>, _ header: RTPHeader, from source: MediaAddress, _ stream: MediaStream) {
    guard let ingest = stream.ingest else { return }
    // A stream that has its TCP connection takes nothing from elsewhere.
    if let connection = ingest.connection, !connection.isConnecting, connection.peer != source {
      return reportForeign(stream, header.ssrc, source)
    }
    switch ingest.receive(packet, header, from: source, now: now, wall: wall, into: stream) {
    case .accepted: break
    case .first: shared.book.bound(stream.id)
    case .foreign(let report):
      if report { configuration.events(.foreignSource(stream.id, ssrc: header.ssrc, source)) }
      return
    }
    touch(stream)
  }

  /// Nobody here knows the SSRC: perhaps a command that opens it has not run, another thread owns it, or
  /// exactly one stream waits for this machine.
  private func takeUnknown(_ packet: Span<UInt8>, _ header: RTPHeader, from source: MediaAddress) {
    figures.unknownPackets += 1
    guard unknownLookups < Self.maximumLookups else { return }
    unknownLookups += 1
    runCommands()
    if let stream = find(header.ssrc, source) { return receive(packet, header, from: source, stream) }
    switch shared.book.resolve(ssrc: header.ssrc, source: source, overTCP: false, now: now.nanoseconds) {
    case .stream(let id) where id.thread == index:
      guard let stream = streams[id] else { return }
      adopt(header.ssrc, source, stream)
      receive(packet, header, from: source, stream)
    case .stream(let id):
      // A rare detour: the device answered with an SSRC that the kernel steers to another thread.
      unknownLookups -= 1
      let bytes = packet.withUnsafeBufferPointer { Array($0) }
      strayPackets[id.thread, default: []].append(StrayPacket(bytes: bytes, source: source))
    case .retired: break
    case .unknown:
      noteWrong(header.ssrc, source)
      reportForeign(nil, header.ssrc, source)
    }
  }

  /// Gives a late-bound stream its place in the tables.
  private func adopt(_ ssrc: UInt32, _ source: MediaAddress, _ stream: MediaStream) {
    forgetShortcut()
    stream.ingest?.bindLate(ssrc)
    if ssrc != 0, bySSRC[ssrc] == nil { bySSRC.insert(stream, at: ssrc) } else { byAddress[source] = stream }
  }

  /// Packets that another thread received for streams of this one.
  func takeStrays(_ packets: [StrayPacket]) {
    for packet in packets {
      guard let header = try? RTPHeader(parsing: packet.bytes.span) else { continue }
      if let stream = find(header.ssrc, packet.source) {
        receive(packet.bytes.span, header, from: packet.source, stream)
        continue
      }
      let finding = shared.book.resolve(
        ssrc: header.ssrc, source: packet.source, overTCP: false, now: now.nanoseconds)
      guard case .stream(let id) = finding, let stream = streams[id] else { continue }
      adopt(header.ssrc, packet.source, stream)
      receive(packet.bytes.span, header, from: packet.source, stream)
    }
  }

  func sendStrays() {
    guard !strayPackets.isEmpty else { return }
    for (thread, packets) in strayPackets where thread < shared.mailboxes.count {
      shared.mailboxes[thread].post { $0.takeStrays(packets) }
    }
    strayPackets.removeAll(keepingCapacity: true)
  }

  private func noteWrong(_ ssrc: UInt32, _ source: MediaAddress) {
    for stream in streams.values {
      guard let ingest = stream.ingest, !ingest.hasPackets, ingest.lock.names(source) else { continue }
      ingest.noteWrong(ssrc)
    }
  }

  /// A security matter, told at most once a second.
  func reportForeign(_ stream: MediaStream?, _ ssrc: UInt32, _ source: MediaAddress) {
    guard lastForeignReport == 0 || now.nanoseconds - lastForeignReport >= 1_000_000_000 else { return }
    lastForeignReport = now.nanoseconds
    configuration.events(.foreignSource(stream?.id, ssrc: ssrc, source))
  }

  private func takeReport(_ packet: Span<UInt8>, dedicatedTo dedicated: MediaStream?) {
    guard let report = RTCP.SenderReport(parsing: packet) else { return }
    (dedicated ?? bySSRC[report.ssrc])?.ingest?.receive(report, now: now)
  }

  /// Sends a receiver report to the sender: over the connection, else to the port above (§9.1).
  func send(_ report: [UInt8], to sender: MediaAddress, for ingest: Ingest) {
    if let connection = ingest.connection {
      guard !connection.isConnecting else { return }
      let framed = [UInt8(report.count >> 8), UInt8(report.count & 0xff)] + report
      // Thirty-odd bytes every five seconds: when they do not fit, the connection has other worries.
      _ = framed.withUnsafeBytes { bytes in
        var gather = gather
        gather.reset()
        var skip = 0
        gather.add(bytes, skipping: &skip)
        return tio_write_gathered(connection.descriptor, gather.parts, gather.count)
      }
      return
    }
    let socket = ingest.dedicated.reports >= 0 ? ingest.dedicated.reports : datagramSocket
    guard socket >= 0, sender.port < .max else { return }
    var target = sender.with(port: sender.port + 1).native
    _ = tio_send_to(socket, report, report.count, &target)
  }
}
