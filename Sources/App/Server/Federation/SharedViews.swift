import Federation
import GBCore
import Logging
import Registry

/// What each superior sees: one keeper for each, brought up to date a few times a second.
///
/// An actor of its own: building a county's view takes seconds, and the event loop must not wait for it.
actor SharedViews {
  private var keepers: [DeviceID: SharedViewKeeper] = [:]
  private let directory: DeviceDirectory
  private let store: any SuperiorStore
  nonisolated let card: PlatformCard
  private let grants: UpwardGrants
  private let logger: Logger

  init(
    directory: DeviceDirectory, store: any SuperiorStore, card: PlatformCard, grants: UpwardGrants,
    logger: Logger
  ) {
    (self.directory, self.store, self.card, self.grants) = (directory, store, card, grants)
    self.logger = logger
  }

  /// Builds a superior's view, anew when it was described anew.
  func add(_ superior: Superior) async {
    let kept: [CodeMap.Assignment]
    do { kept = try await store.codes(of: superior.id) } catch {
      // Without them cameras would get other codes than the superior knows: better no view than a wrong one.
      logger.error(
        "the codes that a superior knows could not be read; it sees nothing",
        metadata: ["superior.id": "\(superior.id)", "error": "\(error)"])
      return
    }
    var keeper = SharedViewKeeper(
      superior: superior, card: card,
      codes: CodeMap(own: superior.ownID, reserved: [superior.id, card.id], assignments: kept),
      isGranted: { [grants] in grants.sees(superior.id, $0) })
    directory.follow(true)
    keeper.load(directory.everything())
    keepers[superior.id] = keeper
    await keep(superior.id)
  }

  func remove(_ superior: DeviceID) {
    keepers[superior] = nil
    if keepers.isEmpty { directory.follow(false) }
  }

  /// Takes over what changed in the registry.
  ///
  /// - Returns: what each superior is to be told.
  func update() async -> [DeviceID: [SharedChange]] { await apply(directory.takeNews()) }

  /// Grants changed.
  func regrant() async -> [DeviceID: [SharedChange]] { await apply([.allGrants]) }

  private func apply(_ inputs: [ShareInput]) async -> [DeviceID: [SharedChange]] {
    guard !inputs.isEmpty else { return [:] }
    var changes: [DeviceID: [SharedChange]] = [:]
    for id in Array(keepers.keys) {
      let told = keepers[id]?.apply(inputs) ?? []
      if !told.isEmpty { changes[id] = told }
      await keep(id)
    }
    return changes
  }

  /// The items that a Catalog query is answered with; nil for a code that is not shown.
  func items(_ superior: DeviceID, in scope: DeviceID) -> [SharedItem]? {
    guard let keeper = keepers[superior] else { return nil }
    // The platform's own code may be written where ours there is meant.
    return keeper.view.items(in: scope == card.id ? keeper.superior.ownID : scope)
  }

  /// What a superior must have if nothing was lost; nil when it sees nothing.
  func digest(_ superior: DeviceID, edition: GBVersion) -> CatalogDigest? {
    keepers[superior]?.digest(edition: edition)
  }

  /// The items of these buckets, in the order of a catalog; nil when it sees nothing.
  func items(_ superior: DeviceID, inBuckets buckets: Set<Int>) -> [SharedItem]? {
    keepers[superior]?.view.items(inBuckets: buckets)
  }

  /// The camera that a superior means by a code; nil for what it may not see, as for what does not exist.
  func channel(_ superior: DeviceID, _ code: DeviceID) -> ChannelKey? {
    guard case .item(let key) = keepers[superior]?.target(code) else { return nil }
    return key
  }

  func code(_ superior: DeviceID, _ channel: ChannelKey) -> DeviceID? {
    keepers[superior]?.codes.outward(channel)
  }

  /// How many cameras a superior sees.
  func cameras(_ superior: DeviceID) -> Int {
    keepers[superior]?.count { $0.kind == .camera } ?? 0
  }

  /// How many items a superior sees.
  func count(_ superior: DeviceID) -> Int { keepers[superior]?.count() ?? 0 }

  private func keep(_ id: DeviceID) async {
    guard let rows = keepers[id]?.codes.takeChanges(), !rows.isEmpty else { return }
    noteCollisions(rows, id)
    do { try await store.saveCodes(rows, of: id) } catch {
      logger.error(
        "the codes that a superior knows could not be kept",
        metadata: ["superior.id": "\(id)", "error": "\(error)"])
    }
  }

  /// Two sources show the same code: a mistake in numbering, or one that claims what is another's. Whose the code was
  /// keeps it.
  private func noteCollisions(_ rows: [CodeMap.Assignment], _ superior: DeviceID) {
    let recoded = rows.filter { $0.code != nil && $0.code != $0.key.channel }
    for source in Set(recoded.map(\.key.device)).sorted() {
      let of = recoded.filter { $0.key.device == source }
      guard let first = of.first else { continue }
      logger.notice(
        "a source shows codes that are taken; they are shown to a superior under others",
        metadata: [
          "device.id": "\(source)", "superior.id": "\(superior)", "count": "\(of.count)",
          "channel.id": "\(first.key.channel)", "shown": "\(first.code.map(\.text) ?? "none")",
        ])
    }
  }
}
