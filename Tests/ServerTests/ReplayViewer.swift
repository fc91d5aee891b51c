import Cryptography
import DeviceSimulator
import Foundation
import HTTPAPI
import Logging
import MediaTime
import Testing

@testable import Server

/// Runs simulated peers while `body` works.
enum SimulatedPeers {
  static func with(_ fleet: FleetDescription, _ body: (SimulatedFleet) async throws -> Void) async throws {
    let fleet = SimulatedFleet(fleet, logger: Logger(label: "test") { _ in SilentLog() })
    let running = Task { try await fleet.run() }
    do { try await body(fleet) } catch {
      running.cancel()
      _ = try? await running.value
      throw error
    }
    running.cancel()
    try await running.value
  }
}

/// The viewer of one replay: what it is told and shown.
actor ReplayViewer {
  struct Position: Sendable {
    var wall: WallTime
    var media: Double
    var rate: Double
  }

  private let socket: WebSocket
  /// Every beginning opens another one.
  private var sections: [[UInt8]] = []
  private var positions: [Position] = []

  init(_ server: RunningServer, _ session: API.MediaSessionOpened) async throws {
    socket = try await server.http.webSocket(session.urls.websocket)
  }

  func forget() {
    positions = []
  }

  private func next() async throws -> String? {
    switch try await socket.next() {
    case .binary(let bytes):
      if boxTypes(bytes).contains("ftyp") { sections.append([]) }
      if !sections.isEmpty { sections[sections.count - 1] += bytes }
      return nil
    case .text(let text):
      note(text)
      return text
    case .close: throw HTTPClient.Failure(description: "closed")
    }
  }

  private func note(_ text: String) {
    guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
      object["type"] as? String == "position",
      let wall = (object["wall"] as? String).flatMap({ WallTime(rfc3339: $0) }),
      let media = object["media"] as? Double, let rate = object["rate"] as? Double
    else { return }
    positions.append(Position(wall: wall, media: media, rate: rate))
  }

  /// The first position, told or to be told, that fits.
  func position(_ fits: @Sendable (Position) -> Bool) async throws -> Position {
    while true {
      if let found = positions.first(where: fits) { return found }
      _ = try await next()
    }
  }

  /// Waits for whatever comes next.
  func anything() async throws { _ = try await next() }

  @discardableResult
  func text(containing word: String) async throws -> String {
    while true {
      if let text = try await next(), text.contains(word) { return text }
    }
  }

  /// Wall time per second of the player's time, once it is steady.
  func slope(atRate rate: Double) async throws -> Double {
    var settled = 0
    while true {
      let pairs = Array(positions.filter { $0.rate == rate }.suffix(5))
      if pairs.count == 5, settled >= 12 {
        return (pairs[4].wall - pairs[0].wall).inSeconds / (pairs[4].media - pairs[0].media)
      }
      _ = try await next()
      settled = positions.filter { $0.rate == rate }.count
    }
  }

  /// The seconds that the decoded pictures show, in order, repeats left out.
  func shown() async throws -> [Int64] {
    var all: [Int64] = []
    for section in sections { all += try await Decoded.seconds(of: section) }
    return all.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  func lastSection() async throws -> [Int64] { try await Decoded.seconds(of: sections.last ?? []) }

  func lastSectionIsConsecutive() async throws -> Bool {
    let seconds = try await lastSection()
    return seconds.count > 5 && zip(seconds, seconds.dropFirst()).allSatisfy { $0 + 1 == $1 }
  }
}

/// What a decoder that shares no code with us makes of an MP4.
enum Decoded {
  static func seconds(of mp4: [UInt8]) async throws -> [Int64] {
    let raw = try await run(
      "ffmpeg", ["-nostdin", "-loglevel", "quiet", "-i", "IN", "-f", "rawvideo", "-pix_fmt", "gray", "-"], mp4
    )
    let size = ClockPicture.width * ClockPicture.height
    var seconds: [Int64] = []
    for start in stride(from: 0, to: raw.count - size + 1, by: size) {
      guard let second = ClockPicture.second(inLuma: Array(raw[start..<start + size])) else { continue }
      if seconds.last != second { seconds.append(second) }
    }
    return seconds
  }

  static func duration(of mp4: [UInt8]) async throws -> Double {
    let text = try await run(
      "ffprobe", ["-v", "quiet", "-show_entries", "format=duration", "-of", "csv=p=0", "IN"], mp4)
    let words = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return try #require(Double(words))
  }

  /// SHA-256 as lower-case hexadecimal digits.
  static func digest(of bytes: [UInt8]) -> String {
    Hash.sha256.digest(bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func run(_ tool: String, _ arguments: [String], _ input: [UInt8]) async throws -> [UInt8] {
    try await offPool {
      let path = NSTemporaryDirectory() + "tributary-decode-" + UUID().uuidString + ".mp4"
      defer { try? FileManager.default.removeItem(atPath: path) }
      try Data(input).write(to: URL(fileURLWithPath: path))
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [tool] + arguments.map { $0 == "IN" ? path : $0 }
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return Array(output)
    }
  }
}
