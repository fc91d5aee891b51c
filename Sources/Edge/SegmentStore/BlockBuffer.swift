import Glibc

/// Memory in which one write is put together: whole blocks, aligned as direct writes need them.
///
/// One for the writer thread, not one per file: 900 files at a megabyte each would be a gigabyte.
final class BlockBuffer {
  /// What the beginning and the length of a direct write are multiples of. Disks with 512-byte blocks take it too.
  static let block = 4_096
  /// Bytes of one write. A two-second group of 2 Mbit/s is half of it.
  static let capacity = 1 << 20

  let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init() {
    memory = .allocate(byteCount: Self.capacity, alignment: Self.block)
    // Never used memory would be mapped page by page during the first writes.
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { memory.deallocate() }

  var room: Int { Self.capacity - count }

  func removeAll() { count = 0 }

  /// Adds as much of `bytes` as there is room for, and returns how much that was.
  func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    let length = min(bytes.count, room)
    guard length > 0, let source = bytes.baseAddress, let target = memory.baseAddress else { return 0 }
    memcpy(target + count, source, length)
    count += length
    return length
  }

  /// What was added so far.
  var content: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Fills the last block with a `free` box (ISO 14496-12 §8.1.2), so that the file is valid at every instant.
  ///
  /// - Precondition: there is room for two more blocks or the content ends with a block.
  func pad() {
    var gap = (Self.block - count % Self.block) % Self.block
    guard gap > 0 else { return }
    // A box has a head of eight bytes.
    if gap < 8 { gap += Self.block }
    guard gap <= room, let start = memory.baseAddress.map({ $0 + count }) else { return }
    memset(start, 0, gap)
    start.storeBytes(of: UInt32(gap).bigEndian, toByteOffset: 0, as: UInt32.self)
    memcpy(start + 4, "free", 4)
    count += gap
  }
}
