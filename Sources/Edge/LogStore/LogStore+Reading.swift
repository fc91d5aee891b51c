public import LogTree

/// Reading and proving; for any thread, beside appends.
extension LogStore {
  /// One record.
  public func record(_ index: UInt64) throws(LogStoreError) -> LogRecord {
    guard let found = try records(from: index, limit: 1).first else {
      throw LogStoreError(.range, "There is no entry \(index).")
    }
    return found
  }

  /// Records from `first` on, at most `limit`, fewer at the end.
  public func records(from first: UInt64, limit: Int) throws(LogStoreError) -> [LogRecord] {
    let end = min(state.size, first.addingReportingOverflow(UInt64(max(limit, 0))).partialValue)
    guard first < end else { return [] }
    var (reader, _) = try reader(at: first)
    var records: [LogRecord] = []
    for index in first..<end { records.append(try next(&reader, index).record) }
    return records
  }

  /// Why `place` in the file, too: an entry's record begins there.
  private func reader(at index: UInt64) throws(LogStoreError) -> (RecordReader, Int64) {
    let tile = index / HashTiles.width
    var offset = try tiles.place(ofTile: tile)
    var reader = RecordReader(entries, at: offset, hasher: configuration.hasher)
    for earlier in (tile * HashTiles.width)..<index { offset += Int64(try next(&reader, earlier).length) }
    return (reader, offset)
  }

  private func next(
    _ reader: inout RecordReader, _ index: UInt64
  ) throws(LogStoreError) -> (record: LogRecord, length: Int) {
    guard case .record(let record, _, let length) = try reader.next() else {
      throw LogStoreError(
        .changed, "Entry \(index) of \(entries.path) is damaged: restore the log from a backup.")
    }
    return (record, length)
  }

  /// The hash of the first `size` entries.
  public func root(of size: UInt64) throws -> LogHash {
    try LogProof.root(of: try known(size), hasher: configuration.hasher, store: hash)
  }

  /// The hashes that prove entry `index` within the first `size` entries.
  public func inclusion(of index: UInt64, in size: UInt64) throws -> [LogHash] {
    try LogProof.inclusion(of: index, in: try known(size), hasher: configuration.hasher, store: hash)
  }

  /// The hashes that prove that the first `size` entries begin with the first `old`.
  public func consistency(from old: UInt64, to size: UInt64) throws -> [LogHash] {
    try LogProof.consistency(from: old, to: try known(size), hasher: configuration.hasher, store: hash)
  }

  private func known(_ size: UInt64) throws(LogStoreError) -> UInt64 {
    guard size <= state.size else { throw LogStoreError(.range, "The log has \(state.size) entries.") }
    return size
  }

  private func hash(_ place: LogPlace) throws -> LogHash? {
    try tiles.hash(place, hasher: configuration.hasher)
  }

  /// Overwrites what stands beside an entry with zeros; the entry and every proof stay as they are.
  public func erase(_ index: UInt64) throws(LogStoreError) {
    guard index < state.size else { throw LogStoreError(.range, "There is no entry \(index).") }
    var (reader, offset) = try reader(at: index)
    let (record, length) = try next(&reader, index)
    guard !record.isErased, !record.beside.isEmpty else { return }
    let start = 2 + record.entry.count + RecordBytes.checkLength + 2
    try entries.write([UInt8](repeating: 0, count: length - start), at: offset + Int64(start))
    try entries.sync()
  }

  // MARK: Witnesses

  /// The latest head that others have cosigned.
  public func witnessed() throws(LogStoreError) -> SignedNote? {
    try LogFile.contents(configuration.witnessedPath, atMost: SignedNote.longest).flatMap {
      SignedNote(text: String(decoding: $0, as: UTF8.self))
    }
  }

  /// Keeps a head of ours with the signatures of others below it.
  public func keep(witnessed note: SignedNote) throws(LogStoreError) {
    guard configuration.isOurs(note) else {
      throw LogStoreError(.untrusted, "A witness returned a head that this log did not sign.")
    }
    try LogFile.replace(configuration.witnessedPath, Array(note.text.utf8))
  }
}
