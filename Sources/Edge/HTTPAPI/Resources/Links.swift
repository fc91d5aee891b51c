extension API {
  /// A link to a platform above or below, and what it carries. Rates in bits per second.
  public struct Link: Codable, Sendable, Hashable {
    /// `up-<code>` or `down-<code>`.
    public var id: String
    /// `up`: the platform above pulls from us; `down`: we pull from the one below.
    public var direction: String
    /// The neighbour's code.
    public var peer: String
    public var name: String
    /// Absent when nobody declared it: everything fits.
    public var capacity: Int?
    /// What ordinary streams leave free of it.
    public var reserve: Int
    /// From this priority on the reserve may be used.
    public var reservePriority: Int
    /// Measured.
    public var rate: Int
    /// What is counted: measured, or expected of streams that have just begun.
    public var counted: Int
    /// The most expensive first.
    public var streams: [LinkStream]
    /// Streams that did not fit, and that lost their place to more urgent ones, since the start.
    public var refused: UInt64
    public var displaced: UInt64
    /// The last hour, a sample every ten seconds, oldest first.
    public var samples: [LinkSample]

    public init(
      id: String, direction: String, peer: String, name: String, capacity: Int?, reserve: Int,
      reservePriority: Int, rate: Int, counted: Int, streams: [LinkStream], refused: UInt64,
      displaced: UInt64, samples: [LinkSample]
    ) {
      (self.id, self.direction, self.peer, self.name) = (id, direction, peer, name)
      (self.capacity, self.reserve, self.reservePriority) = (capacity, reserve, reservePriority)
      (self.rate, self.counted, self.streams) = (rate, counted, streams)
      (self.refused, self.displaced, self.samples) = (refused, displaced, samples)
    }
  }

  /// A stream that runs over a link.
  public struct LinkStream: Codable, Sendable, Hashable {
    /// What is shown to whom.
    public var user: String
    public var priority: Int
    public var rate: Int

    public init(user: String, priority: Int, rate: Int) {
      (self.user, self.priority, self.rate) = (user, priority, rate)
    }
  }

  /// What a link carried at a moment.
  public struct LinkSample: Codable, Sendable, Hashable {
    public var time: Time
    public var rate: Int
    public var streams: Int

    public init(time: Time, rate: Int, streams: Int) {
      (self.time, self.rate, self.streams) = (time, rate, streams)
    }
  }

  /// What a link is declared with; without a capacity everything fits.
  public struct LinkDeclaration: Codable, Sendable, Hashable {
    public var capacity: Int?
    public var reserve: Int?

    public init(capacity: Int? = nil, reserve: Int? = nil) {
      (self.capacity, self.reserve) = (capacity, reserve)
    }
  }
}
