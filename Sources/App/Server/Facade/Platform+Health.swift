import HTTPAPI
import MediaTime
import MediaTransport
import Recording
import Registry
import SIPTransport
import SegmentStore
import StoreSQLite
import Streaming

extension Platform {
  func readiness() async -> API.Readiness {
    let checks = await checks()
    return API.Readiness(
      ready: !checks.contains { $0.status == .fail && $0.name == "database" }, checks: checks)
  }

  func health() async throws -> API.Health {
    let checks = await checks()
    let worst: API.CheckStatus =
      checks.contains { $0.status == .fail } ? .fail : checks.contains { $0.status == .warn } ? .warn : .ok
    let figures = await figures()
    let devices = figures.devices
    let recorder = figures.recorder
    let policy = await services.retentionPolicy()
    let usage = try? await services.store.usage()
    let forecast = DiskForecast(
      room: recorder.room(policy), recordedBytes: usage?.bytes ?? 0, bytesPerSecond: recorder.bytesPerSecond)
    let daysToFull = forecast.timeToFull.map { $0.inSeconds / 86_400 }
    let storage = await storage(recorder, policy)
    let counts = await services.recording.counts
    return API.Health(
      status: worst, since: API.Time(started), checks: checks,
      devices: API.DeviceCounts(
        online: devices[.online] ?? 0, suspect: devices[.suspect] ?? 0, offline: devices[.offline] ?? 0,
        unknown: devices[.unknown] ?? 0),
      streams: figures.streams,
      recorder: API.RecorderHealth(
        channels: counts.planned, writing: counts.recording, bytesPerSecond: recorder.bytesPerSecond,
        queue: recorder.queuedBytes, daysToFull: daysToFull), storage: storage, sip: figures.sip,
      media: figures.media)
  }

  // MARK: Figures

  struct Figures {
    var devices: [DeviceStatus: Int]
    var streams: API.StreamCounts
    var recorder: RecorderSnapshot
    var sip: [String: Int]
    var media: [String: Double]
    var snapshot: MediaSnapshot
    var streamNumbers: Int
  }

  func figures() async -> Figures {
    let snapshot = services.plane.snapshot()
    let states = await services.live.states
    var streams = API.StreamCounts(live: 0)
    for state in states.values {
      switch state {
      case .live: streams.live += 1
      case .connecting, .resting: streams.connecting += 1
      case .idle: break
      }
    }
    streams.playback = services.desk.table.all.count { $0.kind == .playback }
    streams.viewers = snapshot.streams.reduce(0) { $0 + $1.viewers.count }
    streams.transcoded = services.transcoding.used
    let counters = await services.endpoint.counters()
    let own = services.signalling.counters
    let sip: [String: Int] = [
      "requestsIn": Int(clamping: counters.requestsIn), "responsesIn": Int(clamping: counters.responsesIn),
      "malformed": Int(clamping: counters.malformed), "scanners": Int(clamping: counters.scanners),
      "retransmissionsIn": Int(clamping: counters.retransmissionsIn),
      "retransmissionsOut": Int(clamping: counters.retransmissionsOut),
      "timeouts": Int(clamping: counters.timeouts),
      "connections": counters.connections,
      "transactions": counters.clientTransactions + counters.serverTransactions,
      "registrations": Int(clamping: own.registered + own.refreshed), "refused": Int(clamping: own.refused),
      "digestsRefused": Int(clamping: services.signalling.notes.refused),
      "redirected": Int(clamping: own.redirected),
      "handshakesFailed": Int(clamping: counters.handshakesFailed),
      "heartbeats": Int(clamping: own.heartbeats), "heartbeatsRefused": Int(clamping: own.heartbeatsRefused),
      "brokenCatalogItems": Int(clamping: own.catalogItemsBroken), "calls": services.calls.count,
    ]
    var media: [String: Double] = [:]
    media["streams"] = Double(snapshot.streams.count)
    media["bitsPerSecond"] = snapshot.streams.reduce(0) { $0 + $1.bitsPerSecond }
    media["packets"] = Double(snapshot.streams.reduce(0) { $0 + $1.packets })
    media["lost"] = Double(snapshot.streams.reduce(0) { $0 + $1.lost })
    media["foreignPackets"] = Double(snapshot.streams.reduce(0) { $0 + $1.foreignPackets })
    media["unknownPackets"] = Double(snapshot.threads.reduce(0) { $0 + $1.unknownPackets })
    media["malformedPackets"] = Double(snapshot.threads.reduce(0) { $0 + $1.malformedPackets })
    media["kernelDrops"] = Double(snapshot.threads.reduce(0) { $0 + $1.kernelDrops })
    media["sockets"] = Double(snapshot.threads.reduce(0) { $0 + $1.sockets })
    return Figures(
      devices: directory.read { $0.deviceCounts }, streams: streams, recorder: services.recorder.snapshot(),
      sip: sip,
      media: media, snapshot: snapshot, streamNumbers: await services.live.ssrcsInUse)
  }

  private func checks() async -> [API.Check] {
    var checks: [API.Check] = []
    do {
      _ = try await services.store.setting("health")
      checks.append(API.Check(name: "database", status: .ok, text: "The database answers."))
    } catch {
      checks.append(
        API.Check(
          name: "database", status: .fail, text: "The database cannot be read: \(error)",
          fix: "Check the disk and the permissions of the data folder."))
    }
    let recorder = services.recorder.snapshot()
    checks += storageChecks(recorder, await services.retentionPolicy())
    if recorder.droppedFragments > 0 {
      checks.append(
        API.Check(
          name: "recorder", status: .warn,
          text:
            "\(recorder.droppedFragments) groups of pictures were dropped since the start; the timeline has them as gaps.",
          fix: "The disk is too slow or was full: see the log."))
    } else {
      checks.append(API.Check(name: "recorder", status: .ok, text: "Nothing had to be dropped."))
    }
    checks.append(await indexHealth())
    let drops = services.plane.snapshot().threads.reduce(0) { $0 + $1.kernelDrops }
    checks.append(
      drops == 0
        ? API.Check(name: "media port", status: .ok, text: "No packet was dropped by the kernel.")
        : API.Check(
          name: "media port", status: .warn, text: "The kernel dropped \(drops) packets since the start.",
          fix: "Raise net.core.rmem_max to at least 8388608."))
    let waiting = directory.quarantine.count
    if waiting > 0 {
      checks.append(
        API.Check(
          name: "quarantine", status: .warn, text: "\(waiting) devices wait for approval.",
          fix: "Approve or dismiss them on the devices page."))
    }
    return checks
  }

  private func indexHealth() async -> API.Check {
    let damaged = (try? await services.store.damagedSegments(limit: 100)) ?? []
    if !damaged.isEmpty {
      return API.Check(
        name: "index", status: .warn,
        text: "\(damaged.count == 100 ? "100 or more" : "\(damaged.count)") recorded files are damaged.",
        fix: "GET /api/v1/storage/check names them; check the disk.")
    }
    let faults = (try? await services.store.lastCheck()?.report.faultCount) ?? 0
    return faults > 0
      ? API.Check(
        name: "index", status: .warn,
        text: "Index and files disagreed in \(faults) places at the last comparison; that was repaired.",
        fix: "Find out who removes or adds files below the recordings folder.")
      : API.Check(name: "index", status: .ok, text: "Index and recorded files agree.")
  }
}
