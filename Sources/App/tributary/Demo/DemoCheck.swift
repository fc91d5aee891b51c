import Codec
import Cryptography
import Foundation
import HTTPAPI
import MediaTime
import Server

/// What `demo --check` proves, over the same HTTP interface that a browser uses.
struct DemoCheck: Sendable {
  let demo: RunningDemo
  let report: StepReport

  private struct Expectation: Error, CustomStringConvertible {
    let description: String
  }

  func run() async {
    var http = LocalHTTP(port: demo.runtime.addresses.http)
    let signedIn = await report.step("sign-in by single-use link") {
      let link = try await demo.runtime.firstRunLink()
      let token = String(link.split(separator: "/").last ?? "")
      let answer = try http.request(
        "POST", "/api/v1/session", json: API.SignIn(firstRunToken: token))
      try expect(answer.status < 300, "the link was refused: \(answer.status) \(answer.text.prefix(200))")
      http.token = try answer.json(API.SignedInSession.self).token
      let again = try http.request("POST", "/api/v1/session", json: API.SignIn(firstRunToken: token))
      try expect(again.status == 401, "the link worked twice: \(again.status)")
      return "signed in; the link works once"
    }
    guard signedIn else { return }
    let client = http
    await report.step("devices online") { try await devicesOnline(client) }
    var channels: [API.Channel] = []
    let found = await report.step("catalogs arrived") {
      channels = try await catalogs(client)
      return "\(channels.count) cameras, for example “\(channels.first?.name ?? "")”"
    }
    guard found, let camera = channels.first(where: { $0.device == "34020000001180000001" }) else { return }
    await report.step("live H.264 with sound, decoded") {
      try live(client, camera, codecs: ["avc1", "mp4a", "hvc1"], expected: "h264")
    }
    if let modern = channels.first(where: { $0.device == "34020000001110000003" }) {
      await report.step("live H.265, untouched") {
        try live(client, modern, codecs: ["avc1", "mp4a", "hvc1"], expected: "hevc")
      }
      await report.step("live H.265, transcoded for a browser without it") {
        try live(client, modern, codecs: ["avc1", "mp4a"], expected: "h264")
      }
    }
    if let tcp = channels.first(where: { $0.device == "34020000001110000004" }) {
      await report.step("live over TCP after UDP was refused") {
        try live(client, tcp, codecs: nil, expected: "h264")
      }
    }
    await report.step("live as HLS") { try await hls(client, camera) }
    await report.step("still picture") { try still(client, camera) }
    var span: (WallTime, WallTime)?
    await report.step("recorded without a hole") {
      let recorded = try await recorded(client, camera, seconds: 8)
      span = recorded
      return "\(Int((recorded.1 - recorded.0).inSeconds)) s recorded, every planned second explained"
    }
    guard let span else { return }
    await report.step("replayed") { try replay(client, camera, span) }
    await report.step("replayed at double speed") { try replay(client, camera, span, rate: 2) }
    await report.step("replayed from the recorder's own disk") { try onBoard(client, camera) }
    await report.step("exported and checked") { try export(client, camera, span) }
    await report.step("metrics and health") { try figures(client) }
  }

  // MARK: Steps

  private func devicesOnline(_ http: LocalHTTP) async throws -> String {
    var last: [API.Device] = []
    for _ in 0..<300 {
      last = try http.request("GET", "/api/v1/devices").json(API.Page<API.Device>.self).items
      if last.count == 4, last.allSatisfy({ $0.status == .online }) {
        return last.map { "\($0.id.suffix(4)) \($0.transport ?? "")" }.joined(separator: ", ")
      }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw Expectation(
      description: "after 60 s: " + last.map { "\($0.id) \($0.status)" }.joined(separator: ", "))
  }

  private func catalogs(_ http: LocalHTTP) async throws -> [API.Channel] {
    var playable: [API.Channel] = []
    for _ in 0..<300 {
      playable = try http.request("GET", "/api/v1/channels?limit=100").json(API.Page<API.Channel>.self).items
        .filter { $0.playable && $0.status == .online }
      if playable.count == 10 { return playable }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw Expectation(description: "after 60 s only \(playable.count) of 10 cameras are in the catalog")
  }

  private func open(_ http: LocalHTTP, _ camera: API.Channel, _ codecs: [String]?) throws
    -> API.MediaSessionOpened
  {
    let answer = try http.request(
      "POST", "/api/v1/channels/\(camera.id)/live",
      json: API.LiveRequest(purpose: "demo check", codecs: codecs))
    try expect(answer.status < 300, "the picture was refused: \(answer.status) \(answer.text.prefix(200))")
    return try answer.json(API.MediaSessionOpened.self)
  }

  private func live(_ http: LocalHTTP, _ camera: API.Channel, codecs: [String]?, expected: String) throws
    -> String
  {
    let begin = Date()
    let session = try open(http, camera, codecs)
    defer { _ = try? http.request("DELETE", "/api/v1/media-sessions/\(session.session)") }
    let (bytes, first) = try http.stream(session.urls.fmp4, seconds: 4)
    let report = try MediaProbe.inspect(bytes: bytes)
    guard let video = report.video else {
      throw Expectation(description: "no picture in \(bytes.count) bytes")
    }
    try expect(video.codec == expected, "the picture is \(video.codec), not \(expected)")
    try expect(report.errors == 0, "\(report.errors) packets could not be decoded")
    try expect(video.decoded >= 50, "only \(video.decoded) pictures in 4 s")
    try expect(
      video.distinct >= video.decoded / 2,
      "the picture stands still: \(video.distinct) of \(video.decoded) differ")
    if expected == "h264", codecs?.contains("hvc1") == true {
      try expect((report.audio?.decodedSamples ?? 0) > 16_000, "the sound is missing")
    }
    let wait = first.map { Int(($0 + Date().timeIntervalSince(begin) * 0) * 1_000) } ?? 0
    return "\(video.decoded) pictures \(video.width)×\(video.height) \(video.codec)"
      + (report.audio.map { ", sound \($0.codec)" } ?? "") + ", first byte after \(wait) ms"
  }

  private func hls(_ http: LocalHTTP, _ camera: API.Channel) async throws -> String {
    let session = try open(http, camera, nil)
    defer { _ = try? http.request("DELETE", "/api/v1/media-sessions/\(session.session)") }
    let path = session.urls.hls ?? ""
    let base = path.split(separator: "/").dropLast().joined(separator: "/")
    var list = ""
    for _ in 0..<60 {
      let answer = try http.request("GET", path)
      list = answer.text
      if answer.status == 200, list.contains("segment-") { break }
      try await Task.sleep(for: .milliseconds(500))
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

  private func still(_ http: LocalHTTP, _ camera: API.Channel) throws -> String {
    let answer = try http.request("GET", "/api/v1/channels/\(camera.id)/snapshot.jpg")
    try expect(answer.status == 200, "answered \(answer.status) \(answer.text.prefix(200))")
    try expect(answer.body.starts(with: [0xFF, 0xD8, 0xFF]), "that is no JPEG")
    return "\(answer.body.count) bytes of JPEG"
  }

  private func recorded(_ http: LocalHTTP, _ camera: API.Channel, seconds: Double) async throws -> (
    WallTime, WallTime
  ) {
    var last: API.Timeline?
    for _ in 0..<300 {
      let now = SystemClock.wall()
      let from = (now - .seconds(3_600)).rfc3339
      let to = (now + .seconds(5)).rfc3339
      let timeline = try http.request("GET", "/api/v1/channels/\(camera.id)/timeline?from=\(from)&to=\(to)")
        .json(API.Timeline.self)
      last = timeline
      if let span = timeline.recorded.max(by: { $0.to.wall - $0.from.wall < $1.to.wall - $1.from.wall }),
        span.to.wall - span.from.wall > .seconds(Int64(seconds))
      {
        let totals = timeline.totals
        let sum = totals.recordedSeconds + totals.explainedSeconds + totals.unknownSeconds
        try expect(abs(sum - totals.plannedSeconds) < 0.01, "recorded, explained and unknown do not add up")
        try expect(
          totals.unknownSeconds < 0.01, "\(totals.unknownSeconds) planned seconds have no explanation")
        return (span.from.wall, span.to.wall)
      }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw Expectation(
      description: "after 60 s: \(last.map { "\($0.recorded.count) spans" } ?? "no timeline")")
  }

  private func replay(
    _ http: LocalHTTP, _ camera: API.Channel, _ span: (WallTime, WallTime), rate: Double? = nil
  ) throws -> String {
    let answer = try http.request(
      "POST", "/api/v1/channels/\(camera.id)/playback",
      json: API.PlaybackRequest(from: API.Time(span.0), to: API.Time(span.1), purpose: "demo check"))
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
  private func onBoard(_ http: LocalHTTP, _ camera: API.Channel) throws -> String {
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

  private func export(_ http: LocalHTTP, _ camera: API.Channel, _ span: (WallTime, WallTime)) throws -> String
  {
    let path = "/api/v1/channels/\(camera.id)/export.mp4?from=\(span.0.rfc3339)&to=\(span.1.rfc3339)"
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
    let seconds = (span.1 - span.0).inSeconds
    try expect(report.errors == 0, "\(report.errors) packets could not be decoded")
    try expect(video.decoded == video.packets, "\(video.packets - video.decoded) pictures are damaged")
    try expect(
      Double(video.decoded) > seconds * 25 * 0.7, "only \(video.decoded) pictures for \(Int(seconds)) s")
    try expect(video.longestStep < 2, "a hole of \(video.longestStep) s inside")
    return "\(answer.body.count) bytes, \(video.decoded) pictures"
      + (report.audio.map { ", sound \($0.codec)" } ?? "") + ", SHA-256 and range agree"
  }

  private func figures(_ http: LocalHTTP) throws -> String {
    let health = try http.request("GET", "/api/v1/health").json(API.Health.self)
    try expect(health.devices.online == 4, "health counts \(health.devices.online) devices online")
    let metrics = try http.request("GET", "/metrics").text
    try expect(metrics.contains("tributary_recording_active"), "the metrics lack the recorder")
    return
      "\(health.recorder.writing) cameras recorded at \(Int(health.recorder.bytesPerSecond * 8 / 1_000)) kbit/s"
  }

  private func expect(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    if !condition { throw Expectation(description: text()) }
  }
}
