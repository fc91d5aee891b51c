import Access
public import Cryptography
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Recording
import Registry
public import SegmentStore

extension Platform {
  func timeline(
    channels ids: [String], from: WallTime, to: WallTime, sources: Set<RecordSource>
  ) async throws -> [API.Timeline] {
    var result: [API.Timeline] = []
    for id in ids {
      let key = try channelKey(id)
      let range = WallInterval(from, to)
      var timeline =
        sources.contains(.own)
        ? Self.resource(try await services.recording.timeline(key, range), id) : Self.empty(id, range)
      if sources.contains(.device) { await addDevice(key, range, to: &timeline) }
      result.append(timeline)
    }
    return result
  }

  private static func empty(_ channel: String, _ range: WallInterval) -> API.Timeline {
    API.Timeline(
      channel: channel, from: API.Time(range.start), to: API.Time(range.end), recorded: [], gaps: [],
      planned: [],
      totals: API.TimelineTotals(
        plannedSeconds: 0, recordedSeconds: 0, explainedSeconds: 0, unknownSeconds: 0))
  }

  func export(channel id: String, from: WallTime, to: WallTime, by caller: Caller) async throws
    -> ExportContent
  {
    let key = try channelKey(id)
    let range = WallInterval(from, to)
    let rights = services.rights
    let permit = try rights.admit(
      .download, rights.facts(key), caller.stated, by: caller.principal, footage: range.start..<range.end)
    let file: ExportFile
    do {
      let segments = try await services.recording.segments(key, range)
      file = try ExportFile(places: SegmentPlaces(services.disks), segments: segments, range: range)
    } catch ExportError.nothingRecorded {
      throw await services.recording.nothingReadable(key, range)
    } catch ExportError.tooLong {
      throw Problem.invalid("An export covers at most \(Int(ExportFile.longest.inSeconds / 3_600)) hours.")
    } catch ExportError.unreadable(let text) {
      logger.error(
        "an export met an unreadable file", metadata: ["channel.id": "\(key)", "error": "\(text)"])
      throw Problem.unavailable(
        "A recorded file of that time cannot be read.", fix: "See the log; run db check.")
    }
    let look = try await services.looks.begin(
      LookRecord(
        user: caller.principal.name, role: caller.principal.role, channel: key.description, kind: .export,
        purpose: permit.purpose, source: caller.source, started: SystemClock.wall(),
        footage: file.start..<max(file.end, file.start)))
    let looks = services.looks
    let digest: [UInt8]
    do {
      digest = try await services.digests.digest(
        of: file, key: "\(key) \(from.nanoseconds) \(to.nanoseconds)")
    } catch {
      await looks.end(look)
      throw error
    }
    let name = directory.channel(key)?.name ?? key.channel.text
    let stamp = CivilTime(file.start, offset: CivilTime.beijing).iso8601().replacing(":", with: "-")
    return ExportContent(
      fileName: "\(name)_\(stamp).mp4", length: file.byteCount, sha256: digest,
      read: { range in
        try rights.check(permit)
        return try file.read(range)
      }, finished: { _ in await looks.end(look) })
  }

  private static func resource(_ timeline: Timeline, _ channel: String) -> API.Timeline {
    let totals = timeline.totals
    return API.Timeline(
      channel: channel, from: API.Time(timeline.range.start), to: API.Time(timeline.range.end),
      recorded: timeline.recorded.intervals.map {
        API.RecordedSpan(from: API.Time($0.start), to: API.Time($0.end), source: "own")
      },
      gaps: timeline.gaps.map {
        API.GapSpan(
          from: API.Time($0.interval.start), to: API.Time($0.interval.end), cause: $0.cause.rawValue,
          detail: $0.detail.isEmpty ? nil : $0.detail)
      },
      planned: timeline.planned.intervals.map { API.Span(from: API.Time($0.start), to: API.Time($0.end)) },
      totals: API.TimelineTotals(
        plannedSeconds: totals.planned.inSeconds, recordedSeconds: totals.recorded.inSeconds,
        explainedSeconds: totals.explained.inSeconds, unknownSeconds: totals.unknown.inSeconds))
  }
}

extension SHA256Stream: StreamingHash {}

/// Digests of exports, remembered so that a continued download does not read everything again.
actor ExportDigests {
  private static let kept = 64
  private var known: [String: [UInt8]] = [:]
  private var order: [String] = []

  /// The SHA-256 of the whole export. `key` names channel and interval; a file that grew has another length.
  func digest(of file: ExportFile, key: String) async throws -> [UInt8] {
    let key = "\(key) \(file.byteCount)"
    if let digest = known[key] { return digest }
    let digest = try await Task.detached(priority: .utility) { try file.digest(SHA256Stream()) }.value
    known[key] = digest
    order.append(key)
    if order.count > Self.kept { known[order.removeFirst()] = nil }
    return digest
  }
}
