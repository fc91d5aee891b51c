public import Glibc
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

/// The one system call of the recorder that tests replace: `pwritev` at an offset.
public typealias PositionedWrite = @Sendable (Int32, UnsafeBufferPointer<iovec>, Int64) -> WriteOutcome

/// A file being recorded. Confined to the writer thread until it is settled.
final class SegmentFile {
  struct Failure: Error {
    var code: Int32
    var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }
    var text: String { String(cString: strerror(code)) }
  }

  /// Buffers of one `pwritev`, IOV_MAX of Linux.
  private static let vectorLimit = 1_024

  let descriptor: Int32
  let fullPath: String
  /// Bytes up to the end of the last complete fragment.
  private(set) var goodBytes: Int64 = 0
  private(set) var fragments = 0
  private var writer: FragmentedMP4Writer
  private let hash: any StreamingHash
  private let write: PositionedWrite
  var record: SegmentRecord

  /// Creates the file and its directories. The name moves on by a millisecond while it is taken.
  init(
    root: String, opening: SegmentOpening, hash: any StreamingHash, write: @escaping PositionedWrite
  ) throws(Failure) {
    let metadata = opening.metadata
    var id = SegmentID(channel: metadata.channel, startMilliseconds: metadata.start.milliseconds)
    var descriptor: Int32 = -1
    for _ in 0..<1_000 {
      try Self.makeDirectories(root: root, path: id.path)
      descriptor = Glibc.open("\(root)/\(id.path)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
      if descriptor >= 0 || errno != EEXIST { break }
      id = SegmentID(channel: id.channel, startMilliseconds: id.startMilliseconds + 1)
    }
    guard descriptor >= 0 else { throw Failure(code: errno) }
    self.descriptor = descriptor
    fullPath = "\(root)/\(id.path)"
    self.hash = hash
    self.write = write
    writer = FragmentedMP4Writer(formats: opening.formats, origin: metadata.origin)
    let lead = writer.formats.first ?? opening.formats[0]
    record = SegmentRecord(
      id: id, start: metadata.start, end: metadata.start, state: .open, codec: lead.codec, width: lead.width,
      height: lead.height, hasAudio: writer.audio != nil, retentionClass: metadata.retentionClass)
    let head = SharedBytes(writer.initializationSegment(metadata: metadata.encoded))
    do {
      try append(header: [], payloads: [head])
    } catch {
      Glibc.close(descriptor)
      unlink(fullPath)
      throw error
    }
  }

  private static func makeDirectories(root: String, path: String) throws(Failure) {
    var directory = root
    for part in path.split(separator: "/").dropLast() {
      directory += "/\(part)"
      guard mkdir(directory, 0o750) == 0 || errno == EEXIST else { throw Failure(code: errno) }
    }
  }

  /// Writes one fragment in one go. A failure leaves the file as it was before.
  func append(_ content: FragmentContent) throws(Failure) {
    let layout = writer.fragment(content.units, videoEnd: content.videoEnd)
    try append(header: layout.header, payloads: layout.payloads)
    fragments += 1
    record.end = max(record.end, content.end)
    record.bytes = goodBytes
  }

  private func append(header: [UInt8], payloads: [SharedBytes]) throws(Failure) {
    var failure: Failure?
    let start = goodBytes
    header.withUnsafeBytes { head in
      var vectors: [iovec] = []
      vectors.reserveCapacity(payloads.count + 1)
      if !header.isEmpty { vectors.append(Self.vector(head)) }
      for payload in payloads where payload.count > 0 { vectors.append(Self.vector(payload.pointer)) }
      let total = vectors.reduce(0) { $0 + $1.iov_len }
      let error = writeAll(&vectors, at: start)
      guard error == 0 else {
        failure = Failure(code: error)
        return
      }
      if !header.isEmpty { hash.update(head) }
      for payload in payloads { hash.update(payload.pointer) }
      goodBytes = start + Int64(total)
    }
    withExtendedLifetime(payloads) {}
    if let failure {
      // What was written of the fragment goes again: the file ends with the last good one.
      ftruncate(descriptor, Int(start))
      throw failure
    }
  }

  private static func vector(_ bytes: UnsafeRawBufferPointer) -> iovec {
    iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
  }

  /// - Returns: 0, or the error number.
  private func writeAll(_ vectors: inout [iovec], at start: Int64) -> Int32 {
    var first = 0
    var offset = start
    while first < vectors.count {
      let outcome = vectors.withUnsafeBufferPointer { buffer in
        write(
          descriptor,
          UnsafeBufferPointer(rebasing: buffer[first..<min(first + Self.vectorLimit, buffer.count)]), offset)
      }
      switch outcome {
      case .failed(EINTR): continue
      case .failed(let code): return code
      case .written(let count):
        guard count > 0 else { return EIO }
        offset += Int64(count)
        var left = count
        while first < vectors.count, left >= vectors[first].iov_len {
          left -= vectors[first].iov_len
          first += 1
        }
        if left > 0, first < vectors.count {
          vectors[first].iov_base = vectors[first].iov_base + left
          vectors[first].iov_len -= left
        }
      }
    }
    return 0
  }

  /// Removes a file that holds no fragment.
  func discard() {
    Glibc.close(descriptor)
    unlink(fullPath)
  }

  /// Makes the file durable, closes it and returns its final record. Slow: on the settling thread only.
  func settle() -> SegmentRecord {
    fdatasync(descriptor)
    // Read again only by whoever replays it: the page cache is worth more to live recording.
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    Glibc.close(descriptor)
    if let slash = fullPath.lastIndex(of: "/") {
      let directory = open(String(fullPath[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if directory >= 0 {
        fsync(directory)
        Glibc.close(directory)
      }
    }
    record.state = .closed
    record.bytes = goodBytes
    record.sha256 = Hex.lowercase(hash.finish())
    return record
  }

  /// `pwritev` of the operating system.
  static let systemWrite: PositionedWrite = { descriptor, vectors, offset in
    let count = pwritev(descriptor, vectors.baseAddress, Int32(vectors.count), Int(offset))
    return count < 0 ? .failed(errno) : .written(count)
  }
}
