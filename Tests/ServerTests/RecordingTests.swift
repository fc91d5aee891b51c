import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Recording
import Registry
import StoreSQLite
import TestSupport
import Testing

@testable import Server

@Suite("The recording plan", .serialized)
struct RecordingTests {
  private func key() throws -> ChannelKey {
    ChannelKey(
      device: try #require(DeviceID(Cameras.first)), channel: try #require(DeviceID("34020000001320000001")))
  }

  private func timeline(_ server: RunningServer, _ key: ChannelKey, seconds: Int64 = 3_600) async throws
    -> Timeline
  {
    let now = SystemClock.wall()
    let timeline = try await server.services.recording.timeline(
      key, WallInterval(now - .seconds(seconds), now + .seconds(5)))
    let totals = timeline.totals
    let sum = totals.recorded + totals.explained + totals.unknown
    #expect(abs((sum - totals.planned).inSeconds) < 0.001, "\(totals)")
    return timeline
  }

  private func recorded(_ server: RunningServer, _ key: ChannelKey, atLeast seconds: Double) async throws
    -> Bool
  {
    try await eventually(interval: .milliseconds(50)) {
      try await timeline(server, key).totals.recorded.inSeconds >= seconds
    }
  }

  @Test("recording follows the plan, and what is missing has its cause: device offline, program stopped")
  func causes() async throws {
    try await Folder.with { folder in
      let key = try key()
      var server = try await RunningServer.start(folder: folder)
      let port = server.runtime.addresses.sip
      try await server.announce(key.device)
      try await Cameras.with(try Cameras.configuration(sip: port)) { fleet in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        #expect(try await timeline(server, key).totals.planned == .zero)
        let path = "/api/v1/channels/\(key)"
        let channel = try await server.http.json(
          "PATCH", path, ["recordingPlan": "continuous"], as: API.Channel.self)
        #expect(channel.recording == .planned || channel.recording == .recording)
        #expect(try await recorded(server, key, atLeast: 1.5))
        #expect(await server.services.recording.states[key] == .recording)

        // Power cut: three heartbeats later the device is offline, and the gap says so from its beginning.
        fleet.setPower(false, device: 0)
        #expect(await server.reaches(.offline, key.device))
        #expect(
          try await eventually {
            try await timeline(server, key).gaps.last.map { $0.cause == .deviceOffline } ?? false
          })
        let offline = try await timeline(server, key)
        #expect(offline.totals.unknown == .zero)
        let open = try await server.services.store.openGaps()
        #expect(open.map(\.cause) == [.deviceOffline])
        // A pull that tries again changes nothing of that.
        let gaps = try await server.services.store.gaps(key, in: offline.range).count
        await server.services.live.device(key.device, isOnline: true)
        #expect(await eventually { await !server.services.live.states.isEmpty })
        #expect(try await server.services.store.gaps(key, in: offline.range).count == gaps)

        fleet.setPower(true, device: 0)
        #expect(await server.reaches(.online, key.device))
        let before = try await timeline(server, key).totals.recorded.inSeconds
        #expect(try await recorded(server, key, atLeast: before + 1))

        // The program stops in order: files are closed, the gap has its cause before it is gone.
        try await server.stop()
        let store = try DataFolder(path: folder)
        #expect(try await store.recording.segments(state: .open, limit: 10).isEmpty)
        let files = try await store.recording.segments(key, in: offline.range, limit: .max)
        #expect(files.allSatisfy { $0.sha256 != nil })
        #expect(try await store.recording.openGaps().map(\.cause) == [.recorderStopped])
        store.close()

        server = try await RunningServer.start(folder: folder, sip: port)
        let carried = try await timeline(server, key).totals.recorded.inSeconds
        #expect(try await recorded(server, key, atLeast: carried + 1))
        let whole = try await timeline(server, key)
        #expect(whole.gaps.contains { $0.cause == .deviceOffline })
        // A stop of less than two seconds is a joint in the timeline; the index has it all the same.
        let known = try await server.services.store.gaps(key, in: whole.range)
        #expect(known.contains { $0.cause == .recorderStopped && $0.end != nil })
        #expect(whole.totals.unknown < .milliseconds(1), "\(whole.gaps)")

        // The plan ends: what comes after is not planned, and the stream is let go.
        #expect(try await server.http.send("PATCH", path, ["recordingPlan": "off"]).status == 200)
        let end = try await timeline(server, key).totals.planned
        #expect(await eventually { await server.services.recording.counts.planned == 0 })
        #expect(try await timeline(server, key).totals.planned - end < .seconds(1))
        #expect(try await server.services.store.openGaps().isEmpty)
        try await server.stop()
      }
    }
  }

  @Test("a camera that sends nothing is a network gap; removing its device ends plan and call")
  func networkAndRemoval() async throws {
    try await RunningServer.with { server in
      let key = try key()
      try await server.announce(key.device)
      var configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      configuration.faults.add(.inviteRefused(486))
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        try await server.runtime.setPlan(.continuous, for: key)
        #expect(
          try await eventually {
            try await server.services.store.openGaps().contains { $0.cause == .network }
          })
        #expect(try await timeline(server, key).totals.unknown == .zero)
        let command = try DataFolder(path: server.runtime.configuration.data)
        try await command.registry.deleteDevice(key.device)
        try await command.announceChange()
        command.close()
        #expect(await eventually { await server.services.recording.counts.planned == 0 })
        #expect(await eventually { server.services.calls.count == 0 })
        #expect(try await server.services.store.currentPlans().allSatisfy { $0.plan == .off })
      }
    }
  }

  @Test("what a crash left open is mended at the next start and the time since is explained")
  func crash() async throws {
    try await Folder.with { folder in
      let key = try key()
      let first = try await RunningServer.start(folder: folder)
      try await first.announce(key.device)
      var copy: FolderCopy?
      try await Cameras.with(try Cameras.configuration(sip: first.runtime.addresses.sip)) { _ in
        #expect(await eventually { first.runtime.playableChannels.contains(key) })
        try await first.runtime.setPlan(.continuous, for: key)
        #expect(try await recorded(first, key, atLeast: 2))
        #expect(
          await eventually {
            (try? await first.services.store.segments(state: .open, limit: 1).isEmpty) == false
          })
        #expect(await eventually { FileManager.default.fileExists(atPath: folder + "/alive") })
        // The folder as a crash would leave it at this moment.
        copy = try FolderCopy(copying: folder)
      }
      try await first.stop()
      let crashed = try #require(copy)
      defer { crashed.remove() }
      let second = try await RunningServer.start(folder: crashed.path)
      #expect(try await second.services.store.segments(state: .open, limit: 10).isEmpty)
      let timeline = try await timeline(second, key)
      #expect(timeline.totals.recorded > .zero)
      #expect(timeline.gaps.contains { $0.cause == .recorderStopped })
      #expect(timeline.totals.unknown < .milliseconds(1), "\(timeline.gaps)")
      try await second.stop()
    }
  }
}

/// A copy of a data folder.
struct FolderCopy {
  let path: String

  init(copying source: String) throws {
    path = source + "-copy"
    try FileManager.default.copyItem(atPath: source, toPath: path)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
