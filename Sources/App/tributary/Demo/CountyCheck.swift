import Codec
import Cryptography
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Recording
import Server

/// What one level alone does: live, record, replay, export.
struct CountyCheck: Sendable {
  let http: LocalHTTP
  /// Devices that are online when all is well.
  let devices: Int

  func devicesOnline() async throws -> String {
    let wanted = Set(DemoFleet.sound.map(\.id.text))
    return try await awaited(seconds: 60, "after 60 s not all devices are online") {
      let all = try await get("/api/v1/devices", API.Page<API.Device>.self).items
      let online = all.filter { wanted.contains($0.id) && $0.status == .online }
      guard online.count == wanted.count else { return nil }
      return online.map { "\($0.id.suffix(4)) \($0.transport ?? "")" }.joined(separator: ", ")
    }
  }

  /// The cameras that work.
  func catalogs() async throws -> [API.Channel] {
    let wanted = Set(DemoFleet.sound.map(\.id.text))
    return try await awaited(seconds: 60, "after 60 s not all cameras are in the catalogs") {
      let found = try await get("/api/v1/channels?limit=200", API.Page<API.Channel>.self).items
        .filter { wanted.contains($0.device) && $0.playable && $0.status == .online }
      return found.count == RunningDemo.cameraCount ? found : nil
    }
  }

  private func get<Value: Decodable & Sendable>(_ path: String, _ type: Value.Type) async throws -> Value {
    try await apart { try http.request("GET", path).json(type) }
  }

  func hls(_ camera: API.Channel) throws -> String {
    let session = try PictureCheck(http: http).open(camera, nil)
    defer { _ = try? http.request("DELETE", "/api/v1/media-sessions/\(session.session)") }
    let path = session.urls.hls ?? ""
    let base = path.split(separator: "/").dropLast().joined(separator: "/")
    var list = ""
    for _ in 0..<150 {
      let answer = try http.request("GET", path)
      list = answer.text
      if answer.status == 200, list.contains("segment-") { break }
      Thread.sleep(forTimeInterval: 0.2)
    }
    let names = list.split(separator: "\n").map(String.init)
    guard
      let map = names.first(where: { $0.hasPrefix("#EXT-X-MAP") })?.split(separator: "\"").dropFirst().first,
      let segment = names.last(where: { $0.hasPrefix("segment-") })
    else { throw Expectation(description: "the playlist names nothing: \(list.prefix(200))") }
    let bytes =
      try http.request("GET", "/\(base)/\(map)").body + http.request("GET", "/\(base)/\(segment)").body
    let report = try MediaProbe.inspect(bytes: bytes)
    try expect((report.video?.decoded ?? 0) > 20 && report.errors == 0, "the segment does not decode")
    return "\(report.video?.decoded ?? 0) pictures in \(segment)"
  }

  func still(_ camera: API.Channel) throws -> String {
    let answer = try http.request("GET", "/api/v1/channels/\(camera.id)/snapshot.jpg")
    try expect(answer.status == 200, "answered \(answer.status) \(answer.text.prefix(200))")
    try expect(answer.body.starts(with: [0xFF, 0xD8, 0xFF]), "that is no JPEG")
    return "\(answer.body.count) bytes of JPEG"
  }

  /// Waits for so many seconds without a hole.
  func recorded(_ camera: API.Channel, seconds: Int) async throws -> WallInterval {
    try await awaited(seconds: 60, "after 60 s there are no \(seconds) s of recording") {
      let now = SystemClock.wall()
      let (from, to) = ((now - .seconds(3_600)).rfc3339, (now + .seconds(5)).rfc3339)
      let timeline = try await get(
        "/api/v1/channels/\(camera.id)/timeline?from=\(from)&to=\(to)", API.Timeline.self)
      let spans = timeline.recorded.map { WallInterval($0.from.wall, $0.to.wall) }
      guard let span = spans.max(by: { $0.duration < $1.duration }), span.duration > .seconds(Int64(seconds))
      else { return nil }
      let totals = timeline.totals
      let sum = totals.recordedSeconds + totals.explainedSeconds + totals.unknownSeconds
      try expect(abs(sum - totals.plannedSeconds) < 0.01, "recorded, explained and unknown do not add up")
      try expect(
        totals.unknownSeconds < 0.01, "\(totals.unknownSeconds) planned seconds have no explanation")
      return span
    }
  }

  func replay(_ camera: API.Channel, _ span: WallInterval, rate: Double? = nil) throws -> String {
    let answer = try http.request(
      "POST", "/api/v1/channels/\(camera.id)/playback",
      json: API.PlaybackRequest(from: API.Time(span.start), to: API.Time(span.end), purpose: "demo check"))
    try expect(answer.status < 300, "the replay was refused: \(answer.status) \(answer.text.prefix(200))")
    let session = try answer.json(API.MediaSessionOpened.self)
    defer { _ = try? http.request("DELETE", "/api/v1/media-sessions/\(session.session)") }
    if let rate {
      let change = try http.request(
        "PATCH", "/api/v1/media-sessions/\(session.session)", json: API.PlaybackControl(rate: rate))
      try expect(change.status == 200, "the rate was refused: \(change.status)")
    }
    let (bytes, _) = try http.stream(session.urls.fmp4, seconds: 3)
    let report = try MediaProbe.inspect(bytes: bytes)
    guard let video = report.video else { throw Expectation(description: "no picture") }
    try expect(report.errors == 0, "\(report.errors) packets could not be decoded")
    let least = rate == nil ? 50 : 100
    try expect(video.decoded >= least, "only \(video.decoded) pictures in 3 s")
    return "\(video.decoded) pictures in 3 s"
  }

  /// The device's list, and a replay that shows the right picture.
  func onBoard(_ camera: API.Channel) throws -> String {
    let now = SystemClock.wall()
    let (from, to) = (now - .seconds(3_600), now - .seconds(1_800))
    let list = try http.request(
      "GET", "/api/v1/channels/\(camera.id)/records?from=\(from.rfc3339)&to=\(to.rfc3339)&source=device"
    ).json(API.RecordList.self)
    try expect(list.complete && !list.records.isEmpty, "the recorder lists nothing")
    let answer = try http.request(
      "POST", "/api/v1/channels/\(camera.id)/playback",
      json: API.PlaybackRequest(
        from: API.Time(from), to: API.Time(to), source: "device", purpose: "demo check"))
    try expect(answer.status < 300, "the replay was refused: \(answer.status) \(answer.text.prefix(200))")
    let session = try answer.json(API.MediaSessionOpened.self)
    defer { _ = try? http.request("DELETE", "/api/v1/media-sessions/\(session.session)") }
    let (bytes, _) = try http.stream(session.urls.fmp4, seconds: 4)
    let report = try MediaProbe.inspect(bytes: bytes)
    guard let video = report.video else { throw Expectation(description: "no picture") }
    try expect(report.errors == 0, "\(report.errors) packets could not be decoded")
    try expect(video.decoded >= 20, "only \(video.decoded) pictures in 4 s")
    return "\(list.records.count) recordings in half an hour, \(video.decoded) pictures in 4 s"
  }

  func export(_ camera: API.Channel, _ span: WallInterval) throws -> String {
    let path = "/api/v1/channels/\(camera.id)/export.mp4?from=\(span.start.rfc3339)&to=\(span.end.rfc3339)"
    let answer = try http.request("GET", path)
    try expect(answer.status == 200, "answered \(answer.status) \(answer.text.prefix(200))")
    let digest = Data(Hash.sha256.digest(answer.body)).base64EncodedString()
    try expect(
      answer.headers["digest"] == "sha-256=\(digest)", "the Digest header does not belong to the bytes")
    let part = try http.request("GET", path, headers: ["Range": "bytes=100-299"])
    try expect(
      part.status == 206 && part.body == Array(answer.body[100..<300]),
      "a range is not the same part of the file")
    let report = try MediaProbe.inspect(bytes: answer.body)
    guard let video = report.video else { throw Expectation(description: "no picture") }
    let seconds = span.duration.inSeconds
    try expect(report.errors == 0, "\(report.errors) packets could not be decoded")
    try expect(video.decoded == video.packets, "\(video.packets - video.decoded) pictures are damaged")
    try expect(
      Double(video.decoded) > seconds * 25 * 0.7, "only \(video.decoded) pictures for \(Int(seconds)) s")
    try expect(video.longestStep < 2, "a hole of \(video.longestStep) s inside")
    return "\(answer.body.count) bytes, \(video.decoded) pictures"
      + (report.audio.map { ", sound \($0.codec)" } ?? "") + ", SHA-256 and range agree"
  }

  func figures() throws -> String {
    let health = try http.request("GET", "/api/v1/health").json(API.Health.self)
    try expect(health.devices.online == devices, "health counts \(health.devices.online) devices online")
    let metrics = try http.request("GET", "/metrics").text
    try expect(metrics.contains("tributary_recording_active"), "the metrics lack the recorder")
    return
      "\(health.recorder.writing) cameras recorded at \(Int(health.recorder.bytesPerSecond * 8 / 1_000)) kbit/s"
  }
}
