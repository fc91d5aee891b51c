import Access
import Alarms
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Recording
import Registry

extension Platform {
  func channels(_ query: HTTPAPI.ChannelQuery, for caller: Caller) async throws -> API.Page<API.Channel> {
    var wanted = Registry.ChannelQuery(
      text: query.text, device: query.device.flatMap { DeviceID($0) },
      after: query.cursor.flatMap { ChannelKey($0) }, limit: query.limit)
    if query.device != nil, wanted.device == nil { throw Problem.badRequest("device is not a device code.") }
    if let parent = query.parent {
      guard let scope = ChannelScope(parent) else {
        throw Problem.badRequest("parent is neither a device, a channel nor an area code.")
      }
      wanted.scope = scope
    }
    if let status = query.status { wanted.presence = ChannelPresence(rawValue: status.rawValue) }
    let states = await services.recording.states
    let classes = await services.recording.retentionClasses
    let page = search(wanted, for: caller.principal)
    return directory.read { directory in
      API.Page(
        items: page.channels.map { Self.resource($0, directory, states[$0.key] ?? .off, classes[$0.key]) },
        next: page.next?.description, total: page.total)
    }
  }

  func channel(_ id: String) async throws -> API.Channel { await resource(try channelKey(id)) }

  /// Where a mobile camera is now.
  private func position(_ key: ChannelKey) -> API.Position? {
    guard let latest = services.positions.position(of: key) else { return nil }
    let report = latest.report
    return API.Position(
      longitude: report.position.longitude, latitude: report.position.latitude,
      time: report.time.map { API.Time($0) }, received: API.Time(latest.received), speed: report.speed,
      direction: report.direction, altitude: report.altitude)
  }

  /// Where a camera looks, when it reports that.
  private func view(_ key: ChannelKey) -> API.View? {
    services.positions.view(of: key).map {
      API.View(
        pan: $0.position.pan, tilt: $0.position.tilt, zoom: $0.position.zoom, received: API.Time($0.received))
    }
  }

  func changeChannel(_ id: String, _ change: API.ChannelChange, by caller: Caller) async throws -> API.Channel
  {
    let key = try channelKey(id)
    if let name = change.name {
      guard name.count <= 128 else { throw Problem.invalid("The name must have at most 128 characters.") }
      _ = directory.rename(key, to: name.isEmpty ? nil : name)
    }
    let retentionClass = change.retentionClass.flatMap { RetentionClass(name: $0) }
    guard change.retentionClass == nil || retentionClass != nil else {
      throw Problem.invalid("A retention class is expendable, normal or important.")
    }
    if change.recordingPlan == nil, let retentionClass {
      try await services.recording.setPlan(retentionClass: retentionClass, for: key)
    }
    if let plan = change.recordingPlan {
      let isPlayable = directory.read { directory in directory[key].map { directory.isPlayable($0) } ?? false
      }
      guard plan == .off || isPlayable else {
        throw Problem.invalid("This channel has no picture that could be recorded.")
      }
      try await services.recording.setPlan(
        plan == .continuous ? .continuous : .off, retentionClass: retentionClass, for: key)
      logger.info(
        "a recording plan was changed",
        metadata: [
          "channel.id": "\(key)", "plan": "\(plan.rawValue)", "user": "\(caller.principal.name)",
          "correlation": "\(caller.correlation)",
        ])
    }
    return await resource(key)
  }

  func tree(_ view: API.TreeView, for caller: Caller) async throws -> API.Tree {
    let wanted: Registry.TreeView =
      switch view {
      case .device: .device
      case .civil: .civil
      case .business: .business
      }
    let nodes = shown(directory.read { $0.tree(wanted) }, to: caller.principal)
    return directory.read { directory in
      API.Tree(
        nodes: nodes.map { node in
          var status: String?
          if let device = node.device { status = directory[device]?.status.rawValue }
          if let key = node.channel, let channel = directory[key] {
            status = Self.status(directory.presence(of: channel)).rawValue
          }
          return API.TreeNode(
            id: node.id, parent: node.parent, name: node.name, kind: Self.kind(node.kind),
            channel: node.channel?.description, status: status)
        })
    }
  }

  // MARK: Resources

  private func resource(_ key: ChannelKey) async -> API.Channel {
    let state = await services.recording.states[key] ?? .off
    let retentionClass = await services.recording.retentionClasses[key]
    var resource = directory.read { directory in
      let channel = directory[key] ?? Channel(key: key, catalogName: "", since: SystemClock.wall())
      return Self.resource(channel, directory, state, retentionClass)
    }
    (resource.position, resource.view) = (position(key), view(key))
    return resource
  }

  static func resource(
    _ channel: Channel, _ directory: Directory, _ recording: API.RecordingState,
    _ retentionClass: RetentionClass?
  ) -> API.Channel {
    API.Channel(
      id: channel.key.description, device: channel.key.device.text, channel: channel.key.channel.text,
      name: channel.name, parent: channel.placement.parent?.text, kind: kind(channel.kind),
      playable: directory.isPlayable(channel), status: status(directory.presence(of: channel)),
      since: API.Time(directory.presenceSince(of: channel)), civilCode: channel.placement.civilCode?.text,
      recording: recording, retentionClass: retentionClass?.name, manufacturer: channel.manufacturer,
      model: channel.model,
      longitude: channel.position?.longitude, latitude: channel.position?.latitude)
  }

  /// The console knows four states; a lost or faulty picture is no picture.
  static func status(_ presence: ChannelPresence) -> API.ChannelStatus {
    switch presence {
    case .online: .online
    case .suspect: .suspect
    case .offline, .videoLost, .fault: .offline
    case .unknown: .unknown
    }
  }

  static func kind(_ kind: DeviceKind) -> API.ChannelKind {
    switch kind {
    case .camera: .camera
    case .device: .device
    case .group: .group
    case .organisation: .organisation
    case .area: .area
    case .alarm: .alarm
    case .audio: .audio
    case .other: .other
    }
  }
}
