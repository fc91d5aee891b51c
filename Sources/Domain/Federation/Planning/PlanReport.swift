/// What a planned network carries and keeps.
public struct PlanReport: Sendable, Hashable {
  /// At one moment.
  public struct Load: Sendable, Hashable {
    public var streams: Double
    /// Bits per second, overhead included.
    public var rate: Double

    /// Nothing.
    public static let none = Load(streams: 0, rate: 0)

    static func + (one: Load, other: Load) -> Load {
      Load(streams: one.streams + other.streams, rate: one.rate + other.rate)
    }

    func times(_ factor: Double) -> Load { Load(streams: streams * factor, rate: rate * factor) }
  }

  /// A load on the average of the day and at the busiest moment.
  public struct Range: Sendable, Hashable {
    public var average: Load
    public var peak: Load

    /// Nothing.
    public static let none = Range(average: .none, peak: .none)

    static func + (one: Range, other: Range) -> Range {
      Range(average: one.average + other.average, peak: one.peak + other.peak)
    }

    func times(_ factor: Double) -> Range {
      Range(average: average.times(factor), peak: peak.times(factor))
    }
  }

  /// A level; the figures are those of one of its copies.
  public struct Node: Sendable, Hashable {
    public var name: String
    /// How many there are in the whole network.
    public var copies: Int
    /// 0 at the top.
    public var depth: Int
    /// Cameras here and below.
    public var cameras: Int
    /// What comes in, and what of it comes from its own cameras: the rest comes from the levels below.
    public var incoming: Range
    public var own: Range
    /// What goes to the people here.
    public var viewed: Range
    /// What is written here.
    public var recorded: Load
    /// Bytes, with what stays free.
    public var storage: Double
    public var disk: Double?
    /// The way up; nil for the top.
    public var link: Link?

    /// Whether the disks are declared and too small.
    public var lacksDisk: Bool { disk.map { storage > $0 } ?? false }
  }

  /// The way from a level to the one above.
  public struct Link: Sendable, Hashable {
    public var load: Range
    public var capacity: Double?
    /// What ordinary streams may use of it.
    public var usable: Double?

    /// The share of ``usable`` that is used at the busiest moment.
    public var use: Double? {
      usable.map { $0 > 0 ? load.peak.rate / $0 : load.peak.rate > 0 ? .infinity : 0 }
    }
    public var isTooNarrow: Bool { use.map { $0 > 1 } ?? false }
  }

  /// What may be done about a link that is too narrow.
  public enum Advice: Sendable, Hashable {
    /// The link would do with this capacity, reserve included.
    case widen(to: Double)
    /// The levels above look at the sub-stream; at the busiest moment the link then carries this.
    case lookAtSubStreams(rate: Double)
    /// What is recorded above of these cameras is recorded where they are; the link then carries this.
    case recordBelow(rate: Double)
    /// So many of hundred of the people above may look at the same time.
    case fewerAtOnce(percent: Int)
  }

  /// What may be done about one link; each of them alone.
  public struct Remedy: Sendable, Hashable {
    /// The name of its lower level.
    public var link: String
    public var advice: [Advice]
  }

  /// In the order of the plan, parents first.
  public var nodes: [Node]
  /// The link that is fullest at the busiest moment, by the name of its lower level; nil where none is declared.
  public var bottleneck: String?
  /// What to change, for each link that is too narrow.
  public var remedies: [Remedy]

  /// Whether everything that was declared is enough.
  public var fits: Bool { nodes.allSatisfy { !($0.link?.isTooNarrow ?? false) && !$0.lacksDisk } }
}
