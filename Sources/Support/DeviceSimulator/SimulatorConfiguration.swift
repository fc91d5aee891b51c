public import GBCore
public import NIOCore

/// A fleet of devices that are all alike: what `--devices` and `--channels` describe. The peers are made from it.
public struct SimulatorConfiguration: Sendable {
  public typealias Transport = PeerDescription.Transport

  public var serverHost: String
  public var sipPort: Int
  /// SIP domain of the platform: usually the first ten digits of its code.
  public var domain: String
  public var platformID: DeviceID
  /// 20 digits; device i is this number plus i.
  public var firstDeviceID: DeviceID
  /// How many devices, and channels of each.
  public var devices: Int
  public var channelsPerDevice: Int
  public var password: String
  public var transport: Transport
  /// Makes the first handler of a TLS connection: this module depends on no TLS library.
  public var tlsHandler: (@Sendable () throws -> any ChannelHandler)?
  /// What `X-GB-Ver` says, and which catalog fields are sent.
  public var edition: GBVersion
  public var media: MediaSettings
  /// Seconds of a registration, and between heartbeats.
  public var expires: Int
  public var keepaliveInterval: Int
  /// Heartbeats without an answer after which a device registers anew.
  public var keepaliveCount: Int
  /// Devices that begin to register per second.
  public var registrationsPerSecond: Int
  /// Seconds before a refused or unanswered registration is tried again; a random part is added.
  public var retryInterval: Int
  /// Items in one part of a catalog.
  public var catalogItemsPerPart: Int
  /// Whether devices take their leave when the simulator ends.
  public var unregistersAtEnd: Bool
  /// The zone of the scene's clock east of UTC.
  public var zone: Duration
  /// How all devices report what happens.
  public var events = EventHabits()
  /// How all devices are spoken through; nil is the generic way.
  public var voice: VoiceHabits?
  /// What all devices do wrong.
  public var faults: FaultPlan
  /// Media transports that devices accept; nil accepts all.
  public var mediaTransports: Set<MediaTransportChoice>?
  /// Converts names for the encoding that the edition declares. The default writes UTF-8.
  public var textCodec: TextCodec
  /// The name of a channel: its device's index, its own index, the place that its scene shows.
  public var channelName: @Sendable (_ device: Int, _ channel: Int, _ place: String) -> String
  /// The name of a device.
  public var deviceName: @Sendable (_ device: Int) -> String

  public init(
    serverHost: String = "127.0.0.1", sipPort: Int = 5_060, platformID: DeviceID, domain: String? = nil,
    firstDeviceID: DeviceID, devices: Int = 1, channelsPerDevice: Int = 1, password: String,
    transport: Transport = .udp, edition: GBVersion = .v2016, media: MediaSettings = MediaSettings(),
    expires: Int = 3_600, keepaliveInterval: Int = 60
  ) {
    (self.serverHost, self.sipPort, self.platformID) = (serverHost, sipPort, platformID)
    self.domain = domain ?? platformID.domain ?? platformID.text
    (self.firstDeviceID, self.devices, self.channelsPerDevice) = (firstDeviceID, devices, channelsPerDevice)
    (self.password, self.transport, self.edition, self.media) = (password, transport, edition, media)
    (self.expires, self.keepaliveInterval, keepaliveCount) = (expires, keepaliveInterval, 3)
    (registrationsPerSecond, retryInterval, catalogItemsPerPart) = (200, 60, 4)
    unregistersAtEnd = true
    zone = .seconds(8 * 3_600)
    faults = FaultPlan()
    textCodec = .utf8
    channelName = { _, channel, place in place.capitalizedPlace + " \(channel + 1)" }
    deviceName = { "Simulated recorder \($0 + 1)" }
  }

  /// The code of device `index`.
  public func deviceID(_ index: Int) -> DeviceID { firstDeviceID.adding(index) ?? firstDeviceID }

  /// The code of a channel: the device's code with the type of a camera and a serial number of its own.
  ///
  /// Type 132, or 131 where the devices are themselves of type 132 (GB/T 28181-2022 Annex E, digits 11–13).
  public func channelID(device: Int, channel: Int) -> DeviceID {
    let type = firstDeviceID.typeCode == 132 ? "131" : "132"
    let serial = String(device * channelsPerDevice + channel + 1)
    let zeros = String(repeating: "0", count: max(0, 7 - serial.count))
    return DeviceID(String(firstDeviceID.text.prefix(10)) + type + zeros + serial) ?? firstDeviceID
  }

  func validate() throws(SimulatorError) {
    guard firstDeviceID.isStandard, platformID.isStandard else {
      throw SimulatorError("the codes of the platform and of the first device have 20 digits")
    }
    guard (1...20_000).contains(devices), (1...100_000).contains(channelsPerDevice),
      devices * channelsPerDevice <= 1_000_000
    else {
      throw SimulatorError("a fleet has 1…20000 devices with 1…100000 channels each, a million in all")
    }
    guard firstDeviceID.adding(devices - 1) != nil else {
      throw SimulatorError("there are not enough codes after \(firstDeviceID) for \(devices) devices")
    }
  }

  /// The same fleet, peer by peer.
  ///
  /// - Throws: when there are no codes for so many devices.
  public func fleet() throws(SimulatorError) -> FleetDescription {
    try validate()
    var fleet = FleetDescription(
      serverHost: serverHost, sipPort: sipPort, platformID: platformID, domain: domain,
      peers: (0..<devices).map(peer))
    fleet.registrationsPerSecond = registrationsPerSecond
    fleet.unregistersAtEnd = unregistersAtEnd
    fleet.zone = zone
    fleet.textCodec = textCodec
    fleet.tlsHandler = tlsHandler
    return fleet
  }

  private func peer(_ index: Int) -> PeerDescription {
    var peer = PeerDescription(
      channelsPerDevice == 1 && firstDeviceID.typeCode == 132 ? .ipc : .nvr, id: deviceID(index),
      name: deviceName(index), password: password, transport: transport, edition: edition, media: media,
      channels: (0..<channelsPerDevice).map { channel(device: index, channel: $0) })
    (peer.expires, peer.keepaliveInterval, peer.keepaliveCount) = (expires, keepaliveInterval, keepaliveCount)
    (peer.retryInterval, peer.catalogItemsPerPart) = (retryInterval, catalogItemsPerPart)
    (peer.faults, peer.mediaTransports, peer.events) = (faults, mediaTransports, events)
    peer.voice = voice
    return peer
  }

  private func channel(device: Int, channel: Int) -> ChannelDescription {
    let number = device * channelsPerDevice + channel
    let scene = number % media.feedCount
    let place = StreetScene.places[scene]
    var description = ChannelDescription(
      id: channelID(device: device, channel: channel), name: channelName(device, channel, place),
      place: place, scene: scene)
    // A grid of streets around one point, a hundred metres apart.
    description.longitude += Double(number % 100) * 0.001
    description.latitude += Double(number / 100 % 100) * 0.001
    return description
  }
}

extension DeviceID {
  /// The code `count` further on; nil when the serial number (digits 14–20) runs over.
  package func adding(_ count: Int) -> DeviceID? {
    guard isStandard, let serial = Int(text.suffix(7)), serial + count <= 9_999_999 else { return nil }
    let digits = String(serial + count)
    return DeviceID(String(text.prefix(13)) + String(repeating: "0", count: 7 - digits.count) + digits)
  }
}

extension String {
  /// `NORTH GATE` to `North Gate`.
  fileprivate var capitalizedPlace: String {
    split(separator: " ").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined(separator: " ")
  }
}
