import Access
import GBCore
import HTTPAPI
import Logging
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import Synchronization
import WireBytes

/// Recordings on board of devices.
extension Platform {
  /// Adds what the device holds. Whatever it says or does not say, our own lane stays.
  func addDevice(_ key: ChannelKey, _ range: WallInterval, to timeline: inout API.Timeline) async {
    guard range.duration <= RecordLists.longest else {
      timeline.device = API.DeviceSource(
        state: .partial, text: "A device is asked for at most 31 days at once.")
      return
    }
    let list = await services.history.lists.list(key, range)
    for span in RecordAssembler.spans(list.items) {
      let span = WallInterval(span.start, span.end).clamped(to: range)
      guard !span.isEmpty else { continue }
      timeline.recorded.append(
        API.RecordedSpan(from: API.Time(span.start), to: API.Time(span.end), source: "device"))
    }
    timeline.device = Self.source(list)
  }

  private static func source(_ list: RecordLists.List) -> API.DeviceSource {
    guard let failure = list.failure else {
      return list.isComplete
        ? API.DeviceSource(state: .complete)
        : API.DeviceSource(state: .partial, text: "The device announced more recordings than it listed.")
    }
    if failure == .notRegistered {
      return API.DeviceSource(state: .offline, text: HistoryFailure.offline.text)
    }
    let nothing: API.DeviceSource.State = failure == .declined ? .refused : .unanswered
    let state = list.items.isEmpty ? nothing : .partial
    return API.DeviceSource(state: state, text: failure.sentence(asked: "which recordings it has"))
  }

  func records(
    channel id: String, from: WallTime, to: WallTime, sources: Set<RecordSource>
  ) async throws -> API.RecordList {
    let key = try channelKey(id)
    let range = WallInterval(from, to)
    guard range.duration <= RecordLists.longest else {
      throw Problem.invalid("Recordings are listed for at most 31 days at once.")
    }
    var answer = API.RecordList(
      channel: id, from: API.Time(from), to: API.Time(to), records: [], complete: true)
    if sources.contains(.own) {
      answer.records += try await services.recording.segments(key, range).map(Self.resource)
    }
    if sources.contains(.device) {
      let list = await services.history.lists.list(key, range)
      if let failure = list.failure, list.items.isEmpty {
        throw failure.problem(of: key.device, asked: "which recordings it has")
      }
      answer.complete = list.isComplete
      answer.records += list.items.map(Self.resource)
    }
    answer.records.sort { ($0.from, $0.source) < ($1.from, $1.source) }
    return answer
  }

  private static func resource(_ segment: SegmentRecord) -> API.Record {
    API.Record(
      from: API.Time(segment.start), to: API.Time(segment.end), source: "own", size: segment.bytes)
  }

  private static func resource(_ item: RecordItem) -> API.Record {
    API.Record(
      from: API.Time(item.start), to: API.Time(item.end), source: "device",
      name: item.name.isEmpty ? nil : item.name, type: item.kind?.rawValue, size: item.fileSize,
      path: item.filePath, recorder: item.recorder, secret: item.isSecret ? true : nil)
  }

  // MARK: Replays

  /// The state a person sees, its step and its cause.
  static func state(_ phase: DeviceReplay.Phase) -> (API.MediaSessionState, String?, API.Cause?) {
    switch phase {
    case .idle: (.connecting, nil, nil)
    case .queued: (.connecting, "queued", nil)
    case .calling: (.connecting, "invite", nil)
    case .playing, .paused, .resting: (.live, nil, nil)
    case .ended, .closed: (.ended, nil, nil)
    case .failed(let failure): (.error, nil, API.Cause(code: failure.code, text: failure.text))
    }
  }

  func fill(_ resource: inout API.MediaSession, _ replay: DeviceReplay) {
    let status = replay.status.withLock { $0 }
    resource.rates = status.rates
    if status.phase == .queued { resource.queue = status.wait.map(Self.resource) }
    resource.codec = resource.codec ?? replay.formats.first { $0.codec.isVideo }?.codec.apiName
  }

  private static func resource(_ wait: HistoryQueue.Wait) -> API.HistoryQueue {
    API.HistoryQueue(
      holder: wait.holder.person, since: API.Time(wait.holder.since), ahead: wait.ahead, waiting: wait.waiting
    )
  }

  /// What is open towards recordings on board.
  func addHistory(to text: inout PrometheusText) async {
    let counts = await services.history.counts
    text.gauge("tributary_device_replays", "Open replays of devices' recordings.", Double(counts.replays))
    text.gauge("tributary_device_downloads", "Downloads that wait or run.", Double(counts.downloads))
    text.gauge(
      "tributary_history_calls", "Calls for recorded material, each with an SSRC.",
      Double(services.history.lines.count))
    let turns = services.history.turns.counts
    for (state, count) in [("holding", turns.holding), ("waiting", turns.waiting)] {
      text.gauge(
        "tributary_history_turns", "Who holds devices' recordings and who waits for them.", Double(count),
        ["state": state])
    }
  }

  // MARK: Downloads

  func beginDownload(channel id: String, _ download: API.NewDownload, by caller: Caller) async throws
    -> API.Download
  {
    let key = try channelKey(id)
    let range = WallInterval(download.from.wall, download.to.wall)
    let permit = try services.rights.admit(
      .download, services.rights.facts(key), download.statement(of: caller), by: caller.principal,
      footage: range.start..<range.end)
    let look = try await services.looks.begin(
      LookRecord(
        user: caller.principal.name, role: caller.principal.role, channel: key.description, kind: .export,
        purpose: permit.purpose, source: caller.source,
        started: SystemClock.wall(), footage: range.start..<range.end))
    let looks = services.looks
    do {
      let job = try await services.history.fetch(
        key, range, speed: download.speed ?? 4,
        user: LinkUser(name: caller.principal.name, priority: Self.priority(of: caller))
      ) { await looks.end(look) }
      logger.info(
        "a recording is fetched from a device",
        metadata: [
          "channel.id": "\(key)", "user": "\(caller.principal.name)", "correlation": "\(caller.correlation)",
        ])
      return resource(job)
    } catch {
      await looks.end(look)
      throw error
    }
  }

  func downloads(for caller: Caller) async throws -> [API.Download] {
    await services.history.downloads.filter { isOwner($0, caller) }
      .sorted { ($0.created, $0.id) > ($1.created, $1.id) }.map(resource)
  }

  func download(_ id: String, for caller: Caller) async throws -> API.Download {
    resource(try await find(id, caller))
  }

  func removeDownload(_ id: String, by caller: Caller) async throws {
    await services.history.remove(try await find(id, caller))
  }

  func downloadedFile(_ id: String, by caller: Caller) async throws -> ExportContent {
    let job = try await find(id, caller)
    let (file, digest) = job.status.withLock { ($0.file, $0.digest) }
    guard let file else { throw Problem.conflict("This download is not complete.") }
    let rights = services.rights
    let permit = try rights.admit(
      .download, rights.facts(job.channel), caller.stated, by: caller.principal,
      footage: job.range.start..<job.range.end)
    let look = try await services.looks.begin(
      LookRecord(
        user: caller.principal.name, role: caller.principal.role, channel: job.channel.description,
        kind: .export, purpose: permit.purpose, source: caller.source, started: SystemClock.wall(),
        footage: file.start..<max(file.end, file.start)))
    let looks = services.looks
    let name = directory.channel(job.channel)?.name ?? job.channel.channel.text
    let stamp = CivilTime(file.start, offset: CivilTime.beijing).iso8601().replacing(":", with: "-")
    return ExportContent(
      fileName: "\(name)_\(stamp)_device.mp4", length: file.byteCount, sha256: digest,
      read: { range in
        try rights.check(permit)
        return try file.read(range)
      }, finished: { _ in await looks.end(look) })
  }

  private func isOwner(_ job: DownloadJob, _ caller: Caller) -> Bool {
    job.person == caller.principal.name || caller.principal.role == .administrator
  }

  private func find(_ id: String, _ caller: Caller) async throws -> DownloadJob {
    guard let job = await services.history.download(id), isOwner(job, caller) else {
      throw Problem.notFound("There is no such download, or its file was removed.")
    }
    return job
  }

  private func resource(_ job: DownloadJob) -> API.Download {
    let status = job.status.withLock { $0 }
    var resource = API.Download(
      id: job.id, channel: job.channel.description, user: job.person, from: API.Time(job.range.start),
      to: API.Time(job.range.end), state: Self.state(status.phase), progress: job.progress,
      bytes: status.receivedBytes, expectedBytes: status.expectedBytes,
      reached: status.reached.map { API.Time($0) }, created: API.Time(job.created),
      ended: status.ended.map { API.Time($0) })
    var failure = status.shortfall
    if case .failed(let cause) = status.phase { failure = cause }
    if let failure {
      resource.cause = API.Cause(code: failure.code, text: failure.text)
    }
    if status.phase == .queued { resource.queue = job.wait.map(Self.resource) }
    if let file = status.file {
      resource.file = "/api/v1/downloads/\(job.id)/file.mp4"
      resource.size = file.byteCount
      resource.sha256 = status.digest.map { Hex.lowercase($0) }
      resource.expires = status.ended.map { API.Time($0 + HistoryService.keep) }
    }
    return resource
  }

  private static func state(_ phase: DownloadJob.Phase) -> API.DownloadState {
    switch phase {
    case .queued: .queued
    case .running: .running
    case .complete: .complete
    case .cancelled: .cancelled
    case .failed: .failed
    }
  }
}

extension ExchangeFailure {
  /// What happened, for a person.
  func sentence(asked: String) -> String {
    switch self {
    case .notRegistered: "The device is offline."
    case .noAnswer: "The device was asked \(asked) and its SIP side did not answer."
    case .refused(let status): "The device was asked \(asked) and refused with \(status)."
    case .declined:
      "The device was asked \(asked) and answered ERROR: many do where they have no disk or card."
    case .noReply: "The device was asked \(asked), took the question and said nothing for 15 seconds."
    case .busy: "Too many ask the device the same; try again in a moment."
    case .cancelled: "The question was given up."
    }
  }

  /// As the interface tells it, with the slugs of every other question to a device.
  func problem(of device: DeviceID, asked: String) -> Problem {
    switch self {
    case .notRegistered: .deviceOffline(device)
    case .busy: .tooManyRequests(sentence(asked: asked), retryAfter: 5)
    case .refused(let status): .deviceRefused(device, "the question \(asked)", "SIP status \(status)")
    case .declined: .deviceRefused(device, "the question \(asked)", "Result ERROR")
    case .noAnswer, .noReply, .cancelled:
      Problem(
        slug: "device-does-not-answer", status: 504, title: "The device does not answer",
        detail: sentence(asked: asked))
    }
  }
}
