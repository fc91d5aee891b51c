import Glibc
import MP4Core
import MPEGCore
import MediaTime
import Recording
import WireBytes

/// What a write came to: bytes written, or the error number.
public enum WriteOutcome: Sendable, Hashable {
  case written(Int)
  case failed(Int32)
}

/// The one system call of the recorder that tests replace: `pwrite` of whole blocks at an offset.
public typealias PositionedWrite = @Sendable (Int32, UnsafeRawBufferPointer, Int64) -> WriteOutcome

/// A file being recorded. Confined to the writer thread until it is settled.
///
/// ```text
///   ┌ block ┬ block ┬ block ┬ block ┐
///   │ init · fragment · frag│ment·▒▒│   ▒ a `free` box up to the end of the block
///   └───────┴───────┴───────┴───────┘     the next write begins at the start of this block
/// ```
/// Blocks go to the disk directly, past the page cache: what is recorded is rarely read soon, and
/// copying it into the cache and out again costs more than the write. The last block is written twice;
/// its beginning is the same both times, so that no instant shows a file that was whole and is not.
final class SegmentFile {
  struct Failure: Error {
    var code: Int32
    var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }
    /// The disk rather than one file is what failed.
    var isDiskLost: Bool {
      [EIO, EROFS, ENODEV, ENXIO, ESTALE, ENOTCONN, ENOENT, ETIMEDOUT, EHOSTDOWN, EREMOTEIO, EUCLEAN]
        .contains(code)
    }
    var text: String { String(cString: strerror(code)) }
  }

  /// `O_DIRECT`, which the header shows to GNU C only (fcntl.h; the value depends on the processor).
  #if arch(arm64)
    private static let direct: Int32 = 0x10000
  #else
    private static let direct: Int32 = 0x4000
  #endif

  let descriptor: Int32
  /// Held as long as the file is open: what is done to it is done on the disk it lies on.
  private let directory: DirectoryHandle
  /// Bytes up to the end of the last complete fragment.
  private(set) var goodBytes: Int64 = 0
  private(set) var fragments = 0
  /// The file's bytes from the last full block to ``goodBytes``: they are written again with what follows.
  private var tail: [UInt8] = []
  /// Precedes the first fragment.
  private var head: [UInt8]
  private var isDirect = true
  private var writer: FragmentedMP4Writer
  private let hash: any StreamingHash
  private let write: PositionedWrite
  var record: SegmentRecord

  /// Creates the file and its directories. The name moves on by a millisecond while it is taken.
  init(
    _ directory: DirectoryHandle, disk: DiskID, opening: SegmentOpening, hash: any StreamingHash,
    write: @escaping PositionedWrite
  ) throws(Failure) {
    let metadata = opening.metadata
    var id = SegmentID(channel: metadata.channel, startMilliseconds: metadata.start.milliseconds)
    var descriptor: Int32 = -1
    for _ in 0..<1_000 {
      let code = directory.makeDirectories(of: id.path)
      guard code == 0 else { throw Failure(code: code) }
      descriptor = Self.create(id.path, in: directory, &isDirect)
      if descriptor >= 0 || errno != EEXIST { break }
      id = SegmentID(channel: id.channel, startMilliseconds: id.startMilliseconds + 1)
    }
    guard descriptor >= 0 else { throw Failure(code: errno) }
    self.descriptor = descriptor
    self.directory = directory
    self.hash = hash
    self.write = write
    writer = FragmentedMP4Writer(formats: opening.formats, origin: metadata.origin)
    let lead = writer.formats.first ?? opening.formats[0]
    record = SegmentRecord(
      id: id, disk: disk, start: metadata.start, end: metadata.start, state: .open, codec: lead.codec,
      width: lead.width,
      height: lead.height, hasAudio: writer.audio != nil, retentionClass: metadata.retentionClass)
    head = writer.initializationSegment(metadata: metadata.encoded)
  }

  /// Some file systems know no direct writes; there the same blocks go through the page cache.
  private static func create(_ path: String, in directory: DirectoryHandle, _ isDirect: inout Bool) -> Int32 {
    let flags = O_WRONLY | O_CREAT | O_EXCL
    let descriptor = directory.openFile(path, flags | Self.direct)
    guard descriptor < 0, errno == EINVAL else { return descriptor }
    isDirect = false
    // The refused call may have made the file.
    _ = directory.remove(path)
    return directory.openFile(path, flags)
  }

  /// Writes one fragment. A failure leaves the file as it was before.
  ///
  /// - Parameter buffer: the writer thread's, empty before and after.
  func append(_ content: FragmentContent, through buffer: BlockBuffer) throws(Failure) {
    let layout = writer.fragment(content.units, videoEnd: content.videoEnd)
    defer { buffer.removeAll() }
    hash.mark()
    var output = BlockOutput(offset: goodBytes - Int64(tail.count))
    var code = tail.withUnsafeBytes { add($0, &output, buffer) }
    if code == 0, fragments == 0 { code = head.withUnsafeBytes { hashAndAdd($0, &output, buffer) } }
    if code == 0 { code = layout.header.withUnsafeBytes { hashAndAdd($0, &output, buffer) } }
    for payload in layout.payloads where code == 0 { code = hashAndAdd(payload.pointer, &output, buffer) }
    if code == 0 { code = finish(&output, buffer) }
    guard code == 0 else {
      hash.rewind()
      // What was written of the fragment goes again: the file ends with the last good one.
      ftruncate(descriptor, Int(goodBytes))
      throw Failure(code: code)
    }
    if fragments == 0 { head = [] }
    tail = output.tail
    goodBytes = output.end
    fragments += 1
    record.end = max(record.end, content.end)
    record.bytes = goodBytes
  }

  /// The way of one fragment into the file.
  private struct BlockOutput {
    /// Where the buffer's first byte belongs; a multiple of the block.
    var offset: Int64
    /// Where the fragment ends.
    var end: Int64 = 0
    /// What it leaves in its last block.
    var tail: [UInt8] = []
  }

  /// Payloads were written seconds ago and have left the caches: hashing brings them back, and copying is then cheap.
  private func hashAndAdd(
    _ bytes: UnsafeRawBufferPointer, _ output: inout BlockOutput, _ buffer: BlockBuffer
  ) -> Int32 {
    hash.update(bytes)
    return add(bytes, &output, buffer)
  }

  /// - Returns: 0, or the error number.
  private func add(
    _ bytes: UnsafeRawBufferPointer, _ output: inout BlockOutput, _ buffer: BlockBuffer
  ) -> Int32 {
    var done = 0
    while done < bytes.count {
      done += buffer.append(UnsafeRawBufferPointer(rebasing: bytes[done...]))
      // Two blocks are kept for the `free` box at the end.
      guard buffer.room < 2 * BlockBuffer.block else { continue }
      let whole = buffer.count / BlockBuffer.block * BlockBuffer.block
      let code = write(UnsafeRawBufferPointer(rebasing: buffer.content[..<whole]), at: output.offset)
      guard code == 0 else { return code }
      let rest = Array(buffer.content[whole...])
      buffer.removeAll()
      _ = rest.withUnsafeBytes { buffer.append($0) }
      output.offset += Int64(whole)
    }
    return 0
  }

  private func finish(_ output: inout BlockOutput, _ buffer: BlockBuffer) -> Int32 {
    output.end = output.offset + Int64(buffer.count)
    output.tail = Array(buffer.content[(buffer.count / BlockBuffer.block * BlockBuffer.block)...])
    buffer.pad()
    return write(buffer.content, at: output.offset)
  }

  /// - Returns: 0, or the error number.
  private func write(_ bytes: UnsafeRawBufferPointer, at start: Int64) -> Int32 {
    var done = 0
    while done < bytes.count {
      switch write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]), start + Int64(done)) {
      case .failed(EINTR): continue
      case .failed(EINVAL) where isDirect:
        // Accepted when the file was opened, refused now: the same through the page cache.
        isDirect = false
        guard fcntl(descriptor, F_SETFL, 0) == 0 else { return EINVAL }
      case .failed(let code): return code
      case .written(let count):
        // A direct write goes on at a whole block.
        let step = done + count == bytes.count ? count : count / BlockBuffer.block * BlockBuffer.block
        guard step > 0 else { return EIO }
        done += step
      }
    }
    return 0
  }

  /// Removes a file that holds no fragment.
  func discard() {
    Glibc.close(descriptor)
    _ = directory.remove(record.path)
  }

  /// Makes the file durable, closes it and returns its final record. Slow: on the settling thread only.
  ///
  /// - Returns: the record, and 0 or the error number. A file that could not be made durable stays `open` in the
  ///   index, to be examined when its disk is back.
  func settle() -> (record: SegmentRecord, code: Int32) {
    // The `free` box at the end goes.
    var code = ftruncate(descriptor, Int(goodBytes)) == 0 ? 0 : errno
    if fdatasync(descriptor) != 0, code == 0 { code = errno }
    if !isDirect {
      // Read again only by whoever replays it: the page cache is worth more to live recording.
      posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }
    Glibc.close(descriptor)
    if let slash = record.path.lastIndex(of: "/") {
      let folder = directory.openFile(String(record.path[..<slash]), O_RDONLY | O_DIRECTORY)
      if folder >= 0 {
        if fsync(folder) != 0, code == 0 { code = errno }
        Glibc.close(folder)
      }
    }
    record.bytes = goodBytes
    guard code == 0 else { return (record, code) }
    record.state = .closed
    record.sha256 = Hex.lowercase(hash.finish())
    return (record, 0)
  }

  /// `pwrite` of the operating system.
  static let systemWrite: PositionedWrite = { descriptor, bytes, offset in
    let count = pwrite(descriptor, bytes.baseAddress, bytes.count, Int(offset))
    return count < 0 ? .failed(errno) : .written(count)
  }
}
