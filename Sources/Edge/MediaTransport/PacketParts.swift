import CMediaIO
import Glibc
import RTPCore

/// RTP packets as the parts of gathered writes: a header in memory of its own, then a run of a parcel's bytes.
final class PacketParts {
  /// Bytes for one header with its length field before it (RFC 4571).
  private static let stride = 16

  let parts: UnsafeMutablePointer<iovec>
  private let headers: UnsafeMutableRawPointer
  let capacity: Int
  /// Packets.
  private(set) var count = 0
  /// With headers and length fields.
  private(set) var bytes = 0

  init(capacity: Int) {
    self.capacity = capacity
    parts = .allocate(capacity: 2 * capacity)
    headers = .allocate(byteCount: Self.stride * capacity, alignment: Self.stride)
  }

  deinit {
    parts.deallocate()
    headers.deallocate()
  }

  func reset() { (count, bytes) = (0, 0) }

  /// The payload must stay where it is until the parts are written.
  ///
  /// - Parameter isFramed: with the length before the packet.
  func add(_ header: RTPHeader, _ payload: UnsafeRawBufferPointer, isFramed: Bool) {
    precondition(count < capacity)
    let place = headers + Self.stride * count
    header.store(at: place + 2)
    var (start, size) = (place + 2, RTPHeader.fixedByteCount)
    if isFramed {
      place.storeBytes(of: UInt16(size + payload.count).bigEndian, as: UInt16.self)
      (start, size) = (place, size + 2)
    }
    parts[2 * count] = iovec(iov_base: start, iov_len: size)
    parts[2 * count + 1] = iovec(
      iov_base: UnsafeMutableRawPointer(mutating: payload.baseAddress), iov_len: payload.count)
    count += 1
    bytes += size + payload.count
  }

  /// The packet in which the first `written` bytes end, and what of it is behind them.
  func rest(after written: Int) -> (packet: Int, bytes: [UInt8]) {
    var before = written
    for packet in 0..<count {
      let size = parts[2 * packet].iov_len + parts[2 * packet + 1].iov_len
      guard before >= size else { return (packet, tail(of: packet, after: before)) }
      before -= size
    }
    return (count, [])
  }

  private func tail(of packet: Int, after skipped: Int) -> [UInt8] {
    var (result, skip) = ([UInt8](), skipped)
    for part in [parts[2 * packet], parts[2 * packet + 1]] {
      let whole = UnsafeRawBufferPointer(start: part.iov_base, count: part.iov_len)
      result += whole.dropFirst(skip)
      skip = max(0, skip - whole.count)
    }
    return result
  }
}

extension RTPHeader {
  /// Writes the twelve bytes.
  fileprivate func store(at place: UnsafeMutableRawPointer) {
    let second = (marker ? 0x80 : 0) | UInt16(payloadType)
    place.storeBytes(of: (0x8000 | second).bigEndian, as: UInt16.self)
    place.storeBytes(of: sequenceNumber.bigEndian, toByteOffset: 2, as: UInt16.self)
    place.storeBytes(of: timestamp.bigEndian, toByteOffset: 4, as: UInt32.self)
    place.storeBytes(of: ssrc.bigEndian, toByteOffset: 8, as: UInt32.self)
  }
}
