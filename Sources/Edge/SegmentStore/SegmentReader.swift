import Glibc
public import MP4Core
public import MPEGCore
public import MediaTime
public import Recording
import WireBytes

/// Why a recorded file cannot be read.
public struct SegmentReadError: Error, Sendable, CustomStringConvertible {
  /// Relative to the recordings directory.
  public var path: String
  public var reason: String

  public var description: String { "\(path): \(reason)" }
}

/// An open file for reading; closes itself.
final class ReadableFile {
  let descriptor: Int32
  let path: String

  init(root: String, path: String) throws(SegmentReadError) {
    self.path = path
    // The path comes from our own index; still, nothing outside the directory is ever opened.
    guard SegmentID(path: path) != nil else { throw SegmentReadError(path: path, reason: "not a segment") }
    descriptor = open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SegmentReadError(path: path, reason: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  var size: Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// Fills `buffer` from `offset`. False when the file is shorter or cannot be read.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int64) -> Bool {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, Int(offset) + done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  func bytes(_ offset: Int64, _ length: Int) -> [UInt8]? {
    guard offset >= 0, length >= 0 else { return nil }
    var isComplete = false
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      isComplete = fill(
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<length]),
        from: offset)
      count = isComplete ? length : 0
    }
    return isComplete ? bytes : nil
  }

  func source() -> MP4Source {
    MP4Source(size: size) { [self] offset, length throws(MP4Error) in
      guard let bytes = bytes(offset, length) else { throw .unreadable(offset: offset) }
      return bytes
    }
  }
}

/// Reads one recorded file: its samples with stream time and wall-clock time.
///
/// A file that is still being written reads as far as its last complete fragment.
public final class SegmentReader {
  public let path: String
  public let metadata: SegmentMetadata
  public let index: FragmentIndex
  private let file: ReadableFile

  /// - Parameters:
  ///   - root: the recordings directory.
  ///   - path: relative to it.
  public init(root: String, path: String) throws(SegmentReadError) {
    self.path = path
    file = try ReadableFile(root: root, path: path)
    do {
      index = try FragmentIndex(file.source())
    } catch {
      throw SegmentReadError(path: path, reason: "not a recording: \(error)")
    }
    guard let bytes = index.metadata, let metadata = SegmentMetadata(bytes) else {
      throw SegmentReadError(path: path, reason: "written by another program")
    }
    guard index.tracks.allSatisfy({ Int64($0.timescale) == MediaTicks.perSecond }) else {
      throw SegmentReadError(path: path, reason: "tracks on another clock than 90 kHz")
    }
    self.metadata = metadata
  }

  public var formats: [TrackFormat] { index.tracks.map(\.format) }

  /// The picture, or the sound where there is none.
  public var lead: FragmentIndex.Track { index.video ?? index.tracks[0] }

  public func format(of track: UInt32) -> TrackFormat? { index.tracks.first { $0.id == track }?.format }

  /// Samples of the leading track in a fragment.
  func leadSamples(_ fragment: Int) -> [FragmentSample] {
    index.fragments[fragment].runs.first { $0.track == lead.id }?.samples ?? []
  }

  public func wallTime(of sample: FragmentSample) -> WallTime { metadata.wallTime(ofFileTime: sample.decode) }

  /// File time of the end of the last leading sample.
  public var endFileTime: Int64 {
    for fragment in index.fragments.indices.reversed() {
      if let last = leadSamples(fragment).last { return last.decode + last.duration }
    }
    return metadata.anchor
  }

  public var end: WallTime { metadata.wallTime(ofFileTime: endFileTime) }

  /// The fragment to start from so that the picture of `moment` can be decoded: the last with a key frame at or before it.
  func fragment(for moment: WallTime) -> Int {
    let time = metadata.fileTime(of: moment)
    var best = 0
    for fragment in index.fragments.indices {
      guard let first = leadSamples(fragment).first else { continue }
      if first.decode > time { break }
      if first.isKeyFrame { best = fragment }
    }
    return best
  }

  /// The units of a fragment by decoding time, on the stream's clock; `arrival` is the wall-clock time of the picture.
  public func units(of fragment: Int, keyFramesOnly: Bool = false) throws(SegmentReadError) -> [AccessUnit] {
    var units: [AccessUnit] = []
    for run in index.fragments[fragment].runs {
      guard let format = format(of: run.track) else { continue }
      for sample in run.samples where !keyFramesOnly || (run.track == lead.id && sample.isKeyFrame) {
        units.append(try unit(sample, format))
      }
    }
    return units.enumerated()
      .sorted { ($0.element.dts, $0.offset) < ($1.element.dts, $1.offset) }.map(\.element)
  }

  private func unit(_ sample: FragmentSample, _ format: TrackFormat) throws(SegmentReadError) -> AccessUnit {
    var isComplete = false
    let payload = SharedBytes.make(capacity: sample.size) { buffer in
      isComplete = file.fill(buffer, from: sample.offset)
      return isComplete ? sample.size : 0
    }
    guard isComplete else {
      throw SegmentReadError(path: path, reason: "unreadable at byte \(sample.offset)")
    }
    let dts = metadata.origin + sample.decode
    return AccessUnit(
      codec: format.codec, isKeyFrame: sample.isKeyFrame, pts: dts + sample.compositionOffset, dts: dts,
      arrival: wallTime(of: sample), payload: payload)
  }
}
