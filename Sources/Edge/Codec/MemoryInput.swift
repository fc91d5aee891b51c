import CFFmpeg
import Glibc

/// Bytes in memory as the library's input, with seeking.
final class MemoryInput {
  private let bytes: [UInt8]
  private var position = 0
  private(set) var context: UnsafeMutablePointer<AVIOContext>?

  init(_ bytes: [UInt8]) throws(CodecError) {
    self.bytes = bytes
    let size = 1 << 16
    guard let buffer = av_malloc(size) else { throw CodecError(.exhausted, "no memory for reading") }
    context = avio_alloc_context(
      buffer.assumingMemoryBound(to: UInt8.self), Int32(size), 0, Unmanaged.passUnretained(self).toOpaque(),
      { opaque, target, count in MemoryInput.of(opaque)?.read(into: target, count: Int(count)) ?? -1 }, nil,
      { opaque, offset, whence in MemoryInput.of(opaque)?.seek(offset, whence) ?? -1 })
    guard context != nil else {
      av_free(buffer)
      throw CodecError(.exhausted, "no memory for reading")
    }
  }

  deinit {
    // The library may have replaced the buffer: the one to free is the one it holds now.
    av_free(context?.pointee.buffer)
    avio_context_free(&context)
  }

  private static func of(_ opaque: UnsafeMutableRawPointer?) -> MemoryInput? {
    opaque.map { Unmanaged<MemoryInput>.fromOpaque($0).takeUnretainedValue() }
  }

  private func read(into target: UnsafeMutablePointer<UInt8>?, count: Int) -> Int32 {
    let available = min(count, bytes.count - position)
    guard available > 0, let target else { return CodecStatus.end }
    bytes.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { target.update(from: base + position, count: available) }
    }
    position += available
    return Int32(available)
  }

  private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    let base: Int
    switch whence & ~Int32(AVSEEK_FORCE) {
    case Int32(AVSEEK_SIZE): return Int64(bytes.count)
    case SEEK_SET: base = 0
    case SEEK_CUR: base = position
    case SEEK_END: base = bytes.count
    default: return -1
    }
    let (wanted, overflow) = Int64(base).addingReportingOverflow(offset)
    guard !overflow, wanted >= 0, wanted <= Int64(bytes.count) else { return -1 }
    position = Int(wanted)
    return wanted
  }
}
