import MPEGCore
import MediaTime
import WireBytes

/// Cuts an encoder's output into pictures at its access unit delimiters, which are left out.
struct PictureSplitter {
  /// Bytes that may wait for a delimiter: no picture is longer.
  private static let limit = 8 << 20

  private let codec: MediaCodec
  private var buffer: [UInt8] = []
  private var scanned = 0

  init(codec: MediaCodec) { self.codec = codec }

  /// Adds output.
  ///
  /// - Returns: every picture that is whole now: its NAL units behind lengths, and whether it is a key frame.
  mutating func feed(_ bytes: [UInt8]) -> [(payload: SharedBytes, isKeyFrame: Bool)] {
    buffer += bytes
    var pictures: [(payload: SharedBytes, isKeyFrame: Bool)] = []
    while let code = ByteScan.startCode(in: buffer.span, from: scanned) {
      guard code + 3 < buffer.count else { break }
      scanned = code + 3
      guard isDelimiter(buffer[code + 3]), code > 1 else { continue }
      pictures += picture(Array(buffer[..<code]))
      buffer.removeFirst(code)
      scanned = 3
    }
    scanned = max(scanned, buffer.count - 3)
    if buffer.count > Self.limit {
      buffer = []
      scanned = 0
    }
    return pictures
  }

  private func isDelimiter(_ header: UInt8) -> Bool {
    codec == .h264 ? header & 0x1F == 9 : header >> 1 & 0x3F == 35
  }

  private func picture(_ bytes: [UInt8]) -> [(payload: SharedBytes, isKeyFrame: Bool)] {
    var payload = ByteWriter(capacity: bytes.count + 32)
    var isKeyFrame = false
    for range in AnnexB.units(in: bytes.span) where !isDelimiter(bytes[range.lowerBound]) {
      let header = bytes[range.lowerBound]
      let type = codec == .h264 ? header & 0x1F : header >> 1 & 0x3F
      if codec == .h264 ? type == 5 : (16...21).contains(type) { isKeyFrame = true }
      payload.uint32(UInt32(range.count))
      payload.raw(bytes.span.extracting(range))
    }
    return payload.count > 0 ? [(SharedBytes(payload.bytes), isKeyFrame)] : []
  }
}
