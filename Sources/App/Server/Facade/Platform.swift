import Access
import GBCore
import HTTPAPI
import Logging
import MediaTime
import MediaTransport
import Recording
import Registry
import SIPTransport

/// The running platform as the HTTP interface sees it: one method per operation, split over several files.
///
/// Turns requests into calls of the services and their answers into resources;
/// decides nothing itself.
final class Platform: PlatformOperations {
  let configuration: ServerConfiguration
  let services: Services
  let started: WallTime
  let isDemo: Bool
  let logger: Logger

  init(configuration: ServerConfiguration, services: Services, isDemo: Bool, logger: Logger) {
    (self.configuration, self.services, self.isDemo, self.logger) = (configuration, services, isDemo, logger)
    started = SystemClock.wall()
  }

  var directory: DeviceDirectory { services.directory }

  func platform() async throws -> API.Platform {
    let media: API.MediaAddress =
      switch configuration.mediaMode {
      case .singlePort: API.MediaAddress(mode: "single-port", port: Int(services.plane.port))
      case .ports(let range):
        API.MediaAddress(mode: "ports", port: Int(range.lowerBound), lastPort: Int(range.upperBound))
      }
    let host = configuration.advertise.first ?? configuration.sip.host
    return API.Platform(
      id: configuration.platform.id.text, name: configuration.platform.name, version: TributaryVersion.text,
      realm: configuration.platform.realm,
      sip: API.SIPAddress(
        host: host, port: services.endpoint.port, tlsPort: services.endpoint.securePort),
      media: media, time: API.Time(SystemClock.wall()), timezone: "+08:00",
      transcode: API.TranscodeBudget(
        budget: configuration.transcodeBudget, used: services.transcoding.used), demo: isDemo)
  }

  func events(for caller: Caller) async -> AsyncStream<ServerEvent> {
    let principal = caller.principal
    return services.hub.listen { [self] event in concerns(event, principal) }
  }

  func looks(_ query: LookQuery) async throws -> API.Page<API.Look> {
    try await services.looks.page(query)
  }

  // MARK: Identifiers

  func deviceID(_ text: String) throws -> DeviceID {
    guard let id = DeviceID(text), directory.device(id) != nil else {
      throw Problem.notFound("There is no device with the code “\(text.prefix(64))”.")
    }
    return id
  }

  func channelKey(_ text: String) throws -> ChannelKey {
    guard let key = ChannelKey(text), directory.channel(key) != nil else {
      throw Problem.notFound("There is no channel “\(text.prefix(80))”.")
    }
    return key
  }
}
