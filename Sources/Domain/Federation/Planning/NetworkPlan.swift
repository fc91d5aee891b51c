/// A network that is to be built, as somebody imagines it: levels, cameras, who looks, what is recorded where.
///
/// Rates in bits per second, shares 0…1.
public struct NetworkPlan: Sendable, Hashable {
  public var root: PlannedNode
  /// What packets add to the pictures: RTP, UDP, IP and the program stream.
  public var overhead: Double
  /// What stays free on disks.
  public var diskReserve: Double
  /// At the busiest moment something happens somewhere: this share of the pictures that a level looks at is of one of
  /// the levels below, the others are spread evenly over all cameras.
  public var focus: Double

  public init(root: PlannedNode, overhead: Double = 0.08, diskReserve: Double = 0.08, focus: Double = 0.5) {
    (self.root, self.overhead, self.diskReserve, self.focus) = (root, overhead, diskReserve, focus)
  }
}

/// A level of a planned network, or one of several that are alike.
public struct PlannedNode: Sendable, Hashable {
  public var name: String
  /// How many such levels there are, each with everything that is described here.
  public var copies: Int
  /// The way to the level above; nil for the top.
  public var link: PlannedLink?
  public var cameras: [PlannedCameras]
  public var viewers: [PlannedViewers]
  public var recordings: [PlannedRecording]
  /// Bytes of its disks; nil when nobody said.
  public var disk: Double?
  public var children: [PlannedNode]

  public init(
    _ name: String, copies: Int = 1, link: PlannedLink? = nil, cameras: [PlannedCameras] = [],
    viewers: [PlannedViewers] = [], recordings: [PlannedRecording] = [], disk: Double? = nil,
    children: [PlannedNode] = []
  ) {
    (self.name, self.copies, self.link, self.cameras) = (name, max(copies, 1), link, cameras)
    (self.viewers, self.recordings, self.disk, self.children) = (viewers, recordings, disk, children)
  }
}

/// The way from a level to the one above.
public struct PlannedLink: Sendable, Hashable {
  /// Nil when nobody said: it is computed what is needed.
  public var capacity: Double?
  /// What stays free of it for the urgent, 0…1.
  public var reserve: Double

  public init(capacity: Double? = nil, reserve: Double = 0.2) {
    (self.capacity, self.reserve) = (capacity, reserve)
  }

  /// What ordinary streams may use.
  public var usable: Double? { capacity.map { $0 * (1 - reserve) } }
}

/// Which stream of a camera.
public enum PlannedStream: String, Sendable, Hashable, CaseIterable {
  case main, sub
}

/// Cameras that are alike.
public struct PlannedCameras: Sendable, Hashable {
  public var count: Int
  public var main: Double
  public var sub: Double

  public init(count: Int, main: Double, sub: Double) {
    (self.count, self.main, self.sub) = (count, main, sub)
  }

  func rate(of stream: PlannedStream) -> Double { stream == .main ? main : sub }
}

/// People who look.
public struct PlannedViewers: Sendable, Hashable {
  public var people: Int
  /// Pictures in front of each.
  public var pictures: Int
  public var stream: PlannedStream
  /// The share of them that looks at the busiest moment, and on the average of the day.
  public var peak: Double
  public var average: Double

  public init(
    people: Int, pictures: Int = 1, stream: PlannedStream = .main, peak: Double = 1, average: Double = 0.3
  ) {
    (self.people, self.pictures, self.stream) = (people, pictures, stream)
    (self.peak, self.average) = (peak, min(average, peak))
  }
}

/// What a level records of the cameras below it, its own among them.
public struct PlannedRecording: Sendable, Hashable {
  /// Of all cameras below, 0…1.
  public var share: Double
  public var stream: PlannedStream
  public var days: Double

  public init(share: Double = 1, stream: PlannedStream = .main, days: Double) {
    (self.share, self.stream, self.days) = (share, stream, days)
  }
}
