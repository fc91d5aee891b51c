import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Recording
import Registry
import SIPTransport
import TestSupport
import Testing

@testable import Server

@Suite("Recordings on board of devices", .serialized)
struct DeviceRecordingsTests: OnBoardTests {
  // MARK: Lists

  @Test(
    "more than a thousand recordings in parts of two arrive, on the list and on the timeline beside our own")
  func lists() async throws {
    try await with(
      Self.onBoard { recordings in
        (recordings.depth, recordings.fileSeconds, recordings.missingEvery) = (13_000, 10, 7)
      }
    ) { server, keys, _ in
      let (from, to) = (moment(ago: 14_000), moment(ago: 0))
      let query = "from=\(from.rfc3339)&to=\(to.rfc3339)"
      let list = try await server.http.json(
        "GET", "/api/v1/channels/\(keys[0])/records?\(query)", as: API.RecordList.self)
      #expect(list.complete)
      #expect(list.records.count > 1_000)
      #expect(list.records.allSatisfy { $0.source == "device" && $0.type == "time" && ($0.size ?? 0) > 0 })
      let both = try await server.http.json(
        "GET", "/api/v1/channels/\(keys[0])/timeline?\(query)&source=own,device", as: API.Timeline.self)
      #expect(both.device?.state == .complete)
      // Every seventh file is missing: what lies between is a hole, the rest is joined.
      #expect(both.recorded.count > 100 && both.recorded.allSatisfy { $0.source == "device" })
      #expect(both.recorded.dropFirst().dropLast().allSatisfy { ($0.to.wall - $0.from.wall).inSeconds == 60 })
      let own = try await server.http.json(
        "GET", "/api/v1/channels/\(keys[0])/timeline?\(query)", as: API.Timeline.self)
      #expect(own.recorded.isEmpty && own.device == nil)
    }
  }

  @Test(
    "three days are asked for day by day, and again where a device tells of no more than so many at once",
    arguments: [(86_400, 0), (0, 50)])
  func cappedLists(longestAnswer: Int, mostItems: Int) async throws {
    try await with(
      Self.onBoard { recordings in
        (recordings.depth, recordings.fileSeconds, recordings.itemsPerPart) = (4 * 86_400, 900, 25)
        (recordings.longestAnswer, recordings.mostItems) = (longestAnswer, mostItems)
      }
    ) { server, keys, _ in
      let (from, to) = (moment(ago: 3 * 86_400), moment(ago: 3_600))
      let list = try await server.http.json(
        "GET", "/api/v1/channels/\(keys[0])/records?from=\(from.rfc3339)&to=\(to.rfc3339)",
        as: API.RecordList.self)
      #expect(list.complete && list.records.count >= 280)
      #expect(list.records.allSatisfy { $0.to.wall - $0.from.wall == .seconds(900) })
      #expect(Set(list.records.map(\.from.wall)).count == list.records.count)
      // One after the other, without a hole, over both midnights.
      #expect(zip(list.records, list.records.dropFirst()).allSatisfy { $0.to == $1.from })
      #expect(list.records.first.map { $0.from.wall <= from } == true)
      #expect(list.records.last.map { $0.to.wall >= to } == true)
    }
  }

  @Test("a total that promises too much is told as incomplete; a device in another zone is understood")
  func oddLists() async throws {
    try await with(
      Self.onBoard { recordings in
        (recordings.clockOffset, recordings.depth) = (-8 * 3_600, 4_000)
      }
    ) { server, keys, _ in
      #expect(
        try await server.http.send(
          "PATCH", "/api/v1/devices/\(keys[0].device)",
          API.DeviceChange(recordings: API.DeviceRecordings(listOffset: -8 * 3_600))
        ).status == 200)
      let (from, to) = (moment(ago: 3_000), moment(ago: 600))
      let list = try await server.http.json(
        "GET", "/api/v1/channels/\(keys[0])/records?from=\(from.rfc3339)&to=\(to.rfc3339)",
        as: API.RecordList.self)
      #expect(list.complete && !list.records.isEmpty)
      #expect(list.records.allSatisfy { $0.to.wall > from && $0.from.wall < to })
    }
  }

  @Test("a device that answers ERROR is told as such at once, and nobody waits for more")
  func refusesList() async throws {
    try await with(nil) { server, keys, _ in
      let query = "from=\(moment(ago: 3_000).rfc3339)&to=\(moment(ago: 600).rfc3339)"
      let timeline = try await server.http.json(
        "GET", "/api/v1/channels/\(keys[0])/timeline?\(query)&source=own,device", as: API.Timeline.self)
      #expect(timeline.device?.state == .refused && timeline.recorded.isEmpty)
      let path = "/api/v1/channels/\(keys[0])/records?\(query)&source=device"
      let list = try await server.http.send("GET", path)
      #expect(list.status == 502 && list.text.contains("device-refused"))
    }
  }

  // MARK: Replays

  @Test(
    "a replay shows the seconds it says, is paused, moved and played faster",
    arguments: [OnBoardRecordings.Pace.unscaled, .scaled])
  func replay(pace: OnBoardRecordings.Pace) async throws {
    try await with(Self.onBoard { $0.pace = pace }) { server, keys, _ in
      let start = moment(ago: 3_600)
      let opened = try await open(server, keys[0], start, start + .seconds(900))
      let session = opened.session
      let viewer = try await ReplayViewer(server, opened)
      let first = try await viewer.position { $0.wall >= start + .seconds(3) }
      #expect(first.wall < start + .seconds(60))
      let shown = try await viewer.shown()
      #expect(Array(shown.prefix(3)) == (0..<3).map { start.seconds + $0 })
      try await staysPaused(server, session, viewer)
      try await isMoved(server, session, viewer, to: start + .seconds(300))
      try await isFaster(server, session, viewer)
      #expect(try await server.http.send("DELETE", "/api/v1/media-sessions/\(session)").status == 204)
      #expect(
        await eventually { server.services.calls.count == 0 && server.services.history.lines.count == 0 })
      #expect(await eventually { server.services.history.turns.count == 0 })
      let looks = try await server.http.json("GET", "/api/v1/looks", as: List<API.Look>.self)
      #expect(looks.items.count == 1 && looks.items[0].kind == "playback" && looks.items[0].purpose == "test")
    }
  }

  private func staysPaused(_ server: RunningServer, _ session: String, _ viewer: ReplayViewer) async throws {
    #expect(try await order(server, session, .init(paused: true)).paused == true)
    // What was on its way comes first; then nothing does, for as long as one likes.
    try await Task.sleep(for: .seconds(1))
    let held = try #require(try await state(server, session).position).wall
    try await Task.sleep(for: .seconds(2))
    #expect(try await state(server, session).position?.wall == held)
    try await order(server, session, .init(paused: false))
    _ = try await viewer.position { $0.wall >= held + .seconds(2) }
    let next = try await viewer.position { $0.wall > held }
    #expect(next.wall <= held + .seconds(3))
  }

  private func isMoved(
    _ server: RunningServer, _ session: String, _ viewer: ReplayViewer, to target: WallTime
  ) async throws {
    await viewer.forget()
    try await order(server, session, .init(position: API.Time(target)))
    let moved = try await viewer.position { $0.wall >= target + .seconds(2) }
    #expect(moved.wall < target + .seconds(100))
    let shown = try await viewer.lastSection()
    #expect(Array(shown.prefix(2)) == [target.seconds, target.seconds + 1])
  }

  /// The pictures of two seconds in one, whatever the device makes of its time stamps.
  private func isFaster(_ server: RunningServer, _ session: String, _ viewer: ReplayViewer) async throws {
    for rate in [2.0, 4.0] {
      await viewer.forget()
      try await order(server, session, .init(rate: rate))
      let slope = try await viewer.slope(atRate: rate)
      #expect(abs(slope - rate) < 0.05)
    }
    #expect(try await viewer.lastSectionIsConsecutive())
    let now = try await state(server, session)
    #expect(now.rate == 4 && now.source == "device" && now.rates?.contains(0.5) == true)
    #expect(now.rates?.contains(-1) == false)
    let refused = try await server.http.send(
      "PATCH", "/api/v1/media-sessions/\(session)", API.PlaybackControl(rate: -1))
    #expect(refused.status == 409 && refused.text.contains("0.5"))
  }

  @Test("a device of the 2022 edition runs backwards by key frames")
  func backwards() async throws {
    try await with(edition: .v2022) { server, keys, _ in
      let start = moment(ago: 3_600)
      let session = try await open(server, keys[0], start, start + .seconds(600))
      let viewer = try await ReplayViewer(server, session)
      try await order(server, session.session, .init(position: API.Time(start + .seconds(200))))
      _ = try await viewer.position { $0.wall >= start + .seconds(201) }
      #expect(try await order(server, session.session, .init(rate: -1)).rate == -1)
      _ = try await viewer.position { $0.rate == -1 && $0.wall <= start + .seconds(197) }
      let shown = try await viewer.lastSection()
      #expect(shown.count >= 3 && zip(shown, shown.dropFirst()).allSatisfy { $0 - 1 == $1 })
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
    }
  }

  @Test("a device that agrees to another rate and does nothing is found out: its clock stays true")
  func ignoresRate() async throws {
    try await with(Self.onBoard { $0.pace = .ignored }) { server, keys, _ in
      let start = moment(ago: 3_600)
      let session = try await open(server, keys[0], start, start + .seconds(900))
      let viewer = try await ReplayViewer(server, session)
      _ = try await viewer.position { $0.wall >= start + .seconds(2) }
      try await order(server, session.session, .init(rate: 4))
      #expect(try await eventually { try await state(server, session.session).rates?.contains(4) == false })
      let now = try await state(server, session.session)
      #expect(now.rate == 1 && now.rates?.contains(2) == true)
      let after = try #require(now.position).wall + .seconds(3)
      _ = try await viewer.position { $0.rate == 1 && $0.wall >= after }
      #expect(try await viewer.slope(atRate: 1) < 1.05)
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
    }
  }

  @Test("a rate that the device refuses is offered no more")
  func refusesRate() async throws {
    try await with(Self.onBoard { $0.reverses = false }, edition: .v2022) { server, keys, _ in
      let start = moment(ago: 3_600)
      let session = try await open(server, keys[0], start, start + .seconds(900))
      let viewer = try await ReplayViewer(server, session)
      _ = try await viewer.position { $0.wall >= start + .seconds(2) }
      #expect(try await state(server, session.session).rates?.contains(-1) == true)
      let answer = try await server.http.send(
        "PATCH", "/api/v1/media-sessions/\(session.session)", API.PlaybackControl(rate: -1))
      #expect(answer.status == 409)
      let now = try await state(server, session.session)
      #expect(now.rate == 1 && now.rates?.contains(-1) == false && now.rates?.contains(2) == true)
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
    }
  }

  @Test(
    "the end is noticed: said in the dialog, outside of it, or never",
    arguments: [OnBoardRecordings.EndNotice.inDialog, .outOfDialog, .never])
  func end(notice: OnBoardRecordings.EndNotice) async throws {
    try await with(Self.onBoard { $0.endNotice = notice }) { server, keys, _ in
      let start = moment(ago: 3_000)
      let session = try await open(server, keys[0], start, start + .seconds(4))
      let viewer = try await ReplayViewer(server, session)
      try await viewer.text(containing: "\"ended\"")
      #expect(try await state(server, session.session).state == .ended)
      #expect(try await viewer.shown() == (0..<4).map { start.seconds + $0 })
      #expect(await eventually { server.services.calls.count == 0 })
      // Back into it: a new call.
      await viewer.forget()
      try await order(server, session.session, .init(position: API.Time(start + .seconds(1)), paused: false))
      _ = try await viewer.position { $0.wall == start + .seconds(1) }
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
    }
  }

  @Test("the second one waits, is told who holds the channel, and begins when the first one ends")
  func queue() async throws {
    try await with { server, keys, _ in
      let start = moment(ago: 3_000)
      let first = try await open(server, keys[0], start, start + .seconds(600))
      let holder = try await ReplayViewer(server, first)
      _ = try await holder.position { $0.wall >= start }
      let second = try await open(server, keys[0], start + .seconds(60), start + .seconds(600))
      let waiting = try await ReplayViewer(server, second)
      let told = try await waiting.text(containing: "\"queued\"")
      #expect(told.contains("\"holder\":\"test\"") && told.contains("\"ahead\":0"))
      let seen = try await state(server, second.session)
      #expect(seen.state == .connecting && seen.step == "queued" && seen.queue?.holder == "test")
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(first.session)")
      _ = try await waiting.position { $0.wall >= start + .seconds(60) }
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(second.session)")
    }
  }

  @Test("a device that bears one session is learnt by its 486: the other channel waits instead of failing")
  func learnsLimit() async throws {
    try await with(channels: 2) { server, keys, _ in
      let start = moment(ago: 3_000)
      let first = try await open(server, keys[0], start, start + .seconds(600))
      let holder = try await ReplayViewer(server, first)
      _ = try await holder.position { $0.wall >= start }
      let second = try await open(server, keys[1], start, start + .seconds(600))
      let waiting = try await ReplayViewer(server, second)
      try await waiting.text(containing: "\"queued\"")
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(first.session)")
      _ = try await waiting.position { $0.wall >= start }
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(second.session)")
    }
  }

  @Test("what the device has not recorded is refused before a call")
  func nothing() async throws {
    try await with { server, keys, fleet in
      let answer = try await server.http.send(
        "POST", "/api/v1/channels/\(keys[0])/playback",
        API.PlaybackRequest(
          from: API.Time(moment(ago: 80_000)), to: API.Time(moment(ago: 79_000)), source: "device"))
      #expect(answer.status == 404)
      #expect(fleet.snapshot().calls == 0)
      let wrong = try await server.http.send(
        "POST", "/api/v1/channels/\(keys[0])/playback",
        API.PlaybackRequest(from: API.Time(moment(ago: 80)), to: API.Time(moment(ago: 70)), source: "cloud"))
      #expect(wrong.status == 422)
    }
  }
}
