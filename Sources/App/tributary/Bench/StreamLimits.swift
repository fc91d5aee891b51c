import LoadGenerator

/// How far many streams go: how many a processor carries, and whether the cost of one depends on their number.
extension StreamMeasure {
  /// Streams of which not one packet was lost and not one group was left out, in steps of 100.
  func capacity(from first: Int) throws -> Figure {
    var carried = 0
    var measure = self
    var count = first
    while count <= 5_000 {
      note("\(count) streams on one processor")
      measure = StreamMeasure(
        options: options, clip: clip, streams: count, overTCP: overTCP, records: records)
      let outcome = try measure.attempt()
      let report = outcome.report
      guard report.lost == 0, report.kernelDrops == 0, report.droppedFragments == 0, report.pictures == count
      else {
        note("  \(report.lost) packets lost, \(report.droppedFragments) groups left out")
        if !outcome.isFair { note("  and the load was late: this says nothing about us") }
        break
      }
      carried = count
      guard outcome.isFair else {
        note("  the load could not keep its pace: more than this was not tried")
        break
      }
      count += 100
    }
    guard carried > 0 else { throw LoadError("already \(first) streams were too many: begin with fewer") }
    return Figure(
      "streams-per-processor", target: "P4", unit: "streams before the first loss", values: [Double(carried)])
  }

  /// The largest cost of a stream-second over the smallest, from few streams to many.
  func linearity(_ counts: [Int]) throws -> Figure {
    var ours: [Double] = []
    var floors: [Double] = []
    for count in counts {
      let measure = StreamMeasure(
        options: options, clip: clip, streams: count, overTCP: overTCP, records: records)
      floors.append(try measure.floor().cost)
      let cost = try measure.attempt().trial.cost
      ours.append(cost)
      note("\(count) streams: \(Int(cost)) µs per stream and second")
    }
    func spread(_ costs: [Double]) -> Double { (costs.max() ?? 0) / max(costs.min() ?? 1, 1) }
    return Figure(
      "linearity", target: "P11", unit: "largest over smallest cost of a stream", values: [spread(ours)],
      floors: [spread(floors)])
  }

  /// What two media threads carry of what one does, were each alone on a processor: one with half the streams against
  /// two with all of them, so that each thread has the same work. Both share one processor, because the load needs
  /// the other; what two processors share besides (memory, the network's own work) is not in it.
  func twoThreads() throws -> Figure {
    var gains: [Double] = []
    for round in 1...options.rounds {
      note("one thread and two, round \(round) of \(options.rounds)")
      var one = self
      one.streams = streams / 2
      var two = self
      two.threads = 2
      gains.append(2 * (try one.attempt().trial.cost) / (try two.attempt().trial.cost))
    }
    return Figure("two-threads", target: "P11", unit: "times what one thread carries", values: gains)
  }
}
