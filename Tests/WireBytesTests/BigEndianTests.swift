import Testing
import WireBytes

@Suite struct BigEndianTests {
  private let bytes: [UInt8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFF]

  @Test("Reads take the most significant byte first, at any offset")
  func reads() {
    let span = bytes.span
    let values = (
      span.uint16(at: 0), span.uint16(at: 7), span.uint24(at: 1), span.uint32(at: 2), span.uint64(at: 0)
    )
    #expect(values.0 == 0x0123)
    #expect(values.1 == 0xEFFF)
    #expect(values.2 == 0x234567)
    #expect(values.3 == 0x4567_89AB)
    #expect(values.4 == 0x0123_4567_89AB_CDEF)
  }

  @Test("A text matches only where it lies whole")
  func matches() {
    let text = Array("SIP/2.0".utf8)
    let span = text.span
    let results = [
      span.matches("SIP", at: 0), span.matches("2.0", at: 4), span.matches("2.0x", at: 4),
      span.matches("SIP", at: 1),
      span.matches("", at: 7), span.matches("S", at: -1), span.matches("S", at: 8),
    ]
    #expect(results == [true, true, false, false, true, false, false])
  }

  @Test("What the writer wrote reads back")
  func writer() {
    var writer = ByteWriter(capacity: 1)
    writer.uint8(1)
    writer.uint16(0x0203)
    writer.uint24(0xFF04_0506)
    writer.uint32(0x0708_090A)
    writer.uint64(0x0B0C_0D0E_0F10_1112)
    writer.text("é")
    writer.zeros(2)
    writer.raw([1, 2])
    let more: [UInt8] = [3, 4]
    writer.raw(more.span)
    #expect(writer.bytes == Array(1...18) + [0xC3, 0xA9, 0, 0, 1, 2, 3, 4])
    #expect(writer.count == 26)
    writer.patchUInt32(0xAABB_CCDD, at: 0)
    writer.patchUInt16(0xEEFF, at: 24)
    #expect(Array(writer.bytes.prefix(5)) == [0xAA, 0xBB, 0xCC, 0xDD, 5])
    #expect(Array(writer.bytes.suffix(2)) == [0xEE, 0xFF])
  }
}
