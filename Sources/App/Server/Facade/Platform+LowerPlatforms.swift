import Access
import Federation
import GBCore
import HTTPAPI
import Logging
import Registry
import Streaming

/// Platforms below this one.
extension Platform {
  func lowerPlatforms() async throws -> [API.LowerPlatform] {
    let streams = await services.live.states.keys.reduce(into: [DeviceID: Int]()) {
      $0[$1.channel.device, default: 0] += 1
    }
    return directory.devices.filter { $0.id.isPlatform }.sorted { $0.id < $1.id }
      .map { resource($0, streams: streams[$0.id] ?? 0) }
  }

  func lowerPlatform(_ id: String) async throws -> API.LowerPlatform {
    guard let found = try await lowerPlatforms().first(where: { $0.id == id }) else {
      throw Problem.notFound("There is no platform below with the code “\(id.prefix(64))”.")
    }
    return found
  }

  func compareNow(lowerPlatform id: String, by caller: Caller) async throws -> API.LowerPlatform {
    let known = try deviceID(try await lowerPlatform(id).id)
    services.lowerCatalogs.hurry(known)
    if services.lowerCatalogs.entry(known)?.sync.knowsDigests != true {
      services.signalling.interrogate(known)
    }
    logger.notice(
      "a lower platform's catalog is compared now",
      metadata: [
        "device.id": "\(known)", "user": "\(caller.principal.name)", "correlation": "\(caller.correlation)",
      ])
    return try await lowerPlatform(id)
  }

  private func resource(_ device: Device, streams: Int) -> API.LowerPlatform {
    let figures = directory.read { directory -> (items: Int, cameras: Int, online: Int) in
      let channels = directory.channels(of: device.id)
      let cameras = channels.filter { directory.isPlayable($0) }
      return (channels.count, cameras.count, cameras.count { directory.presence(of: $0) == .online })
    }
    let known = services.lowerCatalogs.entry(device.id)
    let subscription = services.subscriptions.entry(device.id, .catalog)
    return API.LowerPlatform(
      id: device.id.text, name: device.name,
      status: API.DeviceStatus(rawValue: device.status.rawValue) ?? .unknown, since: API.Time(device.since),
      address: device.contact.map { "\($0.address)" }, transport: device.contact?.transport.rawValue,
      gbVersion: device.dossier.version?.description, items: figures.items, cameras: figures.cameras,
      camerasOnline: figures.online, broken: services.signalling.lastCatalog(device.id)?.broken ?? 0,
      catalog: API.CatalogPhase(rawValue: known?.sync.phase.rawValue ?? "") ?? .unknown,
      knowsDigests: known?.sync.knowsDigests ?? false, agreed: known?.agreed.map { API.Time($0) },
      differences: Int(clamping: known?.differences ?? 0),
      subscribed: subscription.map { [.active, .refreshing].contains($0.machine.state) } ?? false,
      lastReport: subscription?.lastReport.map { API.Time($0) }, streams: streams)
  }
}
