import MPEGCore
import MediaTime
import WireBytes

/// What the server and its worker process say to each other.
///
/// On the wire: length of the rest (4 bytes), kind (1), fields; numbers
/// big-endian. The reader is total: the worker decodes what strangers send, so
/// the server treats the worker's bytes as hostile too.
enum WorkerMessage {
  /// Server → worker: from now on transcode units of `source`.
  case transcode(source: TrackFormat, target: VideoTarget)
  /// Server → worker: a unit to transcode. Worker → server: a transcoded unit.
  case unit(AccessUnit)
  /// Worker → server: the track that the following units belong to.
  case format(TrackFormat)
  /// Server → worker: make a JPEG.
  case picture(id: UInt32, format: TrackFormat, unit: AccessUnit, maxWidth: Int)
  /// Worker → server: the JPEG that was asked for, or why there is none.
  case pictureMade(id: UInt32, jpeg: [UInt8])
  case pictureFailed(id: UInt32, reason: String)
  /// Worker → server: it cannot go on.
  case failed(String)

  /// The longest message either side accepts, in bytes.
  static let maximumLength = 16 << 20

  private enum Kind: UInt8 {
    case transcode = 1
    case unit, format, picture, pictureMade, pictureFailed, failed
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 512)
    writer.uint32(0)
    switch self {
    case .transcode(let source, let target):
      writer.uint8(Kind.transcode.rawValue)
      writer.format(source)
      writer.uint32(UInt32(clamping: target.maxHeight))
      writer.uint32(UInt32(clamping: target.maxKilobits))
      writer.block(Array(target.preset.utf8))
    case .unit(let unit):
      writer.uint8(Kind.unit.rawValue)
      writer.unit(unit)
    case .format(let format):
      writer.uint8(Kind.format.rawValue)
      writer.format(format)
    case .picture(let id, let format, let unit, let maxWidth):
      writer.uint8(Kind.picture.rawValue)
      writer.uint32(id)
      writer.uint32(UInt32(clamping: maxWidth))
      writer.format(format)
      writer.unit(unit)
    case .pictureMade(let id, let jpeg):
      writer.uint8(Kind.pictureMade.rawValue)
      writer.uint32(id)
      writer.block(jpeg)
    case .pictureFailed(let id, let reason):
      writer.uint8(Kind.pictureFailed.rawValue)
      writer.uint32(id)
      writer.block(Array(reason.utf8))
    case .failed(let reason):
      writer.uint8(Kind.failed.rawValue)
      writer.block(Array(reason.utf8))
    }
    writer.patchUInt32(UInt32(writer.count - 4), at: 0)
    return writer.bytes
  }

  /// - Parameter bytes: one message without its length.
  /// - Returns: nil for anything that is not exactly one well-formed message.
  init?(_ bytes: [UInt8]) {
    var reader = MessageReader(bytes)
    guard let kind = reader.uint8().flatMap(Kind.init), let message = Self.read(kind, &reader), reader.isAtEnd
    else { return nil }
    self = message
  }

  private static func read(_ kind: Kind, _ reader: inout MessageReader) -> WorkerMessage? {
    switch kind {
    case .transcode:
      guard let source = reader.format(), let height = reader.uint32(), let kilobits = reader.uint32(),
        let preset = reader.text()
      else { return nil }
      let target = VideoTarget(maxHeight: Int(height), maxKilobits: Int(kilobits), preset: preset)
      return .transcode(source: source, target: target)
    case .unit:
      return reader.unit().map { .unit($0) }
    case .format:
      return reader.format().map { .format($0) }
    case .picture:
      guard let id = reader.uint32(), let width = reader.uint32(), let format = reader.format(),
        let unit = reader.unit()
      else { return nil }
      return .picture(id: id, format: format, unit: unit, maxWidth: Int(width))
    case .pictureMade:
      guard let id = reader.uint32(), let jpeg = reader.block() else { return nil }
      return .pictureMade(id: id, jpeg: jpeg)
    case .pictureFailed:
      guard let id = reader.uint32(), let reason = reader.text() else { return nil }
      return .pictureFailed(id: id, reason: reason)
    case .failed:
      return reader.text().map { .failed($0) }
    }
  }
}

extension ByteWriter {
  fileprivate mutating func block(_ bytes: [UInt8]) {
    uint32(UInt32(bytes.count))
    raw(bytes)
  }

  fileprivate mutating func format(_ format: TrackFormat) {
    uint8(format.codec.rawValue)
    uint32(UInt32(clamping: format.width))
    uint32(UInt32(clamping: format.height))
    uint32(UInt32(clamping: format.sampleRate))
    uint8(UInt8(clamping: format.channels))
    block(format.audioConfig)
    uint8(UInt8(clamping: format.parameterSets.count))
    for set in format.parameterSets.prefix(255) { block(set) }
  }

  fileprivate mutating func unit(_ unit: AccessUnit) {
    uint8(unit.codec.rawValue)
    uint8(unit.isKeyFrame ? 1 : 0)
    uint64(UInt64(bitPattern: unit.pts.value))
    uint64(UInt64(bitPattern: unit.dts.value))
    uint64(UInt64(bitPattern: unit.arrival.nanoseconds))
    uint32(UInt32(unit.payload.count))
    unit.payload.withBytes { raw($0) }
  }
}

/// Reads fields and remembers how far; nil past the end.
private struct MessageReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func uint8() -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func uint32() -> UInt32? {
    guard bytes.count - position >= 4 else { return nil }
    defer { position += 4 }
    return bytes.span.uint32(at: position)
  }

  mutating func int64() -> Int64? {
    guard bytes.count - position >= 8 else { return nil }
    defer { position += 8 }
    return Int64(bitPattern: bytes.span.uint64(at: position))
  }

  mutating func block() -> [UInt8]? {
    guard let length = uint32(), Int(length) <= bytes.count - position else { return nil }
    defer { position += Int(length) }
    return Array(bytes[position..<position + Int(length)])
  }

  mutating func text() -> String? { block().map { String(decoding: $0, as: UTF8.self) } }

  mutating func format() -> TrackFormat? {
    guard let codec = uint8().flatMap(MediaCodec.init), let width = uint32(), let height = uint32(),
      let rate = uint32(), let channels = uint8(), let config = block(), let count = uint8()
    else { return nil }
    var sets: [[UInt8]] = []
    for _ in 0..<count {
      guard let set = block() else { return nil }
      sets.append(set)
    }
    return TrackFormat(
      codec: codec, parameterSets: sets, width: Int(width), height: Int(height), sampleRate: Int(rate),
      channels: Int(channels), audioConfig: config)
  }

  mutating func unit() -> AccessUnit? {
    guard let codec = uint8().flatMap(MediaCodec.init), let key = uint8(), let pts = int64(),
      let dts = int64(),
      let arrival = int64(), let payload = block()
    else { return nil }
    return AccessUnit(
      codec: codec, isKeyFrame: key == 1, pts: MediaTicks(pts), dts: MediaTicks(dts),
      arrival: WallTime(nanoseconds: arrival), payload: SharedBytes(payload))
  }
}
