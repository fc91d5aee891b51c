import MPEGCore
import RTPCore

/// Reads the G.711 that a device sends back in a talk. What comes late is left out: the voice goes on.
struct VoiceEar {
  private var framer = InterleavedFramer()
  private var last: UInt16?

  /// Another connection begins.
  mutating func restart() { self = VoiceEar() }

  /// The samples of one packet; nil for what is none, is late or is in another coding.
  mutating func hear(_ packet: Span<UInt8>) -> [Int16]? {
    guard !RTPHeader.isRTCP(packet), let header = try? RTPHeader(parsing: packet) else { return nil }
    let table: [Int16]
    switch header.payloadType {
    case 8: table = G711.aLaw
    case 0: table = G711.muLaw
    default: return nil
    }
    if let last, Int16(bitPattern: header.sequenceNumber &- last) <= 0 { return nil }
    last = header.sequenceNumber
    return header.payload.map { table[Int(packet[$0])] }
  }

  /// The samples of every packet that is whole.
  mutating func feed(_ bytes: [UInt8]) -> [[Int16]] {
    var packets: [[UInt8]] = []
    do {
      try framer.feed(bytes.span, expectedSSRC: nil) { packet in
        packets.append(packet.indices.map { packet[$0] })
      }
    } catch { restart() }
    return packets.compactMap { hear($0.span) }
  }
}
