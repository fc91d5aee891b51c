import Federation

/// A plan's figures as JSON. Rates in bits per second, sizes in bytes.
struct PlanDocument: Encodable {
  struct Load: Encodable {
    let streams: Double
    let rate: Double

    init(_ load: PlanReport.Load) { (streams, rate) = (load.streams, load.rate) }
  }

  struct Range: Encodable {
    let average: Load
    let peak: Load

    init(_ range: PlanReport.Range) { (average, peak) = (Load(range.average), Load(range.peak)) }
  }

  struct Link: Encodable {
    let load: Range
    let capacity: Double?
    let usable: Double?
    /// Absent without a declared capacity, and where nothing at all is usable.
    let use: Double?
    let tooNarrow: Bool
  }

  struct Level: Encodable {
    let name: String
    let number: Int
    let depth: Int
    let cameras: Int
    let incoming: Range
    let fromOwnCameras: Range
    let viewed: Range
    let recorded: Load
    let storage: Double
    let disk: Double?
    let lacksDisk: Bool
    let link: Link?
  }

  struct Advice: Encodable {
    let kind: String
    /// Of the link then.
    var rate: Double?
    var capacity: Double?
    var percent: Int?

    init(_ advice: PlanReport.Advice) {
      switch advice {
      case .widen(let capacity): (kind, self.capacity) = ("widen", capacity)
      case .lookAtSubStreams(let rate): (kind, self.rate) = ("sub-streams", rate)
      case .recordBelow(let rate): (kind, self.rate) = ("record-below", rate)
      case .fewerAtOnce(let percent): (kind, self.percent) = ("fewer-at-once", percent)
      }
    }
  }

  struct Remedy: Encodable {
    let link: String
    let advice: [Advice]
  }

  let fits: Bool
  let bottleneck: String?
  let levels: [Level]
  let remedies: [Remedy]

  init(_ report: PlanReport) {
    (fits, bottleneck) = (report.fits, report.bottleneck)
    levels = report.nodes.map { node in
      Level(
        name: node.name, number: node.copies, depth: node.depth, cameras: node.cameras,
        incoming: Range(node.incoming), fromOwnCameras: Range(node.own), viewed: Range(node.viewed),
        recorded: Load(node.recorded), storage: node.storage, disk: node.disk, lacksDisk: node.lacksDisk,
        link: node.link.map { link in
          Link(
            load: Range(link.load), capacity: link.capacity, usable: link.usable,
            use: link.use.flatMap { $0.isFinite ? $0 : nil }, tooNarrow: link.isTooNarrow)
        })
    }
    remedies = report.remedies.map { Remedy(link: $0.link, advice: $0.advice.map(Advice.init)) }
  }
}
