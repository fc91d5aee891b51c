import GBCore
import HTTPAPI
import MediaTime
import Registry

/// The state, the cards and the configuration of devices (§4.5, §4.8, §13.1).
struct DeviceCare: Sendable {
  let questions: DeviceQuestions

  func status(of device: DeviceID, again: Bool) async throws -> DeviceStatusReply {
    let exchange = Exchange(
      command: .deviceStatus, device: device, target: device, patience: DeviceQuestions.patience)
    let replies = try await questions.ask(exchange, since: .v2011, again: again)
    guard let status = replies.messages.lazy.compactMap({ DeviceStatusReply($0) }).first else {
      throw Problem.deviceRefused(device, "DeviceStatus", "a document without what was asked for")
    }
    return status
  }

  func cards(of device: DeviceID, again: Bool) async throws -> [StorageCardReply.Card] {
    var exchange = Exchange(
      command: .sdCardStatus, device: device, target: device, patience: DeviceQuestions.patience)
    exchange.isComplete = { messages in
      let replies = messages.compactMap { StorageCardReply($0) }
      return ViewService.isWhole(
        replies.lazy.compactMap(\.total).first, replies.reduce(0) { $0 + $1.cards.count })
    }
    let replies = try await questions.ask(exchange, since: .v2022, again: again)
    return replies.messages.compactMap { StorageCardReply($0) }.flatMap(\.cards).sorted {
      $0.number < $1.number
    }
  }

  // MARK: Configuration

  /// Reads blocks. Devices answer in one document or in one for each block.
  ///
  /// - Parameter kinds: empty asks for all that the device's edition knows.
  func configuration(
    _ kinds: [ConfigurationKind], device: DeviceID, target: DeviceID, again: Bool
  ) async throws -> [ConfigurationBlock] {
    let edition = questions.edition(of: device)
    let known = ConfigurationKind.allCases.filter { $0.edition <= edition }
    let wanted = kinds.isEmpty ? known : kinds
    if let new = wanted.first(where: { $0.edition > edition }) {
      throw Problem.editionUnaware(device, new.rawValue, speaks: edition, since: new.edition)
    }
    var exchange = Exchange(
      command: .configDownload, device: device, target: target,
      fields: [XMLElement("ConfigType", wanted.map(\.rawValue).joined(separator: "/"))],
      patience: kinds.count == 1 ? DeviceQuestions.patience : .seconds(3), limit: .seconds(30))
    exchange.isComplete = { messages in
      let found = Set(messages.flatMap { ConfigurationBlock.all(in: $0) }.map(\.kind))
      return found.isSuperset(of: wanted) || messages.contains { $0.isOK == false }
    }
    let replies = try await questions.ask(exchange, since: .v2016, again: again)
    let blocks = replies.messages.flatMap { ConfigurationBlock.all(in: $0) }.filter {
      wanted.contains($0.kind)
    }
    if blocks.isEmpty, replies.messages.contains(where: { $0.isOK == false }) {
      throw Problem.deviceRefused(device, "ConfigDownload", "Result ERROR")
    }
    var latest: [ConfigurationKind: ConfigurationBlock] = [:]
    for block in blocks { latest[block.kind] = block }
    return wanted.compactMap { latest[$0] }
  }

  /// Sets a block and reads it back.
  ///
  /// - Returns: whether the device confirmed it, and what it has now, if it tells.
  func set(_ block: ConfigurationBlock, device: DeviceID, target: DeviceID) async throws -> (
    confirmed: Bool, now: ConfigurationBlock?
  ) {
    if let fault = block.fault { throw Problem.invalid(fault) }
    let confirmed = try await questions.configure(block, device: device, target: target)
    let now = try? await configuration([block.kind], device: device, target: target, again: false)
    return (confirmed, now?.first)
  }
}
