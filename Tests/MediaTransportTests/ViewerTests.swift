import Glibc
import MPEGCore
import MediaTime
import MediaTransport
import Streaming
import Synchronization
import TestSupport
import Testing
import WireBytes

@Suite struct ViewerTests {
  /// The media bytes of a WebSocket viewer.
  private func media(_ messages: [TestViewer.Message]) -> [UInt8] {
    messages.filter { $0.opcode == 2 }.flatMap(\.content)
  }

  @Test(
    "What a WebSocket viewer gets decodes to the pictures that were sent",
    arguments: [MediaCodec.h264, .h265])
  func webSocket(codec: MediaCodec) async throws {
    let (units, formats) = try clip(codec)
    let running = try RunningPlane()
    let (lease, _) = try running.open(100)
    let viewer = TestViewer()
    running.plane.attachViewer(
      lease.stream, socket: viewer.given, framing: .webSocket, preamble: Array("HEAD".utf8))
    let camera = TestCamera(udp: lease.port, ssrc: 100, formats: formats)
    for unit in units.prefix(50) {
      camera.send([unit])
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(await eventually { viewer.messages(skipping: 4).count(where: \.isPicture) == 50 })
    #expect(viewer.bytes.prefix(4) == Array("HEAD".utf8)[...])
    let messages = viewer.messages(skipping: 4)
    #expect(
      messages[0].text.hasPrefix("{\"type\":\"tracks\",\"codecs\":\"\(codec == .h264 ? "avc1." : "hvc1.")"))
    #expect(messages[0].text.contains("\"width\":320,\"height\":240,\"audio\":false"))
    #expect(messages[1].content[4..<8].elementsEqual(Array("ftyp".utf8)))
    #expect(messages[2].isKeyPicture)
    let source = try #require(codec == .h264 ? TestMedia.h264 : TestMedia.h265)
    let expected = TestMedia.decodedPictures(annexB(units.prefix(50)))
    #expect(source.count >= 50 && expected.count == 50)
    #expect(TestMedia.decodedPictures(media(messages)) == expected)
  }

  private func annexB(_ units: some Sequence<AccessUnit>) -> [UInt8] {
    var bytes: [UInt8] = []
    for unit in units { unit.payload.withBytes { AnnexB.append(lengthPrefixed: $0, to: &bytes) } }
    return bytes
  }

  @Test("A chunked HTTP viewer gets the same pictures and the last chunk")
  func chunked() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let stream = running.plane.openPush(label: "replay")
    let (chunked, raw) = (TestViewer(), TestViewer())
    running.plane.attachViewer(
      stream, socket: chunked.given, framing: .chunkedHTTP, preamble: Array("HEAD".utf8))
    running.plane.attachViewer(stream, socket: raw.given, framing: .raw, preamble: [])
    running.plane.push(stream, formats: formats, units: Array(units.prefix(25)))
    running.plane.push(stream, formats: nil, units: Array(units[25..<50]))
    #expect(
      await eventually {
        raw.read()
        return chunked.body(skipping: 4).bytes.count == raw.bytes.count && raw.bytes.count > 50_000
      })
    running.plane.close(stream, .senderEnded)
    #expect(
      await eventually {
        raw.read()
        return chunked.body(skipping: 4).isComplete && raw.isClosed && chunked.isClosed
      })
    #expect(chunked.body(skipping: 4).bytes == raw.bytes)
    #expect(TestMedia.decodedPictures(raw.bytes) == TestMedia.decodedPictures(annexB(units.prefix(50))))
  }

  @Test("A viewer that comes late starts at the latest key frame")
  func joinsAtKeyFrame() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(101)
    let camera = TestCamera(udp: lease.port, ssrc: 101, formats: formats)
    for unit in units.prefix(40) {
      camera.send([unit])
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(await eventually { sink.pictures.count == 40 })
    let viewer = TestViewer()
    running.plane.attachViewer(lease.stream, socket: viewer.given, framing: .webSocket, preamble: [])
    #expect(await eventually { viewer.messages().count(where: \.isPicture) == 15 })
    #expect(viewer.messages()[2].isKeyPicture)
    #expect(TestMedia.decodedPictures(media(viewer.messages())).count == 15)
  }

  @Test("A slow viewer loses whole groups, is told how many, and goes on at a key frame")
  func slow() async throws {
    let running = try RunningPlane()
    let stream = running.plane.openPush(label: "flood")
    let viewer = TestViewer(bufferBytes: 4_096)
    running.plane.attachViewer(stream, socket: viewer.given, framing: .webSocket, preamble: [])
    let (_, formats) = try clip()
    running.plane.push(stream, formats: formats, units: [])
    var index = 0
    for _ in 0..<60 {
      let group = (0..<10).map { TestMedia.picture(at: index + $0, isKey: $0 == 0, bytes: 8_000) }
      index += 10
      running.plane.push(stream, formats: nil, units: group)
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(
      await eventually {
        running.plane.snapshot().streams.first { $0.id == stream }?.viewers.first.map { $0.droppedGroups > 0 }
          ?? false
      })
    // The viewer wakes up; the stream goes on.
    #expect(
      await eventually {
        let group = (0..<10).map { TestMedia.picture(at: index + $0, isKey: $0 == 0, bytes: 8_000) }
        index += 10
        running.plane.push(stream, formats: nil, units: group)
        let messages = viewer.messages()
        return messages.last.map(\.isPicture) ?? false
          && messages.contains { $0.opcode == 1 && $0.text.contains("dropped") }
      })
    let messages = viewer.messages()
    // Wherever something was left out, and at the start, the next picture is a key frame.
    var isDecodable = true
    for (before, after) in zip(messages, messages.dropFirst()) where after.isPicture && !before.isPicture {
      isDecodable = isDecodable && after.isKeyPicture
    }
    #expect(isDecodable)
    let notices = messages.filter { $0.opcode == 1 }.map(\.text)
    #expect(notices.contains { $0.hasPrefix("{\"type\":\"dropped\",\"groups\":") })
  }

  @Test("Pushed formats restart viewers with a reset, texts keep their place, and the end is announced")
  func pushed() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let stream = running.plane.openPush(label: "replay")
    let viewer = TestViewer()
    running.plane.attachViewer(stream, socket: viewer.given, framing: .webSocket, preamble: [])
    running.plane.sendText(stream, "{\"type\":\"gap\"}")
    running.plane.push(stream, formats: formats, units: Array(units.prefix(3)))
    running.plane.sendText(stream, "{\"type\":\"position\"}")
    running.plane.push(stream, formats: formats, units: Array(units[50..<52]))
    running.plane.close(stream, .senderEnded)
    #expect(await eventually { viewer.messages().last?.opcode == 8 })
    let kinds = viewer.messages().map { message in
      switch message.opcode {
      case 1: String(message.text.dropFirst(9).prefix { $0 != "\"" })
      case 2: message.isPicture ? (message.isKeyPicture ? "key" : "delta") : "init"
      default: "close"
      }
    }
    #expect(
      kinds == [
        "gap", "tracks", "init", "key", "delta", "delta", "position", "reset", "init", "key", "delta",
        "close",
      ])
    #expect(
      await eventually {
        running.log.contains {
          if case .viewerClosed(_, stream, _, .streamEnded) = $0 { true } else { false }
        }
      })
  }

  @Test("A ping is answered, a close is honoured, and nonsense closes the connection")
  func clientFrames() async throws {
    let running = try RunningPlane()
    let stream = running.plane.openPush(label: "quiet")
    let (polite, rude) = (TestViewer(), TestViewer())
    let first = running.plane.attachViewer(stream, socket: polite.given, framing: .webSocket, preamble: [])
    let second = running.plane.attachViewer(stream, socket: rude.given, framing: .webSocket, preamble: [])
    polite.sendFrame(9, Array("hello".utf8))
    #expect(await eventually { polite.messages().first == .init(opcode: 10, content: Array("hello".utf8)) })
    polite.sendFrame(8, [0x03, 0xE8])
    #expect(await eventually { polite.messages().last?.opcode == 8 && polite.isClosed })
    rude.send(Array("GET / HTTP/1.1\r\n".utf8))
    #expect(
      await eventually { rude.messages().last == .init(opcode: 8, content: [0x03, 0xEA]) && rude.isClosed })
    #expect(
      await eventually {
        running.log.contains { if case .viewerClosed(first, _, _, .left) = $0 { true } else { false } }
          && running.log.contains {
            if case .viewerClosed(second, _, _, .protocolViolation) = $0 { true } else { false }
          }
      })
  }

  @Test("A viewer that leaves, one that is detached and one that takes nothing are all reported")
  func leaving() async throws {
    let (_, formats) = try clip()
    let running = try RunningPlane { $0.stuckViewerTimeout = .milliseconds(200) }
    let stream = running.plane.openPush(label: "any")
    let viewers = (0..<3).map { _ in TestViewer(bufferBytes: 4_096) }
    let ids = viewers.map {
      running.plane.attachViewer(stream, socket: $0.given, framing: .raw, preamble: [])
    }
    viewers[0].hangUp()
    running.plane.detachViewer(ids[1])
    let sink = CollectingSink()
    running.plane.attachSink(stream, sink, fromCache: false)
    running.plane.push(
      stream, formats: formats,
      units: (0..<200).map { TestMedia.picture(at: $0, isKey: $0 % 50 == 0, bytes: 20_000) })
    func ended(_ id: ViewerID, _ reason: ViewerEnd) -> Bool {
      running.log.contains { if case .viewerClosed(id, stream, _, reason) = $0 { true } else { false } }
    }
    #expect(await eventually { ended(ids[0], .left) && ended(ids[1], .detached) && ended(ids[2], .stuck) })
    #expect(sink.pictures.count == 200)
  }

  @Test("G.711 reaches a viewer as AAC when there is a transcoder, and is left out when there is none")
  func sound() async throws {
    let (units, formats) = try clip()
    let sound = TrackFormat(codec: .g711A, sampleRate: 8_000, channels: 1)
    for hasTranscoder in [true, false] {
      let running = try RunningPlane {
        if hasTranscoder { $0.makeAudioTranscoder = { _ in PretendTranscoder() } }
      }
      let (lease, sink) = try running.open(110)
      let viewer = TestViewer()
      running.plane.attachViewer(lease.stream, socket: viewer.given, framing: .webSocket, preamble: [])
      let camera = TestCamera(udp: lease.port, ssrc: 110, formats: formats + [sound])
      // The demultiplexer announces new sound with a key frame: the second one at the latest.
      for unit in units.prefix(45) {
        let block = AccessUnit(
          codec: .g711A, isKeyFrame: true, pts: unit.pts, dts: unit.dts, arrival: unit.arrival,
          payload: SharedBytes([UInt8](repeating: 0xD5, count: 320)))
        camera.send([unit, block])
        try await Task.sleep(for: .milliseconds(1))
      }
      #expect(
        await eventually { sink.pictures.count >= 44 && viewer.messages().count(where: \.isPicture) >= 44 })
      func sounds() -> Int {
        viewer.messages().count { $0.opcode == 2 && $0.content.count > 47 && $0.content[47] == 2 }
      }
      if hasTranscoder { #expect(await eventually { sounds() > 10 }) } else { #expect(sounds() == 0) }
      let tracks = try #require(viewer.messages().last { $0.opcode == 1 }).text
      #expect(tracks.contains("\"audio\":\(hasTranscoder)"))
      #expect(tracks.contains("mp4a.40.2") == hasTranscoder)
      #expect(sink.record.units.contains { $0.codec == .g711A })
    }
  }
}

/// Answers each block with as many bytes under another name.
private final class PretendTranscoder: AudioTranscoding {
  let format = TrackFormat(codec: .aac, sampleRate: 8_000, channels: 1, audioConfig: [0x15, 0x88])

  func transcode(_ unit: AccessUnit) -> [AccessUnit] {
    [
      AccessUnit(
        codec: .aac, isKeyFrame: true, pts: unit.pts, dts: unit.dts, arrival: unit.arrival,
        payload: unit.payload)
    ]
  }
}
