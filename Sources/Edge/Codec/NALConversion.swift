import MPEGCore
import WireBytes

/// Between length-prefixed NAL units (ours, ISO 14496-15) and start codes (the library's, H.264 Annex B).
enum NALConversion {
  /// The unit's NAL units behind start codes; those before it when a key frame does not carry its own.
  ///
  /// Total: a length that does not fit ends the conversion there.
  static func annexB(_ unit: AccessUnit, parameterSets: [[UInt8]]) -> [UInt8] {
    unit.payload.withBytes { bytes in
      var output: [UInt8] = []
      output.reserveCapacity(bytes.count + 256)
      if unit.isKeyFrame, !carriesParameterSets(bytes, codec: unit.codec) {
        for set in parameterSets {
          output += [0, 0, 0, 1]
          output += set
        }
      }
      forEachUnit(bytes) { range in
        output += [0, 0, 0, 1]
        bytes.extracting(range).withUnsafeBufferPointer { output.append(contentsOf: $0) }
      }
      return output
    }
  }

  /// Calls `body` with the place of each NAL unit of a length-prefixed payload.
  static func forEachUnit(_ bytes: Span<UInt8>, _ body: (Range<Int>) -> Void) {
    var position = 0
    while bytes.count - position > 4 {
      let length = Int(bytes.uint32(at: position))
      guard length > 0, length <= bytes.count - position - 4 else { return }
      body(position + 4..<position + 4 + length)
      position += 4 + length
    }
  }

  /// Start codes to length prefixes; `visit` sees each unit's bytes.
  static func lengthPrefixed(_ stream: UnsafeBufferPointer<UInt8>, visit: (ArraySlice<UInt8>) -> Void)
    -> [UInt8]
  {
    let bytes = Array(stream)
    var output = ByteWriter(capacity: bytes.count + 16)
    var start = ByteScan.startCode(in: bytes.span, from: 0)
    while let code = start {
      let next = ByteScan.startCode(in: bytes.span, from: code + 3)
      var end = next ?? bytes.count
      // Zeros before the next start code are its longer form or trailing padding, never part of a unit.
      while end > code + 3, bytes[end - 1] == 0 { end -= 1 }
      if end > code + 3 {
        let unit = bytes[code + 3..<end]
        visit(unit)
        output.uint32(UInt32(unit.count))
        output.raw(unit)
      }
      start = next
    }
    return output.bytes
  }

  private static func carriesParameterSets(_ bytes: Span<UInt8>, codec: MediaCodec) -> Bool {
    var found = false
    forEachUnit(bytes) { range in
      let first = bytes[range.lowerBound]
      if codec == .h264 ? first & 0x1F == 7 : first >> 1 & 0x3F == 33 { found = true }
    }
    return found
  }
}
