extension API {
  /// How far what we know of a lower platform's catalog can be relied on.
  public enum CatalogPhase: String, Codable, Sendable, Hashable, CaseIterable {
    /// It is not there, or was not heard since we started.
    case unknown
    /// Everything is being read.
    case fetching
    /// It was read, and changes are taken over as they are told.
    case following
    /// Its digest is being compared with ours.
    case comparing
    /// What differed is being read again.
    case repairing
  }

  /// A platform below this one, and the link to it.
  public struct LowerPlatform: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var status: DeviceStatus
    public var since: Time
    public var address: String?
    public var transport: String?
    public var gbVersion: String?
    /// Items of its catalog that we have.
    public var items: Int
    /// Cameras among them, and those that are there.
    public var cameras: Int
    public var camerasOnline: Int
    /// Items of its last catalog that could not be read.
    public var broken: Int
    public var catalog: CatalogPhase
    /// Whether digests can be compared with it, which takes another Tributary; any other is read as a whole.
    public var knowsDigests: Bool
    /// When the two were last known to agree.
    public var agreed: Time?
    /// Comparisons that found a difference, since we started.
    public var differences: Int
    /// Whether it tells us of changes.
    public var subscribed: Bool
    /// When it last told something.
    public var lastReport: Time?
    /// Pictures that come from it now.
    public var streams: Int

    public init(
      id: String, name: String, status: DeviceStatus, since: Time, address: String? = nil,
      transport: String? = nil, gbVersion: String? = nil, items: Int, cameras: Int, camerasOnline: Int,
      broken: Int = 0, catalog: CatalogPhase, knowsDigests: Bool, agreed: Time? = nil, differences: Int = 0,
      subscribed: Bool, lastReport: Time? = nil, streams: Int
    ) {
      (self.id, self.name, self.status, self.since) = (id, name, status, since)
      (self.address, self.transport, self.gbVersion) = (address, transport, gbVersion)
      (self.items, self.cameras, self.camerasOnline, self.broken) = (items, cameras, camerasOnline, broken)
      (self.catalog, self.knowsDigests, self.agreed) = (catalog, knowsDigests, agreed)
      (self.differences, self.subscribed, self.lastReport) = (differences, subscribed, lastReport)
      self.streams = streams
    }
  }
}
