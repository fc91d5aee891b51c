import CharacterSets
import DeviceSimulator
import Foundation
import GBCore
import Logging
import MPEGCore
import Registry

/// The devices of the demo. Cameras with equal settings share one encoder, so that thirty cost what three do.
struct DemoFleet: Sendable {
  /// A device with what is wrong with it and how the doctor calls that.
  struct Faulty: Sendable {
    let id: DeviceID
    let name: String
    /// The `code` of the doctor's finding; one of these where chance has a say.
    let findings: Set<String>
    /// Whether it shows only when a camera is called.
    let needsCall: Bool
    fileprivate let faults: FaultPlan
    fileprivate let password: String?

    /// Its camera.
    var camera: DeviceID { DemoFleet.camera(500 + (Int(id.text.suffix(2)) ?? 0)) }

    fileprivate init(
      _ number: Int, _ name: String, finds: Set<String>, needsCall: Bool = false,
      _ faults: [PlannedFault] = [],
      password: String? = nil
    ) {
      id = DemoFleet.code("111\(String(900 + number).leftPadded(7))")
      (self.name, findings, self.needsCall) = (name, finds, needsCall)
      (self.faults, self.password) = (FaultPlan(faults), password)
    }
  }

  /// A device that works.
  struct Sound: Sendable {
    let id: DeviceID
    let name: String
    /// What the cameras of the recorder are called.
    let cameras: [String]
    fileprivate let firstCamera: Int

    /// A camera as the county calls it.
    func key(_ index: Int) -> ChannelKey {
      ChannelKey(device: id, channel: DemoFleet.camera(firstCamera + index))
    }
  }

  /// The area of the county.
  private static let area = "34020200"

  fileprivate static func code(_ tail: String) -> DeviceID {
    guard let id = DeviceID(area + "00" + tail) else {
      preconditionFailure("the codes of the demo are well formed")
    }
    return id
  }

  fileprivate static func camera(_ number: Int) -> DeviceID { code("132\(String(number).leftPadded(7))") }

  static let county = code("2000000001")

  static let harbour = Sound(
    id: code("1180000001"), name: "Harbour recorder",
    cameras: [
      "North gate", "Ferry pier", "Fish market", "Harbour road", "Crane 1", "Crane 2", "Container yard",
      "Customs lane", "Lighthouse", "Breakwater", "Boat ramp", "Weighbridge",
    ], firstCamera: 101)
  static let oldTown = Sound(
    id: code("1180000002"), name: "Old town recorder 老城",
    cameras: [
      "东门 East gate", "钟楼 Bell tower", "西街 West street", "南桥 South bridge", "北门 North gate", "市场 Market hall",
      "学校 School road", "医院 Hospital", "公园 Park", "车站 Station",
    ], firstCamera: 201)
  static let bridge = Sound(
    id: code("1110000003"), name: "Bridge camera H.265", cameras: ["Bridge, H.265"], firstCamera: 301)
  static let market = Sound(
    id: code("1110000004"), name: "Market camera TCP", cameras: ["Market, TCP only"], firstCamera: 401)

  /// Two recorders and two cameras with 24 pictures.
  static let sound = [harbour, oldTown, bridge, market]

  /// The first four cameras of the harbour and the one with H.265.
  static let recorded = (0..<4).map(harbour.key) + [bridge.key(0)]

  /// One for each stretch of the way from a camera to a picture.
  static let faulty = [
    Faulty(1, "Depot camera (wrong password)", finds: ["wrong-password"], password: "not-the-password"),
    Faulty(
      2, "Quarry camera (clock is wrong)", finds: ["clock-wrong"],
      [PlannedFault(.clockOffset, duration: .seconds(1_500)), PlannedFault(.dateIgnored)]),
    Faulty(3, "Ferry camera (lists nothing)", finds: ["catalog-unanswered"], [PlannedFault(.noCatalog)]),
    Faulty(4, "School camera (busy)", finds: ["busy"], needsCall: true, [.inviteRefused(486)]),
    Faulty(
      5, "Tunnel camera (sends nothing)", finds: ["media-blocked"], needsCall: true,
      [PlannedFault(.silentMedia)]),
    // Who loses a packet of every key frame has no picture to count losses in.
    Faulty(
      6, "Hill camera (loses packets)", finds: ["heavy-loss", "no-key-frame"], needsCall: true,
      [.packetLoss(0.03)]),
  ]

  /// The platform of another maker, of the 2016 edition, below the city.
  static let foreign: (id: DeviceID, name: String, cameras: [String]) = {
    guard let id = DeviceID("34020300002000000001") else {
      preconditionFailure("the codes of the demo are well formed")
    }
    return (id, "East district platform", ["Riverside school", "Crossing 1", "Crossing 2", "Mill lane"])
  }()

  let folder: String
  let password: String

  /// The devices of the county.
  ///
  /// - Parameter hasFaults: whether those that do something wrong are among them.
  func county(sip: (host: String, port: Int), hasFaults: Bool) -> SimulatedFleet {
    var peers = Self.sound.map(recorder)
    if hasFaults { peers += Self.faulty.map(faulty) }
    return fleet(peers, platform: Self.county, sip)
  }

  /// The platform below the city.
  func foreign(city: DeviceID, sip: (host: String, port: Int)) -> SimulatedFleet {
    let (id, name, cameras) = Self.foreign
    var media = MediaSettings(
      source: .liveStreet(scenes: 1), width: 640, height: 360, frameRate: 15, kilobits: 500,
      start: .withCachedGroup)
    media.cacheDirectory = folder + "/clips"
    let area = String(id.text.prefix(6))
    var peer = PeerDescription(
      .lowerPlatform, id: id, name: name, password: password, edition: .v2016, dialect: .dahua, media: media,
      channels: cameras.enumerated().map { index, name in
        var channel = ChannelDescription(
          id: DeviceID("3402030000132000000\(index + 1)") ?? id, name: name, place: name)
        (channel.civilCode, channel.longitude) = (area, 118.4 + Double(index) * 0.002)
        return channel
      })
    peer.directory = [
      DirectoryEntry(.area, id: DeviceID(area) ?? id, name: "East district"),
      DirectoryEntry(.system, id: id, name: name),
    ]
    peer.keepaliveInterval = 20
    return fleet([peer], platform: city, sip)
  }

  private func fleet(
    _ peers: [PeerDescription], platform: DeviceID, _ sip: (host: String, port: Int)
  ) -> SimulatedFleet {
    var fleet = FleetDescription(
      serverHost: sip.host, sipPort: sip.port, platformID: platform, peers: peers)
    fleet.textCodec = .chinese
    return SimulatedFleet(fleet, logger: Logger(label: "simulator"))
  }

  /// Two pictures in H.264 for everybody and one in H.265.
  private var media: MediaSettings {
    var media = MediaSettings(source: .liveStreet(scenes: 2), start: .withCachedGroup)
    media.cacheDirectory = folder + "/clips"
    return media
  }

  private func recorder(_ sound: Sound) -> PeerDescription {
    var peer = PeerDescription(
      .nvr, id: sound.id, name: sound.name, password: password,
      transport: sound.id == Self.market.id ? .tcp : .udp,
      edition: sound.id == Self.oldTown.id ? .v2022 : .v2016, media: media,
      channels: sound.cameras.enumerated().map { channel(sound.firstCamera + $0, $1) })
    peer.keepaliveInterval = 20
    switch sound.id {
    case Self.bridge.id:
      (peer.media.codec, peer.media.width, peer.media.height, peer.media.kilobits) = (.h265, 960, 540, 1_000)
      peer.media.source = .liveStreet(scenes: 1)
    case Self.market.id: peer.mediaTransports = [.tcpPassive]
    default:
      // The recorders have a day on board; the first bears a single replay at a time.
      var recordings = OnBoardRecordings()
      recordings.sessions = sound.id == Self.harbour.id ? 1 : 2
      peer.recordings = recordings
    }
    return peer
  }

  private func faulty(_ faulty: Faulty) -> PeerDescription {
    var peer = PeerDescription(
      .nvr, id: faulty.id, name: faulty.name, password: faulty.password ?? password, media: media,
      channels: [channel(Int(faulty.camera.text.suffix(4)) ?? 0, faulty.name)])
    (peer.keepaliveInterval, peer.retryInterval) = (20, 120)
    peer.faults = faulty.faults
    return peer
  }

  private func channel(_ number: Int, _ name: String) -> ChannelDescription {
    var channel = ChannelDescription(id: Self.camera(number), name: name, place: name, scene: number % 2)
    // A grid of streets around one point, some hundred metres apart.
    channel.longitude += Double(number % 100 % 6) * 0.003
    channel.latitude += Double(number / 100) * 0.002 + Double(number % 100 / 6) * 0.003
    return channel
  }
}

extension String {
  /// With zeros before it.
  fileprivate func leftPadded(_ width: Int) -> String {
    String(repeating: "0", count: max(0, width - utf8.count)) + self
  }
}
