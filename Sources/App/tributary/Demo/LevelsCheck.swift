import Foundation
import GBCore
import HTTPAPI
import Registry
import Server

/// What only several levels do: share, be looked at through two links, and end that from below.
struct LevelsCheck: Sendable {
  let demo: RunningDemo
  let report: StepReport
  /// Signed in at each level, from the top.
  let doors: [LocalHTTP]
  let began: Date

  private static let purpose = "incident"

  private var region: LocalHTTP { doors[0] }
  private var county: LocalHTTP { doors[doors.count - 1] }
  /// A camera of the harbour, as the region calls it.
  private var harbour: String { regional(DemoFleet.harbour.key(0).channel) }

  /// At the region everything below is the city's.
  private func regional(_ code: DeviceID) -> String {
    ChannelKey(device: demo.levels[1].id, channel: code).description
  }

  func run() async {
    await report.measured("levels linked") { (Date().timeIntervalSince(began), try await linked()) }
    var catalog: [String: API.Channel] = [:]
    await report.measured("catalog complete at the region") {
      catalog = try await complete()
      return (
        Date().timeIntervalSince(began),
        "\(RunningDemo.cameraCount) cameras of the county through the city, \(DemoFleet.foreign.cameras.count) of "
          + "the platform of 2016; what was not granted is not there"
      )
    }
    let pictures = PictureCheck(http: region, purpose: Self.purpose)
    let foreign = catalog.values.first { $0.name == DemoFleet.foreign.cameras[0] }
    await look("region: live H.264 through two links, decoded", catalog[harbour]) {
      try pictures.live(
        $0, codecs: ["avc1", "mp4a", "hvc1"], .init(codec: "h264", hasSound: true))
    }
    await look("region: live H.265 through two links", catalog[regional(DemoFleet.bridge.key(0).channel)]) {
      try pictures.live($0, codecs: ["avc1", "mp4a", "hvc1"], .init(codec: "hevc"))
    }
    await look("region: live of the platform of 2016", foreign) {
      try pictures.live($0, codecs: nil, .init(codec: "h264", rate: 8), seconds: 2)
    }
    await report.step("county's access log names the look") { try await logged() }
  }

  private func look(
    _ name: String, _ camera: API.Channel?,
    _ body: @escaping @Sendable (API.Channel) throws -> (Double, String)
  ) async {
    await report.measured(name) {
      guard let camera else { throw Expectation(description: "the region does not know the camera") }
      return try await apart { try body(camera) }
    }
  }

  private func linked() async throws -> String {
    try await awaited(seconds: 60, "after 60 s the levels are not linked") {
      var words: [String] = []
      for (upper, lower) in zip(demo.levels, demo.levels.dropFirst()) {
        guard let link = await lower.runtime.upwardLink(to: upper.id), link.isRegistered, link.isSubscribed
        else { return nil }
        words = [link.edition, link.encoding]
      }
      return
        "region ← city ← county, GB/T 28181 \(words.joined(separator: ", ")), digest, catalogs subscribed"
    }
  }

  /// Everything that was granted, and nothing else.
  private func complete() async throws -> [String: API.Channel] {
    let granted = Set(
      DemoFleet.sound.flatMap { device in device.cameras.indices.map { device.key($0).channel.text } })
    let hidden = Set(DemoFleet.faulty.map(\.camera.text))
    let all = granted.count + DemoFleet.foreign.cameras.count
    return try await awaited(seconds: 60, "after 60 s the catalog is not complete at the region") {
      let items = try await apart { [region] in
        try region.request("GET", "/api/v1/channels?limit=200").json(API.Page<API.Channel>.self).items
      }
      let found = items.filter { $0.playable && $0.status == .online }
      let codes = Set(found.map(\.channel))
      try expect(codes.isDisjoint(with: hidden), "the region sees cameras that nobody granted")
      guard found.count == all, granted.isSubset(of: codes) else { return nil }
      return Dictionary(found.map { ($0.id, $0) }) { $1 }
    }
  }

  /// The county knows who looked, why, and which way the picture went.
  private func logged() async throws -> String {
    let camera = DemoFleet.harbour.key(0).description
    let above = demo.levels[0].id.text
    let entry = try await awaited(seconds: 10, "no look of somebody at the region is in the county's log") {
      let entries = try await apart { [county] in
        try county.request("GET", "/api/v1/access-log?kind=look-begin&channel=\(camera)&limit=20")
          .json(API.Page<API.LoggedEntry>.self).items
      }
      return entries.first { entry in
        entry.facts["purpose"] == Self.purpose && entry.facts["route"]?.hasSuffix(above) ?? false
          && entry.persons["user"] != nil
      }
    }
    return "entry \(entry.number): \(entry.persons["user"] ?? "") looked for “\(Self.purpose)” through "
      + (entry.facts["route"] ?? "").replacing(">", with: " > ")
  }

  // MARK: Revoking

  /// The county takes a grant back while the region watches.
  func revoke() async {
    await report.measured("grant revoked at the county cuts the picture at the region") {
      let camera = harbour
      let pictures = PictureCheck(http: region, purpose: Self.purpose)
      let session = try await apart {
        let known = try region.request("GET", "/api/v1/channels/\(camera)").json(API.Channel.self)
        return try pictures.open(known, nil)
      }
      let watcher = StreamWatcher(region, session.urls.fmp4)
      _ = try await awaited(seconds: 20, "there was no picture to cut") {
        watcher.lastByte == nil ? nil : true
      }
      let grant = try await apart { try harbourGrant() }
      let revoked = Date()
      try await apart {
        let answer = try county.request("DELETE", "/api/v1/grants/\(grant)")
        try expect(answer.status < 300, "the grant could not be revoked: \(answer.status)")
      }
      let cut = try await apart { try watcher.end(quiet: 2.5, limit: 10) }
      let seconds = max(0, cut.timeIntervalSince(revoked))
      try expect(seconds < 5, "the picture went on for \(seconds) s")
      let seen = try await gone()
      return (seconds, "last byte \(Int(seconds * 1_000)) ms after the order; \(seen)")
    }
  }

  private func harbourGrant() throws -> String {
    let grants = try county.request("GET", "/api/v1/grants").json(API.Page<API.Grant>.self).items
    let wanted = API.GrantScope(kind: "subtree", name: DemoFleet.harbour.id.text)
    guard let grant = grants.first(where: { $0.inForce && $0.scope == wanted && $0.grantee.kind == "level" })
    else { throw Expectation(description: "the county lists no grant for the harbour") }
    return grant.id
  }

  /// The cameras of the harbour, and they alone, are not shown at the region any more.
  private func gone() async throws -> String {
    let codes = Set(DemoFleet.harbour.cameras.indices.map { DemoFleet.harbour.key($0).channel.text })
    let left = RunningDemo.cameraCount - codes.count + DemoFleet.foreign.cameras.count
    return try await awaited(seconds: 10, "the region still shows the cameras of the harbour") {
      let items = try await apart { [region] in
        try region.request("GET", "/api/v1/channels?limit=200").json(API.Page<API.Channel>.self).items
      }
      let playable = items.filter { $0.playable && $0.status == .online }
      guard codes.isDisjoint(with: playable.map(\.channel)), playable.count == left else { return nil }
      return "its \(codes.count) cameras are gone there, the other \(left) are not"
    }
  }
}
