import Foundation
import GBCore
import Glibc
import Logging
import MediaTime
import Recording
import Registry
import Server
import ServiceLifecycle

/// One level of the demo.
struct DemoLevel: Sendable {
  let name: String
  let runtime: ServerRuntime

  var id: DeviceID { runtime.configuration.platform.id }
  var host: String { runtime.configuration.http.host }
  var url: String { "http://\(host):\(runtime.addresses.http)" }
  var sip: (host: String, port: Int) { (runtime.configuration.sip.host, runtime.addresses.sip) }
}

/// Three levels above each other with simulated devices, each with an address of its own on the loopback interface:
/// browsers keep their sessions apart by address, and platforms know each other by it.
struct DemoScene: Sendable {
  /// From the top. Codes of a province, a city and a county of it.
  private static let plans: [(name: String, title: String, code: String)] = [
    ("region", "Example Region", "34000000002000000001"), ("city", "Example City", "34020000002000000001"),
    ("county", "Example County", DemoFleet.county.text),
  ]

  let folder: String
  /// 1 is the county alone.
  let levels: Int
  /// Nil takes 8080 where nobody has it, otherwise any free one; 0 any free one.
  let httpPort: Int?

  /// Starts the levels, joins and grants, and starts the devices.
  func start() async throws -> RunningDemo {
    var running: [DemoLevel] = []
    for (index, plan) in Self.plans.suffix(levels).enumerated() {
      running.append(
        DemoLevel(name: plan.name, runtime: try await runtime(plan, host: "127.0.0.\(index + 1)")))
    }
    let password = "demo-\(UInt32.random(in: 100_000...999_999))"
    let demo = RunningDemo(levels: running, fleet: DemoFleet(folder: folder, password: password))
    try await demo.start()
    return demo
  }

  private func runtime(
    _ plan: (name: String, title: String, code: String), host: String
  ) async throws -> ServerRuntime {
    var configuration = ServerConfiguration()
    guard let id = DeviceID(plan.code) else { throw StartError("\(plan.code) is no code") }
    configuration.platform.id = id
    configuration.platform.name = plan.title
    configuration.platform.realm = String(plan.code.prefix(10))
    configuration.data = levels == 1 ? folder : "\(folder)/\(plan.name)"
    configuration.http = .init(host: host, port: httpPort ?? Self.preferredPort(host))
    configuration.sip = .init(host: host, port: 0)
    configuration.media = .init(host: host, port: 0)
    configuration.metrics = nil
    try FileManager.default.createDirectory(
      atPath: configuration.data, withIntermediateDirectories: true)
    var options = ServerRuntime.Options()
    options.isDemo = true
    options.reserveBytes = 512 << 20
    return try await ServerRuntime(
      configuration: configuration, options: options, logger: Logger(label: "tributary.\(plan.name)"))
  }

  /// 8080 when nobody has it, otherwise any free one.
  private static func preferredPort(_ host: String) -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { return 0 }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(8_080).bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return result == 0 ? 8_080 : 0
  }
}
