public import GBCore
public import MediaTime

extension CatalogChange {
  /// What a catalog notification changes (§5.3): single states, new and changed items, removals.
  ///
  /// A parent that goes off takes its children with it, and those that went with it come back with it. Removing a
  /// group leaves its cameras. Items nobody knows are added only by ADD, UPDATE, or with all their fields.
  public init(_ notice: CatalogReply, of device: DeviceID, known: [Channel], seen: WallTime) {
    self.init(notice: notice.items, of: device, known: known, seen: seen)
  }

  /// The same, where what is known stands in a directory: costs what the notification names, however many channels
  /// the device has.
  public init(_ notice: CatalogReply, of device: DeviceID, in directory: Directory, seen: WallTime) {
    self.init(
      notice.items, of: device, seen: seen,
      NoticeBoard(find: { directory[$0] }, all: { directory.channels(of: device) }))
  }

  /// The same for items that came in several messages, in their order.
  public init(notice items: [CatalogItem], of device: DeviceID, known: [Channel], seen: WallTime) {
    let board = Dictionary(known.map { ($0.key, $0) }) { $1 }
    self.init(items, of: device, seen: seen, NoticeBoard(find: { board[$0] }, all: { known }))
  }

  private init(_ items: [CatalogItem], of device: DeviceID, seen: WallTime, _ known: NoticeBoard) {
    var board = known
    var (saved, deleted): (Set<ChannelKey>, Set<ChannelKey>) = ([], [])
    var changed: [ChannelKey] = []
    func put(_ channel: Channel) {
      if board[channel.key] == channel { return }
      if board[channel.key]?.status != channel.status { changed.append(channel.key) }
      board[channel.key] = channel
      saved.insert(channel.key)
      deleted.remove(channel.key)
    }
    for item in items {
      let key = ChannelKey(device: device, channel: item.id)
      switch item.change {
      case .state(let status):
        let before = board[key]
        if var channel = before, channel.status != status {
          (channel.status, channel.since) = (status, seen)
          put(channel)
        }
        for child in Self.following(key, status, before, board) {
          var child = child
          (child.status, child.since) = (status, seen)
          put(child)
        }
      case .whole:
        var channel = Channel(item, of: device, seen: seen)
        if let old = board[key] {
          channel.chosenName = old.chosenName
          if channel.status == old.status { channel.since = old.since }
        }
        put(channel)
      case .removed:
        guard board[key] != nil else { continue }
        board[key] = nil
        saved.remove(key)
        deleted.insert(key)
      }
    }
    self.init(
      device: device, saved: saved.sorted().compactMap { board[$0] }, deleted: deleted.sorted(),
      statusChanged: changed, problems: [])
  }

  /// The children whose state follows that of `key`.
  private static func following(
    _ key: ChannelKey, _ status: ChannelStatus, _ before: Channel?, _ board: NoticeBoard
  ) -> [Channel] {
    let isDevice = key.channel == key.device
    guard isDevice || before?.placement.isParental == true || key.channel.kind == .device else { return [] }
    let children = board.all.filter { child in
      child.key != key && child.kind.hasState && (isDevice || child.placement.parent == key.channel)
    }
    switch status {
    case .off: return children.filter { $0.status == .on }
    // Those that went off together with it.
    case .on:
      return children.filter { $0.status == .off && before?.status == .off && $0.since == before?.since }
    case .videoLost, .fault: return []
    }
  }
}

/// What is known, and what the items before changed of it.
private struct NoticeBoard {
  private let find: (ChannelKey) -> Channel?
  private let known: () -> [Channel]
  /// Nil is gone.
  private var changed: [ChannelKey: Channel?] = [:]

  init(find: @escaping (ChannelKey) -> Channel?, all: @escaping () -> [Channel]) {
    (self.find, known) = (find, all)
  }

  subscript(key: ChannelKey) -> Channel? {
    get { changed[key] ?? find(key) }
    set { changed[key] = .some(newValue) }
  }

  /// Asked for only when something goes that others hang at.
  var all: [Channel] {
    known().filter { changed[$0.key] == nil } + changed.values.compactMap(\.self)
  }
}

extension DeviceKind {
  /// Whether things of this kind are on or off; areas, groups and organisations are neither.
  fileprivate var hasState: Bool {
    switch self {
    case .area, .group, .organisation: false
    case .camera, .device, .alarm, .audio, .other: true
    }
  }
}
