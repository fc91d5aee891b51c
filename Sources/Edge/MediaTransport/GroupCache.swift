import MPEGCore
import MediaTime
import WireBytes

/// The units since the latest key frame, so that a new consumer starts with a picture.
///
/// Holds references only. A group larger than the limit is not kept: nobody can
/// start in its middle, so it is forgotten until the next key frame.
struct GroupCache {
  private(set) var units: [AccessUnit] = []
  private(set) var byteCount = 0
  private let limit: Int
  private var hasVideo = false

  /// - Parameter limit: bytes.
  init(limit: Int) { self.limit = limit }

  /// Sound without pictures has no key frames; a new group begins after this many ticks.
  private static let soundGroup: Int64 = 180_000

  /// Whether `unit` begins a group: a key picture, or with sound alone every two seconds.
  func begins(with unit: AccessUnit) -> Bool {
    if unit.codec.isVideo { return unit.isKeyFrame }
    guard !hasVideo else { return false }
    guard let first = units.first else { return true }
    let age = unit.dts - first.dts
    return age < 0 || age >= Self.soundGroup
  }

  /// The tracks changed: with pictures among them, sound alone starts no group any more.
  mutating func formatsChanged(_ formats: [TrackFormat]) { hasVideo = formats.contains { $0.codec.isVideo } }

  mutating func append(_ unit: AccessUnit) {
    if begins(with: unit) {
      removeAll()
    } else if units.isEmpty {
      return
    }
    guard byteCount + unit.payload.count <= limit else {
      removeAll()
      return
    }
    units.append(unit)
    byteCount += unit.payload.count
  }

  mutating func removeAll() {
    units.removeAll(keepingCapacity: true)
    byteCount = 0
  }
}
