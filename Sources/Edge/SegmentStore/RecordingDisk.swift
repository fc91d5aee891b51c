import Glibc
import MediaTime
public import Recording
import Synchronization

/// A directory of recordings as it is configured.
public struct RecordingDirectory: Sendable, Hashable {
  /// Absolute.
  public var path: String
  /// Bytes to leave free on its disk; nil follows the rule of all.
  public var reserveBytes: Int64?

  public init(path: String, reserveBytes: Int64? = nil) {
    (self.path, self.reserveBytes) = (path, reserveBytes)
  }
}

/// One disk of recordings: where it is mounted, who it is, and whether it is there.
///
/// ```text
///            marker gone, another disk, read-only, I/O error, no answer
///   present ────────────────────────────────────────────────────────────▶ lost
///      ▲        marker is back and a file can be written                    │
///      └────────────────────────────────────────────────────────────────────┘
/// ```
///
/// While it is present its directory is held open: nothing is ever written or believed missing below a mount
/// point whose disk has gone.
public final class RecordingDisk: Sendable {
  public let directory: RecordingDirectory
  private let state: Mutex<State>

  private struct State {
    var id: DiskID
    var handle: DirectoryHandle?
    var loss: String?
    var lost: MonotonicTime?
  }

  /// How long a disk that failed while it was in use stays out, even if it seems to work again.
  static let pause: Duration = .seconds(10)

  init(_ directory: RecordingDirectory, id: DiskID, handle: DirectoryHandle?, loss: String?) {
    self.directory = directory
    state = Mutex(State(id: id, handle: handle, loss: loss))
  }

  public var path: String { directory.path }
  public var id: DiskID { state.withLock(\.id) }
  public var isPresent: Bool { state.withLock { $0.loss == nil } }
  /// Why it is away, nil while it is there.
  public var loss: String? { state.withLock(\.loss) }

  /// The open directory, nil while the disk is away.
  var handle: DirectoryHandle? { state.withLock { $0.loss == nil ? $0.handle : nil } }

  /// It failed in use. What is open stays open; nothing new is begun.
  ///
  /// - Returns: false when it was away already.
  @discardableResult
  func lose(_ reason: String, pausing: Bool = true) -> Bool {
    state.withLock { state in
      guard state.loss == nil else { return false }
      (state.loss, state.lost, state.handle) = (reason, pausing ? MonotonicClock.now : nil, nil)
      return true
    }
  }

  /// Looks whether it is there. Blocks as long as the disk takes to answer.
  ///
  /// - Returns: true when that changed.
  @discardableResult
  func examine() -> Bool {
    let (known, loss, lost) = state.withLock { ($0.id, $0.loss, $0.lost) }
    let found = Self.look(path, for: known, probes: loss != nil)
    switch (found, loss) {
    case (.failure(let reason), nil): return lose(reason.text, pausing: false)
    case (.failure(let reason), _?):
      state.withLock { if $0.loss != nil { $0.loss = reason.text } }
      return false
    case (.success, nil): return false
    case (.success(let handle), _?):
      if let lost, MonotonicClock.now - lost < Self.pause { return false }
      state.withLock { ($0.loss, $0.lost, $0.handle) = (nil, nil, handle) }
      return true
    }
  }

  /// Looks whether it is there at this moment, and changes nothing. Blocks as long as the disk takes to answer.
  public var answers: Bool {
    guard isPresent, case .success = Self.look(path, for: id, probes: false) else { return false }
    return true
  }

  struct Loss: Error { var text: String }

  /// - Parameter probes: whether writing is tried, too.
  static func look(_ path: String, for id: DiskID, probes: Bool) -> Result<DirectoryHandle, Loss> {
    guard let handle = DirectoryHandle(path) else {
      return .failure(Loss(text: "\(path) cannot be opened: \(SystemError(code: errno).text)"))
    }
    switch DiskMarker.read(handle) {
    case .failure(SystemError(code: ENOENT)):
      return .failure(Loss(text: "the disk is not mounted at \(path): its marker file is not there"))
    case .failure(let error):
      return .failure(Loss(text: "the marker file in \(path) cannot be read: \(error.text)"))
    case .success(let found) where found != id:
      return .failure(Loss(text: "another disk (\(found)) is mounted at \(path)"))
    case .success: break
    }
    var status = statvfs()
    guard fstatvfs(handle.descriptor, &status) == 0 else {
      return .failure(Loss(text: "\(path) does not answer: \(SystemError(code: errno).text)"))
    }
    guard status.f_flag & UInt(ST_RDONLY) == 0 else {
      return .failure(Loss(text: "the disk at \(path) is read-only"))
    }
    let code = probes ? probe(handle) : 0
    return code == 0
      ? .success(handle)
      : .failure(Loss(text: "nothing can be written to \(path): \(SystemError(code: code).text)"))
  }

  /// Writes a file and removes it. A full disk is there nevertheless.
  static func probe(_ handle: DirectoryHandle) -> Int32 {
    let name = "\(DiskMarker.name).probe"
    let file = handle.openFile(name, O_WRONLY | O_CREAT | O_TRUNC)
    guard file >= 0 else { return errno == ENOSPC || errno == EDQUOT ? 0 : errno }
    let bytes = [UInt8](repeating: 0, count: 512)
    let isWritten = write(file, bytes, bytes.count) == bytes.count && fdatasync(file) == 0
    let code = isWritten || errno == ENOSPC || errno == EDQUOT ? 0 : errno
    close(file)
    return handle.remove(name) == 0 ? code : errno
  }
}
