public import GBCore

/// Which channels are asked for. Everything that is set must hold.
public struct ChannelQuery: Sendable, Hashable {
  /// Part of a name, address or code, in any case.
  public var text: String?
  public var presence: ChannelPresence?
  public var device: DeviceID?
  public var scope: ChannelScope?
  public var isPlayable: Bool?
  /// The last key of the page before; nil begins.
  public var after: ChannelKey?
  /// 1…1 000; other values are pulled into it.
  public var limit: Int

  public init(
    text: String? = nil, presence: ChannelPresence? = nil, device: DeviceID? = nil,
    scope: ChannelScope? = nil,
    isPlayable: Bool? = nil, after: ChannelKey? = nil, limit: Int = 100
  ) {
    (self.text, self.presence, self.device, self.scope) = (text, presence, device, scope)
    (self.isPlayable, self.after, self.limit) = (isPlayable, after, limit)
  }
}

/// Below what the channels must hang.
public enum ChannelScope: Sendable, Hashable {
  /// Directly at the root of a device.
  case root(of: DeviceID)
  /// Directly below an item of a device's catalog: a recorder, a group, an organisation.
  case children(of: ChannelKey)
  /// In an administrative area or an area inside it.
  case area(CivilCode)

  /// Reads `device`, `device_channel` or 2, 4, 6 or 8 digits.
  public init?(_ text: some StringProtocol) {
    if let key = ChannelKey(text) {
      self = .children(of: key)
    } else if let code = CivilCode(text) {
      self = .area(code)
    } else if let device = DeviceID(text) {
      self = .root(of: device)
    } else {
      return nil
    }
  }
}

/// One page of an answer.
public struct ChannelPage: Sendable, Hashable {
  public let channels: [Channel]
  /// Give it as ``ChannelQuery/after`` for the next page; nil on the last one.
  public let next: ChannelKey?
  /// Channels that match, on all pages.
  public let total: Int
}

extension Directory {
  /// Answers a query, in the order of keys. 100 000 channels take some milliseconds.
  public mutating func search(_ query: ChannelQuery) -> ChannelPage {
    let limit = min(max(query.limit, 1), 1_000)
    let known = self
    var page: [Channel] = []
    var total = 0
    var hasMore = false
    forEach(containing: Array((query.text ?? "").lowercased().utf8), of: query.device) {
      channel, presence, isPlayable in
      if let wanted = query.presence, presence != wanted { return }
      if let wanted = query.isPlayable, isPlayable != wanted { return }
      if let scope = query.scope, !known.isInside(channel, scope) { return }
      total += 1
      if let after = query.after, channel.key <= after { return }
      if page.count < limit { page.append(channel) } else { hasMore = true }
    }
    return ChannelPage(channels: page, next: hasMore ? page.last?.key : nil, total: total)
  }

  private func isInside(_ channel: Channel, _ scope: ChannelScope) -> Bool {
    let placement = channel.placement
    switch scope {
    case .root(let device):
      guard channel.key.device == device else { return false }
      return placement.parent.map { self[ChannelKey(device: device, channel: $0)] == nil } ?? true
    case .children(let parent):
      guard channel.key.device == parent.device else { return false }
      return placement.parent == parent.channel || placement.organisations.contains(parent.channel)
        || placement.organisations.isEmpty && placement.parent == nil
          && placement.businessGroup == parent.channel
    case .area(let area):
      return placement.civilCode.map { $0.text.hasPrefix(area.text) } ?? false
    }
  }
}

/// Which devices are asked for.
public struct DeviceQuery: Sendable, Hashable {
  /// Part of a name, code, manufacturer, model or address, in any case.
  public var text: String?
  public var status: DeviceStatus?
  /// The last code of the page before; nil begins.
  public var after: DeviceID?
  /// 1…1 000; other values are pulled into it.
  public var limit: Int

  public init(text: String? = nil, status: DeviceStatus? = nil, after: DeviceID? = nil, limit: Int = 100) {
    (self.text, self.status, self.after, self.limit) = (text, status, after, limit)
  }
}

/// One page of devices.
public struct DevicePage: Sendable, Hashable {
  public let devices: [Device]
  public let next: DeviceID?
  public let total: Int
}

extension Directory {
  /// Answers a query, in the order of codes.
  public func search(_ query: DeviceQuery) -> DevicePage {
    let needle = query.text?.lowercased() ?? ""
    let limit = min(max(query.limit, 1), 1_000)
    let found = devices.filter { device in
      if let status = query.status, device.status != status { return false }
      guard !needle.isEmpty else { return true }
      let texts = [
        device.name, device.id.text, device.dossier.manufacturer ?? "", device.dossier.model ?? "",
        device.contact?.address.description ?? "",
      ]
      return texts.contains { $0.lowercased().contains(needle) }
    }
    let rest = query.after.map { after in found.filter { $0.id > after } } ?? found
    let page = Array(rest.prefix(limit))
    return DevicePage(devices: page, next: rest.count > limit ? page.last?.id : nil, total: found.count)
  }
}
