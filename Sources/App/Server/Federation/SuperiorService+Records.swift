import Federation
import GBCore
import Logging
import MediaTime
import Recording
import Registry
import Synchronization

/// What recordings there are, told to superiors (§4.6): our own, and those on the device or at the platform below.
extension SuperiorService {
  /// After so long no further day is asked for, and a superior is told what is known.
  static let recordsLimit: Duration = .seconds(30)
  /// Items of one answer; more than these are cut to the latest, which a superior asks for first.
  static let mostRecords = 10_000

  func answerRecords(_ document: UpwardDocument, _ permit: UpwardPermit) async {
    guard let query = RecordQuery(document.message), query.end - query.start <= RecordLists.longest else {
      return decline(document)
    }
    let found = await UpwardRecords(house: house, card: views.card.id).find(query, permit)
    guard let found else { return decline(document) }
    let items = found.items.suffix(Self.mostRecords).map { item -> RecordItem in
      var told = item
      // Codes from below mean nothing above.
      told.deviceID = document.code
      told.location = found.isOwn(item) ? document.superior.ownID.text : document.code.text
      return told
    }
    let superior = document.superior
    let edition = edition(of: superior)
    let name = directory.channel(permit.channel)?.name ?? ""
    var parts: [MANSCDPDocument] = []
    var position = 0
    repeat {
      let part = items[position..<min(position + superior.itemsPerMessage, items.count)]
      parts.append(
        .records(
          sn: document.sn, of: document.code, name: name, total: items.count, items: Array(part),
          edition: edition))
      position += max(part.count, 1)
    } while position < items.count
    let told = await tell(parts, to: superior)
    if told == parts.count {
      state.withLock { $0[superior.id]?.figures.records += UInt64(items.count) }
    }
  }
}

/// Finds the recordings of a query: the same two sources as the timeline of the interface has.
struct UpwardRecords: Sendable {
  struct Found: Sendable {
    var items: [RecordItem]
    /// Of `items`, what this platform keeps itself.
    var own: Set<RecordItem.Identity>

    func isOwn(_ item: RecordItem) -> Bool { own.contains(item.identity) }
  }

  let house: UpwardHouse
  let card: DeviceID

  /// - Returns: nil when nobody could say what there is.
  func find(_ query: RecordQuery, _ permit: UpwardPermit) async -> Found? {
    var query = query
    query.start = max(query.start, permit.earliestFootage ?? query.start)
    guard query.start < query.end else { return Found(items: [], own: []) }
    let range = WallInterval(query.start, query.end)
    let own = await own(query, permit.channel, range)
    let list = await house.lists.list(permit.channel, range, within: SuperiorService.recordsLimit)
    guard list.failure == nil || !list.items.isEmpty else {
      return own.isEmpty ? nil : found(own, [])
    }
    // A fuzzy query wants everything; otherwise what we keep ourselves is told once.
    let spans = query.searchesEverywhere ? [] : RecordAssembler.spans(own)
    return found(
      own,
      list.items.filter { item in
        query.wants(item) && !spans.contains { $0.start <= item.start && item.end <= $0.end }
      })
  }

  private func found(_ own: [RecordItem], _ others: [RecordItem]) -> Found {
    Found(
      items: (own + others).sorted { ($0.start, $0.end) < ($1.start, $1.end) }, own: Set(own.map(\.identity)))
  }

  private func own(_ query: RecordQuery, _ key: ChannelKey, _ range: WallInterval) async -> [RecordItem] {
    guard let segments = try? await house.recording.segments(key, range) else { return [] }
    return segments.compactMap { segment in
      let item = RecordItem(
        deviceID: key.channel, name: "recording", filePath: "\(card)/\(segment.id)", start: segment.start,
        end: segment.end, kind: .time, fileSize: segment.bytes, streamNumber: 0)
      // Seconds are all that the answer can say.
      return segment.end - segment.start >= .seconds(1) && query.wants(item) ? item : nil
    }
  }
}

extension RecordQuery {
  /// Whether an item is one of those asked for, apart from its time.
  func wants(_ item: RecordItem) -> Bool {
    if isSecret != item.isSecret { return false }
    if let kind, item.kind != kind { return false }
    if let filePath, item.filePath != filePath { return false }
    if let recorder, item.recorder != recorder { return false }
    if let streamNumber, let stream = item.streamNumber, stream != streamNumber { return false }
    // Which alarm made a recording is not told by a list; that an alarm did is.
    let asksForAlarms = (alarmMethod ?? "0") != "0" || (alarmType ?? "0") != "0"
    return !asksForAlarms || item.kind == .alarm
  }
}
