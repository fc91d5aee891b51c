import MediaTime
import WireBytes

/// One unit as a pack of a program stream, ready to be cut into packets. Shared by all relays of a stream.
struct Parcel {
  let bytes: SharedBytes
  /// 90 kHz, what the packets carry.
  let timestamp: UInt32
  /// Bytes that may go out per ``RelayPace/interval`` so that the unit is out in time.
  let pace: Int
}

/// The parcels that some relay still has to send, numbered without end. Asks nothing of the heap once it has grown.
struct ParcelRing {
  private var places: [Parcel?] = Array(repeating: nil, count: 16)
  /// The number of the oldest parcel kept.
  private(set) var first: UInt64 = 0
  /// The number the next parcel will get.
  private(set) var end: UInt64 = 0
  private(set) var byteCount = 0

  private func place(_ number: UInt64) -> Int { Int(truncatingIfNeeded: number) & (places.count - 1) }

  /// Nil when the parcel is not kept.
  subscript(number: UInt64) -> Parcel? {
    number >= first && number < end ? places[place(number)] : nil
  }

  mutating func append(_ parcel: Parcel) {
    if end - first == UInt64(places.count) { grow() }
    places[place(end)] = parcel
    end += 1
    byteCount += parcel.bytes.count
  }

  private mutating func grow() {
    var larger: [Parcel?] = Array(repeating: nil, count: places.count * 2)
    for number in first..<end {
      larger[Int(truncatingIfNeeded: number) & (larger.count - 1)] = places[place(number)]
    }
    places = larger
  }

  /// Forgets everything before `number`.
  mutating func trim(to number: UInt64) {
    while first < min(number, end) {
      byteCount -= places[place(first)]?.bytes.count ?? 0
      places[place(first)] = nil
      first += 1
    }
  }
}
