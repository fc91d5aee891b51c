import HTTPAPI
import MediaTime
import MediaTransport
import Recording
import Registry
import SegmentStore
import StoreSQLite

extension Platform {
  /// Prometheus text exposition (version 0.0.4). The names are listed in docs/ref/metrics.md.
  func metrics() async -> String {
    let figures = await figures()
    let counts = await services.recording.counts
    var text = PrometheusText()
    text.gauge(
      "tributary_build_info", "Always 1; the label names the version.", 1, ["version": TributaryVersion.text])
    text.gauge(
      "tributary_uptime_seconds", "Seconds since the start.", (SystemClock.wall() - started).inSeconds)
    for status in DeviceStatus.allCases {
      text.gauge(
        "tributary_devices", "Devices by state.", Double(figures.devices[status] ?? 0),
        ["state": status.rawValue])
    }
    text.gauge("tributary_quarantine", "Devices that wait for approval.", Double(directory.quarantine.count))
    text.gauge("tributary_streams_live", "Pulls that show pictures.", Double(figures.streams.live))
    text.gauge(
      "tributary_streams_connecting", "Pulls that wait for pictures.", Double(figures.streams.connecting))
    text.gauge("tributary_replays", "Open replays.", Double(figures.streams.playback))
    text.gauge("tributary_viewers", "Viewers' sockets.", Double(figures.streams.viewers))
    text.gauge("tributary_transcoded", "Streams being transcoded.", Double(figures.streams.transcoded))
    text.gauge(
      "tributary_stream_numbers", "Stream numbers (SSRC) that belong to a call.",
      Double(figures.streamNumbers))
    text.gauge("tributary_sessions", "Open media sessions.", Double(services.desk.table.count))
    text.gauge("tributary_recording_planned", "Channels with a recording plan.", Double(counts.planned))
    text.gauge("tributary_recording_active", "Channels being recorded.", Double(counts.recording))
    let recorder = figures.recorder
    text.counter("tributary_recorder_bytes_total", "Bytes written.", Double(recorder.writtenBytes))
    text.counter("tributary_recorder_fragments_total", "Fragments written.", Double(recorder.fragments))
    text.counter(
      "tributary_recorder_dropped_fragments_total", "Fragments that were not written.",
      Double(recorder.droppedFragments))
    text.gauge(
      "tributary_recorder_queue_bytes", "Bytes that wait for the disks.", Double(recorder.queuedBytes))
    text.gauge(
      "tributary_recorder_disk_full", "1 while nothing is written for want of space.", recorder.isFull ? 1 : 0
    )
    Self.add(recorder.disks, to: &text)
    for total in (try? await services.store.deletionTotals()) ?? [] {
      text.counter(
        "tributary_recordings_deleted_files_total", "Recorded files that were deleted, by rule.",
        Double(total.files), ["rule": total.rule])
    }
    for total in (try? await services.store.deletionTotals()) ?? [] {
      text.counter(
        "tributary_recordings_deleted_bytes_total", "Bytes of recorded files that were deleted, by rule.",
        Double(total.bytes), ["rule": total.rule])
    }
    if let time = await services.space.forecast?.timeToFull {
      text.gauge(
        "tributary_disk_seconds_to_reserve",
        "Until the disk reaches its reserve at the rate of the last quarter of an hour.", time.inSeconds)
    }
    if let report = try? await services.store.lastCheck()?.report {
      for (fault, count) in report.faults.sorted(by: { $0.key < $1.key }) {
        text.gauge(
          "tributary_index_check_faults", "Places where index and files disagreed in the last comparison.",
          Double(count), ["fault": fault])
      }
      text.gauge(
        "tributary_index_check_timestamp_seconds", "When the last comparison of index and files ended.",
        Double((report.ended ?? report.started).seconds))
    }
    let holds = try? await services.store.holds(activeAt: SystemClock.wall())
    text.gauge(
      "tributary_recording_holds", "Holds that protect recordings from being deleted.",
      Double(holds?.count ?? 0))
    for (name, value) in figures.sip.sorted(by: { $0.key < $1.key }) {
      let isGauge = ["connections", "transactions", "calls"].contains(name)
      let label = "tributary_sip_" + name.snakeCased + (isGauge ? "" : "_total")
      if isGauge {
        text.gauge(label, "SIP: \(name).", Double(value))
      } else {
        text.counter(label, "SIP: \(name).", Double(value))
      }
    }
    for (name, value) in figures.media.sorted(by: { $0.key < $1.key }) {
      text.gauge("tributary_media_" + name.snakeCased, "Media plane: \(name).", value)
    }
    for (index, thread) in figures.snapshot.threads.enumerated() {
      text.counter(
        "tributary_media_thread_busy_seconds_total", "CPU time of a media thread.",
        Double(thread.busyNanoseconds) / 1e9, ["thread": "\(index)"])
    }
    addEvents(to: &text)
    addFederation(to: &text)
    addLevels(to: &text)
    await addHistory(to: &text)
    addVoices(to: &text)
    Self.relays(figures.snapshot, into: &text)
    return text.text
  }

  private static func relays(_ snapshot: MediaSnapshot, into text: inout PrometheusText) {
    let relays = snapshot.streams.flatMap { stream in stream.relays.map { (stream.label, $0) } }
    text.gauge("tributary_relays", "Streams being sent to peers.", Double(relays.count))
    func each(_ add: (MediaSnapshot.Relay, [String: String]) -> Void) {
      for (label, relay) in relays {
        add(relay, ["relay": relay.id.description, "stream": label, "peer": relay.peer.description])
      }
    }
    each { text.counter("tributary_relay_packets_total", "RTP packets sent.", Double($0.packets), $1) }
    each { text.counter("tributary_relay_bytes_total", "RTP bytes sent.", Double($0.bytes), $1) }
    each {
      text.counter(
        "tributary_relay_delayed_total", "Times that a full socket buffer delayed packets.",
        Double($0.delayed), $1)
    }
    each {
      text.counter(
        "tributary_relay_refused_total", "Datagrams that network or kernel refused.", Double($0.refused), $1)
    }
    each {
      text.counter(
        "tributary_relay_dropped_groups_total", "Groups of pictures left out for a slow peer.",
        Double($0.droppedGroups), $1)
    }
    each {
      text.gauge("tributary_relay_backlog_bytes", "Bytes that wait to be sent.", Double($0.backlogBytes), $1)
    }
  }
}

extension Platform {
  /// One sample a disk under each name: the format wants them together.
  private static func add(_ disks: [DiskSnapshot], to text: inout PrometheusText) {
    func each(_ name: String, _ help: String, _ value: (DiskSnapshot) -> Double?) {
      for disk in disks {
        guard let value = value(disk) else { continue }
        text.gauge(name, help, value, ["disk": disk.id.text, "path": disk.path])
      }
    }
    each("tributary_disk_lost", "1 while a disk of recordings is away.") { $0.loss == nil ? 0 : 1 }
    each("tributary_disk_full", "1 while nothing is written there for want of space.") { $0.isFull ? 1 : 0 }
    each("tributary_disk_free_bytes", "Free bytes of a disk of recordings.") { disk in
      disk.loss == nil ? disk.figures.map { Double($0.free) } : nil
    }
    each("tributary_disk_total_bytes", "Size of a disk of recordings.") { disk in
      disk.loss == nil ? disk.figures.map { Double($0.total) } : nil
    }
    each("tributary_disk_queue_bytes", "Bytes that wait for a disk.") { Double($0.queuedBytes) }
    each("tributary_disk_files_open", "Files being written to a disk.") { Double($0.writing) }
  }
}

/// Builds the exposition format: HELP and TYPE once per name, then the samples.
struct PrometheusText {
  private(set) var text = ""
  private var described: Set<String> = []

  mutating func gauge(_ name: String, _ help: String, _ value: Double, _ labels: [String: String] = [:]) {
    sample(name, "gauge", help, value, labels)
  }

  mutating func counter(_ name: String, _ help: String, _ value: Double, _ labels: [String: String] = [:]) {
    sample(name, "counter", help, value, labels)
  }

  private mutating func sample(
    _ name: String, _ kind: String, _ help: String, _ value: Double, _ labels: [String: String]
  ) {
    if described.insert(name).inserted { text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n" }
    var list = ""
    if !labels.isEmpty {
      let pairs = labels.sorted { $0.key < $1.key }.map { key, value in
        "\(key)=\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n"))\""
      }
      list = "{\(pairs.joined(separator: ","))}"
    }
    text += "\(name)\(list) \(Self.number(value))\n"
  }
}

extension PrometheusText {
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
  }
}

extension String {
  /// `bitsPerSecond` → `bits_per_second`.
  var snakeCased: String {
    reduce(into: "") { result, character in
      if character.isUppercase { result += "_" }
      result += character.lowercased()
    }
  }
}
