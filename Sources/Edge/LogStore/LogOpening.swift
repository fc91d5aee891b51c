import Glibc
public import LogTree

/// The log as it was found at a start, repaired as far as a crash explains what is wrong with it.
///
/// A crash leaves at most a torn record at the end, behind the last signed head; it is moved aside. Everything else that
/// does not fit the head is not repaired but refused.
struct LogOpening {
  let entries: LogFile
  let tiles: HashTiles
  var frontier: LogFrontier
  /// Where the next record goes.
  var end: Int64
  let note: SignedNote
  let head: Checkpoint
  /// Bytes of a torn record that were moved aside.
  private(set) var tornBytes: Int64 = 0

  private let configuration: LogStore.Configuration
  private var hasher: LogHasher { configuration.hasher }

  /// The first line of the file of entries.
  static func header(_ origin: String) -> [UInt8] { Array("tributary-log/1 \(origin)\n".utf8) }

  init(_ configuration: LogStore.Configuration) throws(LogStoreError) {
    self.configuration = configuration
    let folder = configuration.folder
    if mkdir(folder, 0o700) != 0, errno != EEXIST { throw LogFile.failure("made", folder, errno) }
    let hasEntries = access(configuration.entriesPath, F_OK) == 0
    (note, head) = try Self.head(configuration, isNew: !hasEntries)
    if !hasEntries {
      guard head.size == 0 else {
        throw LogStoreError(
          .changed,
          "\(configuration.entriesPath) is missing although the signed head speaks of \(head.size) entries: restore it."
        )
      }
      try LogFile.replace(configuration.entriesPath, Self.header(configuration.origin))
    }
    entries = try Self.entries(configuration)
    guard entries.lock() else {
      throw LogStoreError(
        .busy, "The access log in \(folder) is being written by another process; stop that one first.")
    }
    tiles = try HashTiles(folder: folder)
    (frontier, end) = (LogFrontier(), Int64(Self.header(configuration.origin).count))
    try resume()
    try scan()
  }

  /// The head is there from the beginning on, so that a log without one was tampered with.
  private static func head(
    _ configuration: LogStore.Configuration, isNew: Bool
  ) throws(LogStoreError) -> (SignedNote, Checkpoint) {
    guard let bytes = try LogFile.contents(configuration.headPath, atMost: SignedNote.longest) else {
      guard isNew else {
        throw LogStoreError(
          .changed,
          "\(configuration.headPath) is missing although there are entries: restore it from a backup.")
      }
      let head = Checkpoint(origin: configuration.origin, size: 0, root: configuration.hasher.empty)
      return (try publish(head, configuration), head)
    }
    guard let note = SignedNote(text: String(decoding: bytes, as: UTF8.self)),
      let head = Checkpoint(body: note.body),
      head.origin == configuration.origin, configuration.isOurs(note)
    else {
      throw LogStoreError(
        .untrusted,
        "\(configuration.headPath) is not a head signed by the key of this log: restore the log and its key together."
      )
    }
    return (note, head)
  }

  /// Signs a head and puts it in the place of the one before.
  static func publish(
    _ head: Checkpoint, _ configuration: LogStore.Configuration
  ) throws(LogStoreError) -> SignedNote {
    guard var note = SignedNote(body: head.body) else {
      throw LogStoreError(.range, "“\(configuration.origin)” cannot be the name of a log.")
    }
    note.signatures = configuration.sign(note)
    try LogFile.replace(configuration.headPath, Array(note.text.utf8))
    return note
  }

  private static func entries(_ configuration: LogStore.Configuration) throws(LogStoreError) -> LogFile {
    let header = header(configuration.origin)
    let file = try LogFile(configuration.entriesPath, creates: false)
    guard try file.read(at: 0, count: header.count) == header else {
      throw LogStoreError(.changed, "\(configuration.entriesPath) is not the log of \(configuration.origin).")
    }
    return file
  }

  /// Goes on from the head, when the tiles below it are whole; from the beginning otherwise.
  private mutating func resume() throws(LogStoreError) {
    let (tiles, hasher) = (tiles, hasher)
    guard head.size > 0, try tiles.cut(to: head.size) else {
      _ = try tiles.cut(to: 0)
      return
    }
    var edge: [LogHash] = []
    for place in LogFrontier.places(of: head.size) {
      guard let hash = try tiles.hash(place, hasher: hasher) else { break }
      edge.append(hash)
    }
    guard let found = LogFrontier(size: head.size, edge: edge), found.root(hasher) == head.root else {
      _ = try tiles.cut(to: 0)
      return
    }
    // The place of the last tile, and from there record by record.
    let tile = (head.size - 1) / HashTiles.width
    var offset = try tiles.place(ofTile: tile)
    var isWhole = true
    var reader = RecordReader(entries, at: offset, hasher: hasher)
    for _ in (tile * HashTiles.width)..<head.size {
      guard case .record(_, _, let length) = try reader.next() else {
        isWhole = false
        break
      }
      offset += Int64(length)
    }
    guard isWhole else { throw shorter(head, "") }
    (frontier, end) = (found, offset)
  }

  /// Takes in what follows, up to the end or a torn record.
  private mutating func scan() throws(LogStoreError) {
    var reader = RecordReader(entries, at: end, hasher: hasher)
    var additions = HashTiles.Additions()
    var isChecked = frontier.size >= head.size
    while case .record(_, let leaf, let length) = try reader.next() {
      additions.add(entry: frontier.size, at: end)
      frontier.append(leaf, hasher: hasher) { additions.add($0, $1) }
      end += Int64(length)
      if frontier.size % 4_096 == 0 {
        try tiles.write(additions)
        additions = HashTiles.Additions()
      }
      if frontier.size == head.size {
        guard frontier.root(hasher) == head.root else {
          throw LogStoreError(
            .changed,
            "\(entries.path) was changed: its first \(head.size) entries are not those of the signed head.")
        }
        isChecked = true
      }
    }
    if !isChecked { throw shorter(head, " (\(frontier.size) are left)") }
    try tiles.write(additions)
    try setTornAside()
  }

  private func shorter(_ head: Checkpoint, _ rest: String) -> LogStoreError {
    LogStoreError(
      .changed,
      "\(entries.path) was cut or damaged: the signed head speaks of \(head.size) entries\(rest). Restore the log from a "
        + "backup that is not older than this head.")
  }

  private mutating func setTornAside() throws(LogStoreError) {
    let length = try entries.length()
    guard length > end else { return }
    tornBytes = length - end
    // Kept for who wants to see it; a crash leaves one record, a failing disk may leave more.
    let rest = try entries.read(at: end, count: Int(min(tornBytes, 16 << 20)))
    try LogFile.replace("\(configuration.folder)/torn-\(frontier.size)", rest)
    try entries.truncate(to: end)
    try entries.sync()
  }
}

/// Reads records one after another.
struct RecordReader {
  private let file: LogFile
  private let hasher: LogHasher
  private var offset: Int64
  private var buffer: [UInt8] = []
  private var place = 0
  private static let chunk = 1 << 20

  init(_ file: LogFile, at offset: Int64, hasher: LogHasher) {
    (self.file, self.offset, self.hasher) = (file, offset, hasher)
  }

  /// `cut` at the end of the file as well.
  mutating func next() throws(LogStoreError) -> RecordBytes.Found {
    while true {
      let found = RecordBytes.read(buffer[place...], hasher: hasher)
      switch found {
      case .record(_, _, let length):
        place += length
        return found
      case .broken: return found
      case .cut:
        guard buffer.count - place < RecordBytes.longestRecord else { return .broken }
        let more = try file.read(at: offset, count: Self.chunk)
        guard !more.isEmpty else { return .cut }
        offset += Int64(more.count)
        buffer = Array(buffer[place...]) + more
        place = 0
      }
    }
  }
}

extension LogStore {
  /// The name of the log in a folder; nil when there is none yet.
  public static func origin(in folder: String) throws(LogStoreError) -> String? {
    let path = folder + "/entries"
    guard access(path, F_OK) == 0 else { return nil }
    let bytes = try LogFile(path, creates: false).read(at: 0, count: 1_024)
    let (title, line) = (Array("tributary-log/1 ".utf8), bytes.prefix { $0 != 10 })
    guard line.count < bytes.count, line.starts(with: title) else {
      throw LogStoreError(.changed, "\(path) is no access log: restore it from a backup.")
    }
    return String(decoding: line.dropFirst(title.count), as: UTF8.self)
  }

  /// Adds public keys to those that lie beside the log, for whoever examines a copy. None is ever taken away: old heads
  /// are checked with old keys.
  public static func write(keys: [NoteVerifier], in folder: String) throws(LogStoreError) {
    let path = folder + "/keys"
    let bytes = try LogFile.contents(path, atMost: 64 * 1_024) ?? []
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    let missing = keys.map(\.text).filter { !lines.contains($0) }
    guard !missing.isEmpty else { return }
    lines += missing
    try LogFile.replace(path, Array((lines.joined(separator: "\n") + "\n").utf8))
  }
}
