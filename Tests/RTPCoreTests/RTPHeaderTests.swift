import RTPCore
import TestSupport
import Testing

@Suite struct RTPHeaderTests {
  @Test("A plain header gives its fields and the payload behind it")
  func plain() throws {
    let packet: [UInt8] = [0x80, 0xE0, 0x12, 0x34, 0, 1, 0x5F, 0x90, 0x0B, 0xEB, 0xC6, 0xD2, 1, 2, 3]
    let header = try RTPHeader(parsing: packet.span)
    #expect(header.marker)
    #expect(header.payloadType == 96)
    #expect(header.sequenceNumber == 0x1234)
    #expect(header.timestamp == 90_000)
    #expect(header.ssrc == 200_001_234)
    #expect(header.payload == 12..<15)
  }

  @Test("CSRC list, extension and padding are left out of the payload")
  func everything() throws {
    var packet: [UInt8] = [0xB2, 0x60, 0, 1] + [UInt8](repeating: 0, count: 8)
    packet += [UInt8](repeating: 9, count: 8)  // two CSRC
    packet += [0xBE, 0xDE, 0, 1, 1, 2, 3, 4]  // extension of one word
    packet += [7, 7, 7] + [0, 0, 3]  // payload and padding
    let header = try RTPHeader(parsing: packet.span)
    #expect(header.payload == 28..<31)
    #expect(!header.marker)
  }

  @Test("Every cut of a packet with extension gives an error or a payload inside it")
  func truncation() {
    let packet: [UInt8] =
      [0x91, 0x60, 0, 1] + [UInt8](repeating: 0, count: 12) + [0, 0, 0, 2] + [UInt8](repeating: 1, count: 12)
    for cut in ByteMutation.truncations(packet) {
      do throws(RTPParseError) {
        let header = try RTPHeader(parsing: cut.span)
        #expect(header.payload.upperBound <= cut.count)
        #expect(cut.count >= 28)
      } catch {
        #expect(cut.count < 28)
      }
    }
  }

  @Test("Malformed packets are refused with the reason")
  func malformed() {
    func error(_ bytes: [UInt8]) -> RTPParseError? {
      do throws(RTPParseError) {
        _ = try RTPHeader(parsing: bytes.span)
        return nil
      } catch { return error }
    }
    let zeros = [UInt8](repeating: 0, count: 11)
    #expect(error([]) == .truncated(needed: 12, available: 0))
    #expect(error([0x40] + zeros) == .unsupportedVersion(1))
    #expect(error([0xA0] + zeros) == .badPadding(padding: 0, available: 0))
    #expect(error([0xA0] + zeros + [5]) == .badPadding(padding: 5, available: 1))
    #expect(error([0x80] + [UInt8](repeating: 0, count: 65_535)) == .tooLong(65_536))
  }

  @Test("A header that was written parses back")
  func roundTrip() throws {
    let header = RTPHeader(marker: true, payloadType: 96, sequenceNumber: 65_535, timestamp: .max, ssrc: 1)
    var bytes: [UInt8] = []
    header.append(to: &bytes)
    let parsed = try RTPHeader(parsing: bytes.span)
    #expect(parsed == header)
  }

  @Test("Second bytes 192 to 207 are RTCP")
  func rtcp() {
    let report: [UInt8] = [0x80, 200, 0, 6]
    let isReport = RTPHeader.isRTCP(report.span)
    #expect(isReport)
    let media: [UInt8] = [0x80, 0xE0, 0, 0]
    let isMedia = !RTPHeader.isRTCP(media.span)
    #expect(isMedia)
  }

  @Test("Random bytes never trap")
  func random() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<50_000 {
      let bytes = random.bytes(Int.random(in: 0...64, using: &random))
      guard let header = try? RTPHeader(parsing: bytes.span) else { continue }
      #expect(header.payload.upperBound <= bytes.count)
    }
  }
}
