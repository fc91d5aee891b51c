import Foundation
import GBCore
import HTTPAPI
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import StoreSQLite
import Testing

@testable import Server

@Suite("Keeping and deleting recordings", .serialized)
struct KeepingTests {
  private static let channel = "34020000001110000001_34020000001310000001"

  /// Puts `count` one-minute files of the channel into folder and index, the first `days` ago.
  private func record(_ server: RunningServer, count: Int, days: Double) async throws -> [SegmentRecord] {
    let key = try #require(ChannelKey(Self.channel))
    let begin = SystemClock.wall() - .days(days)
    var records: [SegmentRecord] = []
    for number in 0..<count {
      let start = begin + .seconds(Int64(number) * 60)
      let record = SegmentRecord(
        id: SegmentID(channel: key, startMilliseconds: start.milliseconds), start: start,
        end: start + .seconds(60), bytes: 1_000, state: .closed, codec: .h264)
      let path = URL(fileURLWithPath: server.services.recorder.configuration.root + "/" + record.path)
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(repeating: 7, count: 1_000).write(to: path)
      try await server.services.store.putSegment(record)
      records.append(record)
    }
    return records
  }

  private func exists(_ server: RunningServer, _ record: SegmentRecord) -> Bool {
    FileManager.default.fileExists(atPath: server.services.recorder.configuration.root + "/" + record.path)
  }

  @Test("a rule is tried, then set; what is held stays, and the accounts say what went")
  func wholeWay() async throws {
    try await RunningServer.with { server in
      let records = try await record(server, count: 10, days: 5)
      let http = server.http
      let hold = try await http.json(
        "POST", "/api/v1/holds",
        API.NewHold(
          channel: Self.channel, from: API.Time(records[4].start + .seconds(10)),
          to: API.Time(records[4].start + .seconds(20)),
          reason: "accident 7"), as: API.Hold.self)
      #expect(hold.active && hold.files == 1 && hold.bytes == 1_000 && hold.by == "test")

      var rules = try await http.json("GET", "/api/v1/retention", as: API.Retention.self).rules
      #expect(rules.classes.map(\.name) == ["expendable", "normal", "important"])
      rules.classes[1].maximumDays = 2
      let preview = try await http.json(
        "POST", "/api/v1/retention/preview", rules, as: API.RetentionPreview.self)
      #expect(preview.files == 9 && preview.bytes == 9_000 && preview.complete)
      #expect(preview.rules.map(\.rule) == ["maximum-age"])
      #expect(preview.channels.map(\.channel) == [Self.channel])
      await server.services.retention.run()
      #expect(records.allSatisfy { exists(server, $0) })

      let changed = try await http.json("PUT", "/api/v1/retention", rules, as: API.Retention.self)
      #expect(changed.rules == rules)
      await server.services.retention.run()
      #expect(records.filter { exists(server, $0) } == [records[4]])
      let after = try await http.json("GET", "/api/v1/retention", as: API.Retention.self)
      #expect(after.deleted == [API.DeletedRecordings(rule: "maximum-age", files: 9, bytes: 9_000)])
      #expect(after.files == 1)
      let metrics = await server.runtime.platform.metrics()
      #expect(metrics.contains("tributary_recordings_deleted_bytes_total{rule=\"maximum-age\"} 9000\n"))
      #expect(metrics.contains("tributary_recording_holds 1\n"))

      let released = try await http.json("DELETE", "/api/v1/holds/\(hold.id)", as: API.Hold.self)
      #expect(!released.active && released.releasedBy == "test")
      #expect(try await http.json("GET", "/api/v1/holds", as: API.Page<API.Hold>.self).items.isEmpty)
      #expect(
        try await http.json("GET", "/api/v1/holds?ended=true", as: API.Page<API.Hold>.self).items == [
          released
        ])
      await server.services.retention.run()
      #expect(!exists(server, records[4]))
    }
  }

  @Test("orders that make no sense are refused with the reason")
  func refusals() async throws {
    try await RunningServer.with { server in
      func status(_ method: String, _ path: String, _ body: (any Encodable)? = nil) async throws -> Int {
        try await server.http.send(method, path, body).status
      }
      let now = SystemClock.wall()
      func hold(_ channel: String, _ reason: String = "x", until: WallTime? = nil)
        -> API.NewHold
      {
        API.NewHold(
          channel: channel, from: API.Time(now - .days(1.5)),
          to: API.Time(now - .days(1.5) + .days(2)), reason: reason,
          until: until.map { API.Time($0) })
      }
      #expect(try await status("POST", "/api/v1/holds", hold(Self.channel)) == 404)
      _ = try await record(server, count: 1, days: 1)
      #expect(try await status("POST", "/api/v1/holds", hold("nobody")) == 404)
      #expect(try await status("POST", "/api/v1/holds", hold(Self.channel, " ")) == 422)
      #expect(try await status("POST", "/api/v1/holds", hold(Self.channel, until: now)) == 422)
      #expect(try await status("POST", "/api/v1/holds", hold(Self.channel)) == 201)
      #expect(try await status("DELETE", "/api/v1/holds/77") == 404)
      func rules(_ name: String, _ minimum: Double, _ maximum: Double, _ exhaustion: String = "shed")
        -> API.RetentionRules
      {
        API.RetentionRules(
          classes: [.init(name: name, maximumDays: maximum, minimumDays: minimum)], reserveBytes: 1,
          exhaustion: exhaustion)
      }
      #expect(try await status("PUT", "/api/v1/retention", rules("normal", 5, 3)) == 422)
      #expect(try await status("PUT", "/api/v1/retention", rules("dear", 1, 3)) == 422)
      #expect(try await status("PUT", "/api/v1/retention", rules("normal", -1, 3)) == 422)
      #expect(try await status("PUT", "/api/v1/retention", rules("normal", 1, 3, "explode")) == 422)
      #expect(try await status("PUT", "/api/v1/retention", rules("normal", 1, 3)) == 200)
    }
  }

  @Test("rules survive being written as settings, and what is older still means what it meant")
  func settings() {
    var policy = RetentionPolicy(maximumAge: .days(10), minimumAge: .days(1), reserveBytes: 5)
    policy.exhaustion = .stop
    policy.agesByClass[.important] = .init(maximum: nil, minimum: .days(90))
    policy.agesByClass[.expendable] = .init(maximum: .days(0.5))
    let read = RetentionSettings.policy(from: RetentionSettings.settings(of: policy), reserve: 9)
    for retentionClass in RetentionClass.allCases {
      #expect(read.ages(of: retentionClass) == policy.ages(of: retentionClass))
    }
    #expect(read.reserveBytes == 5 && read.exhaustion == .stop)
    let old = RetentionSettings.policy(
      from: ["retention.maximum-days": "7", "retention.important.maximum-days": "0"], reserve: 9)
    #expect(old.ages(of: .normal).maximum == .days(7))
    #expect(old.ages(of: .important).maximum == nil)
    #expect(old.reserveBytes == 9)
  }
}
