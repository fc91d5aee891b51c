import Foundation
import HTTPAPI
import MediaTime
import Recording
import Registry
import Server

/// What `demo --check` proves, over the same HTTP interface that a browser uses.
struct DemoCheck: Sendable {
  let demo: RunningDemo
  let report: StepReport
  /// When the demo began to start.
  let began: Date

  func run() async {
    var doors: [LocalHTTP] = []
    for level in demo.levels {
      let name =
        demo.hasLevelsAbove ? "\(level.name): sign-in by single-use link" : "sign-in by single-use link"
      let isIn = await report.step(name) {
        let door = try await signIn(level)
        doors.append(door)
        return "signed in; the link works once"
      }
      guard isIn else { return }
    }
    let county = CountyCheck(
      http: doors[doors.count - 1],
      devices: DemoFleet.sound.count + (demo.hasLevelsAbove ? DemoFleet.faulty.count - 1 : 0))
    await report.step("devices online") { try await county.devicesOnline() }
    var cameras: [API.Channel] = []
    let found = await report.measured("catalogs arrived") {
      cameras = try await county.catalogs()
      return (
        Date().timeIntervalSince(began),
        "\(cameras.count) cameras, for example “\(cameras.first?.name ?? "")”"
      )
    }
    guard found else { return }
    // A silent camera is called in every way before the doctor gives up: that goes on beside the other steps.
    let faults = demo.hasLevelsAbove ? FaultCheck(http: county.http).begin() : nil
    if demo.hasLevelsAbove {
      await LevelsCheck(demo: demo, report: report, doors: doors, began: began).run()
    }
    await alone(county, cameras)
    if let faults {
      await report.step("doctor names the six faults") { try await faults.value }
    }
    if demo.hasLevelsAbove {
      await LevelsCheck(demo: demo, report: report, doors: doors, began: began).revoke()
      await LogCheck(demo: demo, report: report, doors: doors).run()
    }
  }

  private func signIn(_ level: DemoLevel) async throws -> LocalHTTP {
    let link = try await level.runtime.firstRunLink()
    let door = LocalHTTP(host: level.host, port: level.runtime.addresses.http)
    return try await apart {
      var door = door
      let token = String(link.split(separator: "/").last ?? "")
      let answer = try door.request("POST", "/api/v1/session", json: API.SignIn(firstRunToken: token))
      try expect(answer.status < 300, "the link was refused: \(answer.status) \(answer.text.prefix(200))")
      let again = try door.request("POST", "/api/v1/session", json: API.SignIn(firstRunToken: token))
      try expect(again.status == 401, "the link worked twice: \(again.status)")
      door.token = try answer.json(API.SignedInSession.self).token
      return door
    }
  }

  /// What the county does without the others.
  private func alone(_ county: CountyCheck, _ cameras: [API.Channel]) async {
    func camera(_ device: DemoFleet.Sound) -> API.Channel? {
      cameras.first { $0.id == device.key(0).description }
    }
    guard let harbour = camera(DemoFleet.harbour), let bridge = camera(DemoFleet.bridge),
      let market = camera(DemoFleet.market)
    else { return }
    let pictures = PictureCheck(http: county.http)
    let modern = ["avc1", "mp4a", "hvc1"]
    await report.measured("live H.264 with sound, decoded") {
      try await apart {
        try pictures.live(harbour, codecs: modern, .init(codec: "h264", hasSound: true))
      }
    }
    await report.measured("live H.265, untouched") {
      try await apart { try pictures.live(bridge, codecs: modern, .init(codec: "hevc")) }
    }
    await report.measured("live H.265, transcoded for a browser without it") {
      try await apart { try pictures.live(bridge, codecs: ["avc1", "mp4a"], .init(codec: "h264")) }
    }
    await report.measured("live over TCP after UDP was refused") {
      try await apart { try pictures.live(market, codecs: nil, .init(codec: "h264")) }
    }
    await report.step("live as HLS") { try await apart { try county.hls(harbour) } }
    await report.step("still picture") { try await apart { try county.still(harbour) } }
    await records(county, harbour)
    await report.step("metrics and health") { try await apart { try county.figures() } }
  }

  private func records(_ county: CountyCheck, _ camera: API.Channel) async {
    var span: WallInterval?
    await report.step("recorded without a hole") {
      let recorded = try await county.recorded(camera, seconds: 8)
      span = recorded
      return "\(Int(recorded.duration.inSeconds)) s recorded, every planned second explained"
    }
    guard let span else { return }
    await report.step("replayed") { try await apart { try county.replay(camera, span) } }
    await report.step("replayed at double speed") {
      try await apart { try county.replay(camera, span, rate: 2) }
    }
    await report.step("replayed from the recorder's own disk") {
      try await apart { try county.onBoard(camera) }
    }
    await report.step("exported and checked") { try await apart { try county.export(camera, span) } }
  }
}
