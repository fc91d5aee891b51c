import CharacterSets
import DeviceSimulator
import Foundation
import GBCore
import Glibc
import Logging
import MPEGCore
import MediaTime
import Recording
import Registry
import Server
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A small town of simulated recorders and cameras beside a real server, all on loopback.
struct DemoScene: Sendable {
  let folder: String
  let httpPort: Int

  /// 8080 when nobody has it, otherwise any free one.
  static func preferredPort() -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { return 0 }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(8_080).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return result == 0 ? 8_080 : 0
  }

  /// Starts the server, announces the devices and starts them.
  func start() async throws -> RunningDemo {
    var configuration = ServerConfiguration()
    configuration.platform.name = "Example County"
    configuration.data = folder
    configuration.http = .init(host: "127.0.0.1", port: httpPort)
    configuration.sip = .init(host: "127.0.0.1", port: 0)
    configuration.media = .init(host: "127.0.0.1", port: 0)
    configuration.metrics = nil
    var options = ServerRuntime.Options()
    options.isDemo = true
    options.reserveBytes = 512 << 20
    let runtime = try await ServerRuntime(
      configuration: configuration, options: options, logger: Logger(label: "tributary"))
    let demo = RunningDemo(runtime: runtime)
    let platform = configuration.platform.id
    try await announce(runtime)
    demo.run { [folder] sip in try Self.fleets(platform: platform, sipPort: sip, folder: folder) }
    guard await runtime.waitUntilReady() else {
      try await demo.failure()
      throw StartError("the demo's server did not start")
    }
    return demo
  }

  static let password = "demo-\(UInt32.random(in: 100_000...999_999))"

  private struct Recorder {
    let code: String
    let name: String
    let channels: [String]
    var scenes = 1
  }

  /// Devices of the demo: two recorders of the 2016 and 2022 editions, a camera with H.265, one that speaks TCP.
  private static let recorders = [
    Recorder(
      code: "34020000001180000001", name: "Harbour recorder",
      channels: ["North gate", "Ferry pier", "Fish market", "Harbour road"], scenes: 2),
    Recorder(
      code: "34020000001180000002", name: "Old town recorder 老城",
      channels: ["东门 East gate", "钟楼 Bell tower", "西街 West street", "南桥 South bridge"]),
    Recorder(code: "34020000001110000003", name: "Bridge camera H.265", channels: ["Bridge, H.265"]),
    Recorder(code: "34020000001110000004", name: "Market camera TCP", channels: ["Market, TCP only"]),
  ]

  private func announce(_ runtime: ServerRuntime) async throws {
    for recorder in Self.recorders {
      guard let id = DeviceID(recorder.code) else { continue }
      try await runtime.addDevice(
        Device(id: id, name: recorder.name, added: SystemClock.wall()), password: Self.password)
    }
  }

  static func fleets(platform: DeviceID, sipPort: Int, folder: String) throws -> [SimulatedFleet] {
    try recorders.enumerated().compactMap { index, recorder -> SimulatedFleet? in
      guard let first = DeviceID(recorder.code) else { return nil }
      var media = MediaSettings(source: .liveStreet(scenes: recorder.scenes), start: .withCachedGroup)
      media.cacheDirectory = folder + "/clips"
      switch index {
      case 2: (media.codec, media.width, media.height, media.kilobits) = (.h265, 960, 540, 1_000)
      case 3: (media.width, media.height, media.kilobits) = (960, 540, 1_000)
      default: break
      }
      var configuration = SimulatorConfiguration(
        sipPort: sipPort, platformID: platform, firstDeviceID: first, devices: 1,
        channelsPerDevice: recorder.channels.count, password: password, transport: index == 3 ? .tcp : .udp,
        edition: index == 1 ? .v2022 : .v2016, media: media, keepaliveInterval: 20)
      configuration.textCodec = .chinese
      configuration.deviceName = { _ in recorder.name }
      configuration.channelName = { _, channel, _ in recorder.channels[channel] }
      if index == 3 { configuration.mediaTransports = [.tcpPassive] }
      var fleet = try configuration.fleet()
      // The first two recorders have a day on board; one of them bears a single replay at a time.
      if index < 2 {
        var recordings = OnBoardRecordings()
        recordings.sessions = index + 1
        for peer in fleet.peers.indices { fleet.peers[peer].recordings = recordings }
      }
      return SimulatedFleet(fleet, logger: Logger(label: "simulator"))
    }
  }
}

/// The server and its cameras, running.
final class RunningDemo: Sendable {
  let runtime: ServerRuntime
  private let task = Mutex<Task<Void, any Error>?>(nil)
  private let group = Mutex<ServiceGroup?>(nil)

  init(runtime: ServerRuntime) { self.runtime = runtime }

  func run(_ fleets: @escaping @Sendable (Int) throws -> [SimulatedFleet]) {
    let cameras = CameraService(runtime: runtime, make: fleets)
    let group = ServiceGroup(
      services: [runtime, cameras], gracefulShutdownSignals: [.sigterm, .sigint],
      logger: Logger(label: "demo"))
    self.group.withLock { $0 = group }
    task.withLock { $0 = Task { try await group.run() } }
  }

  /// Waits until one camera has so many seconds of recording. False when it takes more than two minutes longer.
  func waitForRecording(seconds: Int) async -> Bool {
    for _ in 0..<(seconds + 120) * 2 {
      if await runtime.longestRecording() >= .seconds(Int64(seconds)) { return true }
      try? await Task.sleep(for: .milliseconds(500))
    }
    return false
  }

  /// True when all cameras are known and some are recorded.
  func waitForCameras(seconds: Int) async -> Bool {
    for _ in 0..<seconds * 5 {
      if runtime.playableChannels.count >= 10 { return true }
      try? await Task.sleep(for: .milliseconds(200))
    }
    return false
  }

  func stop() async {
    await group.withLock { $0 }?.triggerGracefulShutdown()
    await waitForEnd()
  }

  /// Throws what ended the demo.
  func failure() async throws {
    try await task.withLock { $0 }?.value
  }

  func waitForEnd() async {
    _ = try? await task.withLock { $0 }?.value
  }
}

/// Starts the cameras once the server serves, and puts some of them under a recording plan.
private struct CameraService: Service {
  let runtime: ServerRuntime
  let make: @Sendable (Int) throws -> [SimulatedFleet]

  func run() async throws {
    guard await runtime.waitUntilReady() else { return }
    let fleets = try make(runtime.addresses.sip)
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        for fleet in fleets {
          group.addTask {
            do { try await fleet.run() } catch is CancellationError {} catch {
              say("the simulated cameras ended: \(error)")
            }
          }
        }
        group.addTask { await plan() }
        if let first = fleets.first { group.addTask { await alarm(first) } }
        await group.waitForAll()
      }
    }
  }

  /// Three alarms of the first recorder, once there is something to show of the seconds before.
  private func alarm(_ fleet: SimulatedFleet) async {
    while await runtime.longestRecording() < .seconds(20) {
      do { try await Task.sleep(for: .seconds(1)) } catch { return }
    }
    guard let recorder = fleet.description.peers.first, recorder.channels.count >= 3 else { return }
    let alarms: [(AlarmMethod, Int, Int, String)] = [
      (.video, 2, 3, "Something moves at the pier"), (.device, 1, 2, "No picture for a moment"),
      (.video, 1, 1, "Somebody pressed the button"),
    ]
    for (channel, (method, type, priority, text)) in zip(recorder.channels, alarms) {
      fleet.raise(
        AlarmNotice(
          source: channel.id, priority: priority, method: method, type: type, time: nil, text: text),
        device: 0)
    }
  }

  /// The cameras of the first recorder and the one with H.265 are recorded.
  private func plan() async {
    var planned: Set<ChannelKey> = []
    for _ in 0..<300 where planned.count < 5 {
      let wanted = runtime.playableChannels.filter {
        ["34020000001180000001", "34020000001110000003"].contains($0.device.text)
      }
      for channel in wanted where !planned.contains(channel) {
        try? await runtime.setPlan(.continuous, for: channel)
        planned.insert(channel)
      }
      try? await Task.sleep(for: .milliseconds(200))
      if Task.isCancelled { return }
    }
  }
}
