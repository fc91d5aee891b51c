import DeviceSimulator
import Foundation
import GBCore
import Glibc
import HTTPAPI
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import StoreSQLite
import TestSupport
import Testing

@testable import Server

@Suite("A server with several disks", .serialized)
struct SeveralDisksTests {
  /// Two directories below `folder` that stand for disks.
  private func directories(_ folder: String) throws -> [RecordingDirectory] {
    try (1...2).map { number in
      let path = "\(folder)/disk\(number)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      return RecordingDirectory(path: path)
    }
  }

  @Test(
    "a disk that goes is a gap with its cause and an alarm; recording goes on, and what lies on it comes back"
  )
  func lost() async throws {
    try await Folder.with { folder in
      let list = try directories(folder)
      let server = try await RunningServer.start(folder: folder + "/data") { $0.recordings = list }
      let key = ChannelKey(
        device: try #require(DeviceID(Cameras.first)), channel: try #require(DeviceID("34020000001320000001"))
      )
      try await server.announce(key.device)
      try await Cameras.with(try Cameras.configuration(sip: server.runtime.addresses.sip)) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        try await server.runtime.setPlan(.continuous, for: key)
        #expect(
          await eventually {
            server.services.recorder.openSegments(key).last.map { $0.end - $0.start >= .seconds(2) } ?? false
          })
        let open = try #require(server.services.recorder.openSegments(key).last)
        let disk = try #require(server.services.disks.disk(open.disk))
        #expect(rename(disk.path, disk.path + ".away") == 0)
        #expect(await eventually { !disk.isPresent })
        // It goes on on the other one.
        #expect(
          await eventually { server.services.recorder.openSegments(key).contains { $0.disk != open.disk } })
        let range = WallInterval(open.start, open.start + .seconds(3_600))
        let timeline = try await server.services.recording.timeline(key, range)
        let gap = try #require(timeline.gaps.first { $0.cause == .diskLost })
        #expect(gap.interval.start == open.start && gap.detail.contains(disk.path))
        #expect(timeline.totals.unknown < .milliseconds(1))
        let health = try await server.http.json("GET", "/api/v1/health", as: API.Health.self)
        #expect(
          health.status == .fail && health.checks.contains { $0.text.contains("lost") && $0.fix != nil })
        #expect(health.storage.map { $0.lost != nil }.sorted { !$0 && $1 } == [false, true])
        let metrics = await server.runtime.platform.metrics()
        #expect(metrics.contains("tributary_disk_lost{disk=\"\(open.disk)\",path=\"\(disk.path)\"} 1\n"))
        #expect(try await server.services.store.segment(open.id) != nil)

        #expect(rename(disk.path + ".away", disk.path) == 0)
        #expect(await eventually { disk.isPresent })
        let whole = try await server.services.recording.timeline(key, range)
        #expect(whole.gaps.allSatisfy { $0.cause != .diskLost })
        #expect(whole.recorded.contains(open.start))
      }
      try await server.stop()
      let command = try DataFolder(path: folder + "/data", recordings: list)
      let known = try await command.recording.segments(after: nil, limit: 99)
      #expect(Set(known.map(\.disk)).count == 2 && known.allSatisfy { $0.state == .closed })
      #expect(try await command.rebuildIndex { _, _ in }.segments == known.count)
      #expect(
        try await command.recording.segments(after: nil, limit: 99).map(\.sha256) == known.map(\.sha256))
      #expect(try await command.compareIndex(repairs: false, hashes: true) { _, _ in }.faultCount == 0)
      #expect(try await command.listDisks().map(\.segments).reduce(0, +) == known.count)
      command.close()
    }
  }

  @Test("rebuilding keeps what lies on a disk that is away, and giving it up leaves gaps")
  func administration() async throws {
    try await Folder.with { folder in
      let list = try directories(folder)
      let command = try DataFolder(path: folder + "/data", recordings: list)
      defer { command.close() }
      let disks = try await command.openDisks().disks.disks
      let key = try #require(ChannelKey("34020000001110000001_34020000001310000001"))
      let start = WallTime(seconds: 1_700_000_000)
      let record = SegmentRecord(
        id: SegmentID(channel: key, startMilliseconds: start.milliseconds), disk: disks[1].id, start: start,
        end: start + .seconds(60), bytes: 10, state: .closed, codec: .h264)
      try await command.recording.putSegment(record)
      #expect(rename(list[1].path, list[1].path + ".away") == 0)
      let rebuilt = try await command.rebuildIndex { _, _ in }
      #expect(rebuilt.segments == 0 && rebuilt.remarks.contains { $0.contains("away") })
      #expect(try await command.recording.segment(record.id) == record)
      try FileManager.default.createDirectory(atPath: list[1].path, withIntermediateDirectories: false)
      let new = try await command.adoptDisk(at: list[1].path)
      let lines = try await command.listDisks()
      #expect(lines.map(\.id) == [disks[0].id, new, disks[1].id] && lines[2].loss != nil)
      await #expect(throws: StartError.self) { try await command.forgetDisk(new) }
      #expect(try await command.forgetDisk(disks[1].id) == 1)
      let gaps = try await command.recording.gaps(key, in: record.interval)
      #expect(gaps.map(\.cause) == [.fileLost])
      #expect(try await command.listDisks().map(\.id) == [disks[0].id, new])
    }
  }

  @Test("recordings are a list of absolute paths with reserves, and nonsense is told")
  func configuration() throws {
    func load(_ yaml: String) throws -> [RecordingDirectory] {
      var configuration = ServerConfiguration()
      try configuration.apply(yaml: yaml, named: "test")
      let again = try ServerConfiguration.load(file: nil, environment: [:], overrides: configuration.listing)
      #expect(again == configuration)
      return configuration.recordings
    }
    #expect(try load("data: /x").isEmpty)
    #expect(try load("recordings: /srv/a/") == [RecordingDirectory(path: "/srv/a")])
    #expect(
      try load("recordings: [/srv/a, /srv/b=50GiB]") == [
        RecordingDirectory(path: "/srv/a"), RecordingDirectory(path: "/srv/b", reserveBytes: 50 << 30),
      ])
    for (yaml, word) in [
      ("recordings: [srv]", "absolute"), ("recordings: [/a, /a/]", "twice"), ("recordings: /a=much", "50GiB"),
      ("recordings: /a=9999999999TiB", "50GiB"), ("recordings: /a=-1", "50GiB"),
    ] {
      let error = #expect(throws: ConfigurationError.self) { try load(yaml) }
      #expect(error?.description.contains(word) == true, "\(yaml)")
    }
  }
}
