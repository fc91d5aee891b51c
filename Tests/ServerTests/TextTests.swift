import Foundation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import MediaTransport
import Registry
import TestSupport
import Testing

@testable import Server

@Suite("What is written for people and programs")
struct TextTests {
  private let hostile: Logger.Metadata = [
    "peer": "1.2.3.4:5060", "error": "a \"quoted\"\nline\u{1}\\", "device.id": "34", "empty": "",
  ]

  @Test("a JSON log line is one JSON object whatever is in it")
  func json() throws {
    let handler = LineLogHandler(label: "tributary", level: .info, json: true)
    let line = handler.line(time: "T", level: .error, message: "it \"broke\"\r\n", hostile)
    #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { !$0.isNewline })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    #expect(object["message"] == "it \"broke\"\r\n" && object["error"] == "a \"quoted\"\nline\u{1}\\")
    #expect(object["level"] == "error" && object["time"] == "T" && object["label"] == "tributary")
  }

  @Test("a text log line stays one line, and values with blanks are quoted")
  func text() {
    let handler = LineLogHandler(label: "tributary", level: .info, json: false)
    let line = handler.line(time: "T", level: .info, message: "forged\n2026 error", hostile)
    #expect(line.dropLast().allSatisfy { !$0.isNewline } && line.hasSuffix("\n"))
    #expect(line.contains(" peer=1.2.3.4:5060") && line.contains(" empty=\"\""))
    #expect(line.contains("error=\"a \\\"quoted\\\"\\nline\\u0001\\\\\""))
    #expect(handler.line(time: "T", level: .info, message: "m", ["k": "v"]) == "T info tributary: m k=v\n")
  }

  @Test("a very long value is cut")
  func longValue() {
    #expect(LineLogHandler.quoted(String(repeating: "x", count: 100_000)).count == 4_098)
  }

  @Test("Prometheus text describes each name once and escapes labels")
  func prometheus() {
    var text = PrometheusText()
    text.gauge("a", "Help.", 1, ["l": "x\"y\\z\n"])
    text.gauge("a", "Help.", 2.5)
    text.counter("b_total", "More.", 12_000_000_000)
    text.gauge("c", "Odd.", .nan)
    text.gauge("c", "Odd.", .infinity)
    #expect(
      text.text == """
        # HELP a Help.
        # TYPE a gauge
        a{l="x\\"y\\\\z\\n"} 1
        a 2.5
        # HELP b_total More.
        # TYPE b_total counter
        b_total 12000000000
        # HELP c Odd.
        # TYPE c gauge
        c NaN
        c +Inf

        """)
    #expect("bitsPerSecond".snakeCased == "bits_per_second")
  }
}

@Suite("The message ladder")
struct MessageLadderTests {
  private func record(
    _ ladder: MessageLadder, _ text: String, peer: String = "10.0.0.1", isIncoming: Bool = true
  ) {
    ladder.record(
      peer: peer, time: WallTime(nanoseconds: 0), isIncoming: isIncoming,
      bytes: Array(text.replacingOccurrences(of: "\n", with: "\r\n").utf8))
  }

  @Test("neither heartbeats nor their answers push out what matters")
  func heartbeats() {
    let ladder = MessageLadder()
    record(ladder, "REGISTER sip:34020000001180000001 SIP/2.0\nCSeq: 1 REGISTER\n\n")
    for _ in 0..<1_000 {
      record(
        ladder, "MESSAGE sip:x SIP/2.0\nCSeq: 2 MESSAGE\n\n<Notify><CmdType>Keepalive</CmdType></Notify>")
      record(ladder, "SIP/2.0 200 OK\nCSeq: 2 MESSAGE\n\n", isIncoming: false)
    }
    record(ladder, "SIP/2.0 403 Forbidden\nCSeq: 2 MESSAGE\n\n", isIncoming: false)
    record(ladder, "SIP/2.0 200 OK\nCSeq: 1 REGISTER\n\n", isIncoming: false)
    #expect(ladder.messages(peer: "10.0.0.1", mentioning: nil).count == 3)
    #expect(ladder.messages(peer: "10.0.0.1", mentioning: "34020000001180000001").count == 1)
  }

  @Test("it is bounded by peers, messages and bytes")
  func bounds() {
    let ladder = MessageLadder()
    for index in 0..<1_000 { record(ladder, "OPTIONS sip:\(index) SIP/2.0") }
    let kept = ladder.messages(peer: "10.0.0.1", mentioning: nil)
    #expect(kept.count == MessageLadder.perPeer)
    #expect(kept.last.map { String(decoding: $0.bytes, as: UTF8.self) } == "OPTIONS sip:999 SIP/2.0")
    record(ladder, String(repeating: "x", count: 100_000), peer: "long")
    #expect(ladder.messages(peer: "long", mentioning: nil).first?.bytes.count == MessageLadder.longestMessage)
    for index in 0..<MessageLadder.mostPeers { record(ladder, "OPTIONS", peer: "p\(index)") }
    #expect(ladder.messages(peer: "10.0.0.1", mentioning: nil).isEmpty)
    #expect(ladder.messages(peer: "p\(MessageLadder.mostPeers - 1)", mentioning: nil).count == 1)
  }

  @Test("digest answers are cut out, however they are written, and the summary tells what it is")
  func redaction() throws {
    let ladder = MessageLadder()
    for field in [#"response="0a1b2c3d""#, "response=0a1b2c3d", #"Response = "0A1B2C3D""#] {
      record(
        ladder, "REGISTER sip:x SIP/2.0\nAuthorization: Digest username=\"u\", \(field), uri=\"sip:x\"\n\n",
        peer: "r")
    }
    let messages = ladder.messages(peer: "r", mentioning: nil).map {
      $0.message { String(decoding: $0, as: UTF8.self) }
    }
    #expect(messages.count == 3)
    for message in messages {
      #expect(!message.text.lowercased().contains("0a1b2c3d") && message.text.contains("uri=\"sip:x\""))
      #expect(message.summary == "REGISTER" && message.direction == .in)
    }
    record(
      ladder, "MESSAGE sip:x SIP/2.0\n\n<Query>\n<CmdType>Catalog</CmdType></Query>", peer: "s",
      isIncoming: false)
    record(ladder, "SIP/2.0 488 Not Acceptable\nCSeq: 3 INVITE\nCall-ID: abc\n\n", peer: "s")
    let summaries = ladder.messages(peer: "s", mentioning: nil).map {
      $0.message { String(decoding: $0, as: UTF8.self) }.summary
    }
    #expect(summaries == ["MESSAGE Catalog", "488 Not Acceptable (INVITE)"])
    #expect(ladder.call("abc").count == 1)
  }
}

@Suite("Tables")
struct TableTests {
  private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }
  private func wall(_ seconds: Int64) -> WallTime { WallTime(nanoseconds: seconds * 1_000_000_000) }

  private func session(_ id: String, user: String = "a", codecs: Set<String>? = nil) throws -> MediaSession {
    let device = try #require(DeviceID("34020000001180000001"))
    return MediaSession(
      id: id, kind: .live, channel: ChannelKey(device: device, channel: device), user: user, credential: "c",
      codecs: codecs, started: wall(0), expires: wall(1_000), look: "1", lastUse: at(0))
  }

  @Test("a user has a limited number of sessions, another user is not affected")
  func perUser() throws {
    let table = MediaSessionTable()
    for index in 0..<MediaSessionTable.perUser { #expect(table.insert(try session("\(index)"))) }
    #expect(!table.insert(try session("more")))
    #expect(table.insert(try session("other", user: "b")))
    #expect(table.remove("0") != nil && table.remove("0") == nil)
    #expect(table.insert(try session("more")))
  }

  @Test("sessions end when they expire, or when nobody uses them for a while")
  func idle() throws {
    let table = MediaSessionTable()
    #expect(table.insert(try session("s")))
    #expect(table.idle(now: at(45), wall: wall(45)).isEmpty)
    #expect(table.idle(now: at(46), wall: wall(46)) == ["s"])
    _ = table.update("s") { $0.lastUse = at(40) }
    #expect(table.idle(now: at(46), wall: wall(46)).isEmpty)
    #expect(table.idle(now: at(46), wall: wall(1_000)) == ["s"])
  }

  @Test("a viewer that left before its session knew of it does not keep the session open")
  func earlyLeaver() throws {
    let plane = MediaPlane(MediaPlaneConfiguration(mode: .singlePort(0)))
    try plane.start()
    defer { plane.stop() }
    let stream = plane.openPush(label: "x")
    let table = MediaSessionTable()
    #expect(table.insert(try session("s")))
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    let viewers = try (0..<2).map { _ in
      plane.attachViewer(stream, socket: dup(try #require(ends.first)), framing: .raw, preamble: [])
    }
    #expect(table.viewerOpened(viewers[0], of: "s", stream: stream, now: at(1)) == .some(nil))
    table.viewerClosed(viewers[1], now: at(2))
    #expect(table.viewerOpened(viewers[1], of: "s", stream: stream, now: at(3)) == .some(viewers[0]))
    #expect(table.find("s")?.viewer == nil)
    #expect(table.idle(now: at(60), wall: wall(60)) == ["s"])
    #expect(table.viewerOpened(viewers[0], of: "gone", stream: stream, now: at(1)) == nil)
  }

  @Test("only browsers that said they cannot decode H.265 get H.264")
  func codecs() throws {
    #expect(try !session("s").needsH264)
    #expect(try !session("s", codecs: ["avc1.64001f", "hvc1.1.6.L93.B0"]).needsH264)
    #expect(try !session("s", codecs: ["hev1"]).needsH264)
    #expect(try session("s", codecs: ["avc1"]).needsH264)
  }

  @Test("every listener gets every event; one that ends is forgotten; a slow one loses the oldest")
  func hub() async throws {
    let hub = EventHub()
    let first = hub.listen()
    let second = hub.listen()
    #expect(hub.listenerCount == 2)
    for index in 0..<1_000 { hub.publish(.quarantine(API.QuarantineEvent(id: "\(index)"))) }
    let task = Task { for await _ in second { break } }
    await task.value
    #expect(await eventually { hub.listenerCount == 2 })
    hub.close()
    var received: [String] = []
    for await event in first { if case .quarantine(let entry) = event { received.append(entry.id) } }
    #expect(received.count == 256 && received.last == "999" && received.first == "744")
    #expect(hub.listenerCount == 0)
    let cancelled = Task { for await _ in hub.listen() {} }
    #expect(await eventually { hub.listenerCount == 1 })
    cancelled.cancel()
    #expect(await eventually { hub.listenerCount == 0 })
  }
}
