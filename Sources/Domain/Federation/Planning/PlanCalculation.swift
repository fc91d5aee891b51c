extension NetworkPlan {
  /// Computes what every link and every level carries and keeps.
  ///
  /// A stream runs once per link however many watch. Who looks, looks at any camera below with equal chance: on the
  /// average of the day a camera's stream crosses a link with the chance that somebody above has chosen it or records
  /// it; at the busiest moment no two look at the same camera, and ``focus`` of them at one level below.
  public func report() -> PlanReport {
    var nodes: [PlanReport.Node] = []
    var paths: [[Int]] = []
    let cast = PlanCast(self)
    cast.visit(root, above: PlanDemand(), copies: 1, path: []) { node, path in
      nodes.append(node)
      paths.append(path)
    }
    let declared = nodes.filter { $0.link?.use != nil }
    let bottleneck = declared.max { ($0.link?.use ?? 0) < ($1.link?.use ?? 0) }
    let remedies = zip(nodes, paths).compactMap { node, path in
      node.link?.isTooNarrow == true ? remedy(for: node, at: path) : nil
    }
    return PlanReport(nodes: nodes, bottleneck: bottleneck?.name, remedies: remedies)
  }

  // MARK: What to change

  private func remedy(for node: PlanReport.Node, at path: [Int]) -> PlanReport.Remedy {
    var advice: [PlanReport.Advice] = []
    guard let link = node.link, let usable = link.usable, let capacity = link.capacity else {
      return PlanReport.Remedy(link: node.name, advice: [])
    }
    let now = link.load.peak.rate
    // What is reserved of it stays reserved.
    if usable > 0 { advice.append(.widen(to: now * capacity / usable)) }
    let withSub = changed(above: path) { node in
      for index in node.viewers.indices { node.viewers[index].stream = .sub }
    }
    let sub = withSub.peakRate(at: path)
    if sub < now { advice.append(.lookAtSubStreams(rate: sub)) }
    let unrecorded = changed(above: path) { $0.recordings = [] }.peakRate(at: path)
    if unrecorded < now { advice.append(.recordBelow(rate: unrecorded)) }
    if let percent = largestShare(at: path, usable: usable) { advice.append(.fewerAtOnce(percent: percent)) }
    return PlanReport.Remedy(link: node.name, advice: advice)
  }

  /// So many of hundred of the people above that the link bears; nil when it bears none, or all.
  private func largestShare(at path: [Int], usable: Double) -> Int? {
    var (fits, tooMany) = (0, 100)
    func bears(_ percent: Int) -> Bool {
      let fewer = changed(above: path) { node in
        for index in node.viewers.indices {
          node.viewers[index].peak *= Double(percent) / 100
          node.viewers[index].average = min(node.viewers[index].average, node.viewers[index].peak)
        }
      }
      return fewer.peakRate(at: path) <= usable
    }
    guard bears(0) else { return nil }
    while tooMany - fits > 1 {
      let middle = (fits + tooMany) / 2
      if bears(middle) { fits = middle } else { tooMany = middle }
    }
    return fits > 0 ? fits : nil
  }

  /// The plan with every level above a node changed.
  private func changed(above path: [Int], _ body: (inout PlannedNode) -> Void) -> NetworkPlan {
    var plan = self
    Self.change(&plan.root, path[...], body)
    return plan
  }

  private static func change(
    _ node: inout PlannedNode, _ path: ArraySlice<Int>, _ body: (inout PlannedNode) -> Void
  ) {
    guard let first = path.first else { return }
    body(&node)
    change(&node.children[first], path.dropFirst(), body)
  }

  /// What the link of a node carries at the busiest moment.
  private func peakRate(at path: [Int]) -> Double {
    var found = 0.0
    PlanCast(self).visit(root, above: PlanDemand(), copies: 1, path: []) { node, other in
      if other == path { found = node.link?.load.peak.rate ?? 0 }
    }
    return found
  }
}

/// What the levels above want of the cameras below a node.
struct PlanDemand {
  /// Of one kind of stream.
  struct Stream {
    /// The chance that nobody has chosen a camera, on the average of the day.
    var unseen = 1.0
    /// Pictures that are looked at below this node at the busiest moment.
    var pictures = 0.0
    /// The share of cameras that is recorded above. Levels record the same ones first.
    var recorded = 0.0
  }

  private var streams: [PlannedStream: Stream] = [:]

  subscript(stream: PlannedStream) -> Stream {
    get { streams[stream] ?? Stream() }
    set { streams[stream] = newValue }
  }
}

/// One computation.
struct PlanCast {
  let plan: NetworkPlan

  init(_ plan: NetworkPlan) { self.plan = plan }

  /// Cameras of one copy of a node and what one of them sends on the average.
  struct Cameras {
    var count = 0
    var rates: [PlannedStream: Double] = [:]

    func mean(_ stream: PlannedStream) -> Double {
      count > 0 ? (rates[stream] ?? 0) / Double(count) : 0
    }

    mutating func add(_ other: Cameras, times copies: Int = 1) {
      count += other.count * copies
      for stream in PlannedStream.allCases {
        rates[stream, default: 0] += (other.rates[stream] ?? 0) * Double(copies)
      }
    }
  }

  static func own(_ node: PlannedNode) -> Cameras {
    var cameras = Cameras()
    for group in node.cameras {
      cameras.count += group.count
      for stream in PlannedStream.allCases {
        cameras.rates[stream, default: 0] += group.rate(of: stream) * Double(group.count)
      }
    }
    return cameras
  }

  /// Here and below.
  static func all(_ node: PlannedNode) -> Cameras {
    var cameras = own(node)
    for child in node.children { cameras.add(all(child), times: child.copies) }
    return cameras
  }

  /// - Parameters:
  ///   - above: what the levels above want from one copy of this node.
  ///   - copies: how many of its parent there are.
  func visit(
    _ node: PlannedNode, above: PlanDemand, copies: Int, path: [Int],
    _ found: (PlanReport.Node, [Int]) -> Void
  ) {
    let (own, all) = (Self.own(node), Self.all(node))
    let wanted = demand(of: node, all, above)
    let recorded = self.recorded(node, all)
    let copies = copies * (path.isEmpty ? 1 : node.copies)
    found(
      PlanReport.Node(
        name: node.name, copies: copies, depth: path.count, cameras: all.count,
        incoming: load(wanted, node), own: load(wanted, own), viewed: viewed(node, all),
        recorded: recorded.load, storage: recorded.bytes, disk: node.disk,
        link: path.isEmpty
          ? nil
          : PlanReport.Link(
            load: load(above, node), capacity: node.link?.capacity, usable: node.link?.usable)), path)
    for (index, child) in node.children.enumerated() {
      visit(child, above: part(of: wanted, for: child, in: all), copies: copies, path: path + [index], found)
    }
  }

  /// What of a demand falls to one copy of a level below, if it is there that something happens.
  private func part(of demand: PlanDemand, for child: PlannedNode, in all: Cameras) -> PlanDemand {
    let below = Self.all(child)
    let share = all.count > 0 ? Double(below.count) / Double(all.count) : 0
    let focused = below.count > 0 ? plan.focus + (1 - plan.focus) * share : 0
    var part = demand
    for stream in PlannedStream.allCases { part[stream].pictures *= focused }
    return part
  }

  /// What a node and those above it want of the cameras below it.
  private func demand(of node: PlannedNode, _ cameras: Cameras, _ above: PlanDemand) -> PlanDemand {
    var demand = above
    guard cameras.count > 0 else { return demand }
    for group in node.viewers {
      let pictures = Double(group.people * group.pictures)
      demand[group.stream].unseen *= Self.power(
        1 - 1 / Double(cameras.count), pictures * group.average)
      demand[group.stream].pictures += pictures * group.peak
    }
    for rule in node.recordings {
      demand[rule.stream].recorded = max(demand[rule.stream].recorded, rule.share)
    }
    return demand
  }

  /// The streams that come from a level for a demand: at the busiest moment what happens may happen where pictures
  /// are dearest.
  private func load(_ demand: PlanDemand, _ node: PlannedNode) -> PlanReport.Range {
    let all = Self.all(node)
    var range = load(demand, all)
    for child in node.children {
      let dearest = load(part(of: demand, for: child, in: all), child).peak
      if dearest.rate > range.peak.rate { range.peak.rate = dearest.rate }
    }
    return range
  }

  /// The streams that cameras send for a demand; each counts once.
  private func load(_ demand: PlanDemand, _ cameras: Cameras) -> PlanReport.Range {
    var range = PlanReport.Range.none
    let count = Double(cameras.count)
    for stream in PlannedStream.allCases {
      let wanted = demand[stream]
      let average = count * (1 - (1 - wanted.recorded) * wanted.unseen)
      let peak = min(count, count * wanted.recorded + wanted.pictures)
      let rate = cameras.mean(stream) * (1 + plan.overhead)
      range =
        range
        + PlanReport.Range(
          average: .init(streams: average, rate: average * rate),
          peak: .init(streams: peak, rate: peak * rate))
    }
    return range
  }

  private func viewed(_ node: PlannedNode, _ cameras: Cameras) -> PlanReport.Range {
    guard cameras.count > 0 else { return .none }
    return node.viewers.reduce(.none) { sum, group in
      let pictures = Double(group.people * group.pictures)
      let rate = cameras.mean(group.stream) * (1 + plan.overhead)
      let (average, peak) = (pictures * group.average, pictures * group.peak)
      return sum
        + PlanReport.Range(
          average: .init(streams: average, rate: average * rate),
          peak: .init(streams: peak, rate: peak * rate))
    }
  }

  private func recorded(_ node: PlannedNode, _ cameras: Cameras) -> (load: PlanReport.Load, bytes: Double) {
    var load = PlanReport.Load.none
    var bytes = 0.0
    for rule in node.recordings {
      let streams = Double(cameras.count) * rule.share
      let rate = streams * cameras.mean(rule.stream)
      load = load + .init(streams: streams, rate: rate)
      bytes += rate / 8 * 86_400 * rule.days / (1 - plan.diskReserve)
    }
    return (load, bytes)
  }

  /// `base` to the power of `exponent`, for a base of 0…1 and an exponent from 0: by squaring, without a library.
  ///
  /// Whole exponents are exact; between two of them the logarithm is taken for straight.
  static func power(_ base: Double, _ exponent: Double) -> Double {
    let whole = exponent.rounded(.down)
    var (result, factor, left) = (1.0, base, Int(min(whole, 1e15)))
    while left > 0 {
      if left & 1 == 1 { result *= factor }
      factor *= factor
      left >>= 1
    }
    // (1 − x)^f lies under 1 − f·x and comes to it for small x.
    return result * (1 - (exponent - whole) * (1 - base))
  }
}
