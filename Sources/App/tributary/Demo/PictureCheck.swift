import Codec
import Foundation
import HTTPAPI

/// Opens live pictures as a browser does and decodes them.
struct PictureCheck: Sendable {
  let http: LocalHTTP
  /// Why they are opened.
  var purpose = "demo check"

  func open(_ camera: API.Channel, _ codecs: [String]?) throws -> API.MediaSessionOpened {
    let answer = try http.request(
      "POST", "/api/v1/channels/\(camera.id)/live",
      json: API.LiveRequest(purpose: purpose, codecs: codecs))
    try expect(answer.status < 300, "the picture was refused: \(answer.status) \(answer.text.prefix(200))")
    return try answer.json(API.MediaSessionOpened.self)
  }

  /// What a picture must be.
  struct Wanted: Sendable {
    let codec: String
    /// Pictures in a second at least.
    var rate = 12
    var hasSound = false
  }

  /// Watches for some seconds.
  ///
  /// - Returns: the seconds until the first byte of the picture, and what was seen.
  func live(
    _ camera: API.Channel, codecs: [String]?, _ wanted: Wanted, seconds: Int = 3
  ) throws -> (Double, String) {
    let begin = Date()
    let session = try open(camera, codecs)
    defer { _ = try? http.request("DELETE", "/api/v1/media-sessions/\(session.session)") }
    let asked = Date().timeIntervalSince(begin)
    let (bytes, first) = try http.stream(session.urls.fmp4, seconds: Double(seconds))
    let report = try MediaProbe.inspect(bytes: bytes)
    guard let video = report.video, let first else {
      throw Expectation(description: "no picture in \(bytes.count) bytes")
    }
    try expect(video.codec == wanted.codec, "the picture is \(video.codec), not \(wanted.codec)")
    try expect(report.errors == 0, "\(report.errors) packets could not be decoded")
    try expect(
      video.decoded >= seconds * wanted.rate, "only \(video.decoded) pictures in \(seconds) s")
    try expect(
      video.distinct >= video.decoded / 2,
      "the picture stands still: \(video.distinct) of \(video.decoded) differ")
    if wanted.hasSound {
      try expect((report.audio?.decodedSamples ?? 0) > seconds * 4_000, "the sound is missing")
    }
    return (
      asked + first,
      "\(video.decoded) pictures \(video.width)×\(video.height) \(video.codec)"
        + (report.audio.map { ", sound \($0.codec)" } ?? "")
        + ", first byte after \(Int((asked + first) * 1_000)) ms"
    )
  }
}
