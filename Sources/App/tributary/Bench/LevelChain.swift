import Foundation
import HTTPAPI
import LoadGenerator

/// A region, a city below it and a county below that, each a server in a process of its own, free to run on every
/// processor.
final class LevelChain {
  struct Level {
    let code: String
    let server: TargetProcess
    let http: LocalHTTP
  }

  /// From the top.
  static let codes = ["34000000002000000001", "34010000002000000001", BenchIdentity.platform]
  private static let password = "bench-levels"

  let region: Level
  let city: Level
  let county: Level

  init(folder: String) throws {
    let cores = Array(Set([BenchMachine.ours, BenchMachine.load])).sorted()
    func start(_ index: Int) throws -> Level {
      let path = "\(folder)/\(index)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      var options = ServerTargetOptions(folder: path, devices: index == 2 ? 1 : 0)
      options.platform = Self.codes[index]
      let server = try TargetProcess(.server(options), cores: cores)
      return Level(code: options.platform, server: server, http: try BenchSession.signIn(server.ready))
    }
    (region, city, county) = (try start(0), try start(1), try start(2))
  }

  func end() {
    for level in [county, city, region] { level.server.end() }
  }

  /// Announces `lower` above, grants it everything there is for what is above, and lets it register.
  func join(_ lower: Level, below upper: Level) throws {
    try send(
      upper, "POST", "/api/v1/devices",
      API.NewDevice(id: lower.code, name: "Level \(lower.code.prefix(4))", password: Self.password))
    try send(
      lower, "POST", "/api/v1/grants",
      API.NewGrant(
        grantee: API.Grantee(kind: "level", name: upper.code), scope: API.GrantScope(kind: "all"),
        operations: ["live"]))
    var superior = API.NewSuperior(
      name: "Above", password: Self.password, servers: ["127.0.0.1:\(upper.server.ready.sip)"])
    (superior.transport, superior.itemsPerMessage) = ("tcp", 100)
    try send(lower, "PUT", "/api/v1/superiors/\(upper.code)", superior)
  }

  private func send(_ level: Level, _ method: String, _ path: String, _ body: any Encodable) throws {
    let answer = try level.http.request(method, path, json: body)
    guard answer.status < 300 else {
      throw LoadError("\(method) \(path) answered \(answer.status): \(answer.text.prefix(200))")
    }
  }

  /// A channel of the county as a level calls it.
  func channel(_ index: Int, at level: Level) -> String {
    let number = String(index + 1)
    let code = "3402000000132" + String(repeating: "0", count: 7 - number.count) + number
    switch level.code {
    case county.code: return "\(BenchIdentity.device(0))_\(code)"
    case city.code: return "\(county.code)_\(code)"
    default: return "\(city.code)_\(code)"
    }
  }

  /// Opens a live picture and returns its path.
  func open(_ index: Int, at level: Level) throws -> String {
    let path = "/api/v1/channels/\(channel(index, at: level))/live"
    let answer = try level.http.request("POST", path, json: API.LiveRequest(purpose: "service"))
    guard answer.status < 300 else { throw LoadError("a picture was refused: \(answer.text.prefix(200))") }
    return try answer.json(API.MediaSessionOpened.self).urls.fmp4
  }
}
