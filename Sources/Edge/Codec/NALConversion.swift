import MPEGCore
import WireBytes

/// Between length-prefixed NAL units (ours, ISO 14496-15) and start codes (the library's, H.264 Annex B).
enum NALConversion {
  /// The unit's NAL units behind start codes; those of the track before them when a key frame carries none.
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
      AnnexB.append(lengthPrefixed: bytes, to: &output)
      return output
    }
  }

  /// Start codes to length prefixes; `visit` sees each unit's bytes.
  static func lengthPrefixed(
    _ stream: UnsafeBufferPointer<UInt8>, visit: (ArraySlice<UInt8>) -> Void
  ) -> [UInt8] {
    let bytes = Array(stream)
    var output = ByteWriter(capacity: bytes.count + 16)
    for range in AnnexB.units(in: bytes.span) {
      visit(bytes[range])
      output.uint32(UInt32(range.count))
      output.raw(bytes[range])
    }
    return output.bytes
  }

  private static func carriesParameterSets(_ bytes: Span<UInt8>, codec: MediaCodec) -> Bool {
    for range in AnnexB.units(lengthPrefixed: bytes) {
      let first = bytes[range.lowerBound]
      if codec == .h264 ? first & 0x1F == 7 : first >> 1 & 0x3F == 33 { return true }
    }
    return false
  }
}
