import ArgumentParser
import Foundation
import HTTPAPI
import LoadGenerator

/// Three levels above each other: a large county appears at the region, a change below is seen at the top, and what
/// each hop adds to a picture.
struct LevelsBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "levels",
    abstract: "Region, city and county: a large catalog, one change, and a picture through all of them.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Channels of the county.") var channels = 100_000
  @Option(help: "Changes that are timed.") var changes = 100
  @Option(help: "Pictures that run through all levels while the cost of a hop is measured.") var streams = 20
  @Flag(help: "Only the pictures.") var live = false
  @Flag(help: "Only the catalog and its changes.") var catalog = false

  func validate() throws {
    guard (1...100_000).contains(channels) else { throw ValidationError("--channels must be 1 to 100000") }
    guard (1...10_000).contains(changes) else { throw ValidationError("--changes must be 1 to 10000") }
    guard (1...200).contains(streams) else { throw ValidationError("--streams must be 1 to 200") }
  }

  func run() async throws {
    let parts = [live ? nil : "\(channels) channels", catalog ? nil : "\(streams) pictures"].compactMap(
      \.self)
    options.report("three levels, " + parts.joined(separator: ", ")) {
      var figures: [Figure] = []
      if !live { figures += try catalogFigures() }
      if !catalog { figures += try liveFigures() }
      return figures
    }
  }

  // MARK: Catalog

  private func catalogFigures() throws -> [Figure] {
    var (complete, slow, median): ([Double], [Double], [Double]) = ([], [], [])
    for round in 1...options.rounds {
      note("catalog, round \(round) of \(options.rounds)")
      try with(channels: channels, overTCP: true) { chain in
        complete.append(try appear(chain))
        let delays = try change(chain).sorted()
        median.append(Figure.median(delays))
        slow.append(delays[min(delays.count - 1, delays.count * 95 / 100)])
      }
    }
    return [
      Figure(
        "levels-catalog", unit: "s from the county's joining until the region has all", values: complete),
      Figure("levels-change", unit: "ms from a change below until the top shows it, median", values: median),
      Figure("levels-change-p95", unit: "ms, 95 % of the changes", values: slow),
    ]
  }

  /// The county knows its channels; now it joins the city, which is below the region already.
  private func appear(_ chain: LevelChain) throws -> Double {
    try chain.join(chain.city, below: chain.region)
    try until(30, "the city did not register") { try registered(chain.city, at: chain.region) }
    let began = loadClock()
    try chain.join(chain.county, below: chain.city)
    var told = 0.0
    try until(600, "the region does not have all channels") {
      let seconds = Double(loadClock() - began) / 1e9
      let known = try chain.region.server.report().channels
      if seconds - told > 5 {
        told = seconds
        note("  after \(Int(seconds)) s: city \(try chain.city.server.report().channels), region \(known)")
      }
      return known >= channels
    }
    return Double(loadClock() - began) / 1e9
  }

  private func registered(_ lower: LevelChain.Level, at upper: LevelChain.Level) throws -> Bool {
    try lower.http.request("GET", "/api/v1/superiors/\(upper.code)").json(API.Superior.self).subscribed
  }

  /// Milliseconds for each of many names that are changed at the county.
  private func change(_ chain: LevelChain) throws -> [Double] {
    try until(60, "the city did not subscribe") { try registered(chain.county, at: chain.city) }
    return try (0..<changes).map { index in
      let place = index * (channels / changes)
      let name = "Renamed \(index)"
      let began = loadClock()
      let answer = try chain.county.http.request(
        "PATCH", "/api/v1/channels/\(chain.channel(place, at: chain.county))",
        json: API.ChannelChange(name: name))
      guard answer.status < 300 else { throw LoadError("a channel could not be renamed: \(answer.text)") }
      let path = "/api/v1/channels/\(chain.channel(place, at: chain.region))"
      try until(60, "a change did not come to the top", step: 0.005) {
        try chain.region.http.request("GET", path).json(API.Channel.self).name == name
      }
      return Double(loadClock() - began) / 1e6
    }
  }

  // MARK: Pictures

  private func liveFigures() throws -> [Figure] {
    var (hops, relays, viewers): ([Double], [Double], [Double]) = ([], [], [])
    for round in 1...options.rounds {
      note("pictures, round \(round) of \(options.rounds)")
      try with(channels: streams, overTCP: false) { chain in
        try chain.join(chain.city, below: chain.region)
        try chain.join(chain.county, below: chain.city)
        try until(60, "the region does not have all channels") {
          try chain.region.server.report().channels >= streams
        }
        let cost = try cost(chain)
        relays.append(cost.relay)
        viewers.append(cost.viewer)
        hops.append(try delay(chain))
      }
    }
    return [
      Figure("levels-hop", unit: "ms that a hop adds to a picture, median", values: hops),
      Figure(
        "levels-hop-cpu",
        unit: "µs CPU per stream and second for sending it on; the floor is one more viewer",
        values: relays, floors: viewers),
    ]
  }

  /// The median over the pictures of one camera of what it takes from a viewer at the county to one at the region,
  /// by two.
  private func delay(_ chain: LevelChain) throws -> Double {
    let watchers = try [chain.region, chain.city, chain.county].map { level in
      FrameTimes(level.http, try chain.open(0, at: level))
    }
    wait(5)
    for watcher in watchers { watcher.begin() }
    wait(options.seconds)
    let seen = watchers.map { $0.end() }
    let both = seen[0].compactMap { picture, top in seen[2][picture].map { Double(top - $0) / 2e6 } }
    guard both.count >= Int(options.seconds) * 10 else {
      throw LoadError("only \(both.count) pictures were seen at the county and at the region")
    }
    note("  \(both.count) pictures at both ends, city in between: \(seen[1].count)")
    return Figure.median(both)
  }

  /// What the county spends on each stream that it sends on, beside what one more viewer of each costs it.
  private func cost(_ chain: LevelChain) throws -> (relay: Double, viewer: Double) {
    let first = try view(chain, at: chain.county)
    defer { first.discard() }
    // Beside what is spent without it just before and just after: a server that has just started still settles.
    var alone = [try spent(chain)]
    let second = try view(chain, at: chain.county)
    let viewed = try spent(chain)
    second.discard()
    alone.append(try spent(chain))
    let above = try view(chain, at: chain.region)
    let relayed = try spent(chain)
    above.discard()
    alone.append(try spent(chain))
    return (relayed - (alone[1] + alone[2]) / 2, viewed - (alone[0] + alone[1]) / 2)
  }

  /// One viewer of every camera.
  private func view(_ chain: LevelChain, at level: LevelChain.Level) throws -> LoadChild {
    let paths = try (0..<streams).map { try chain.open($0, at: level) }
    let job = StreamReaders.Options(
      port: UInt16(level.server.ready.http), paths: paths, viewers: streams, seconds: 3_600)
    let child = try BenchMachine.start(.readers(job), core: BenchMachine.load)
    _ = try child.waitUntilReady()
    return child
  }

  /// µs of processor time per stream and second at the county.
  private func spent(_ chain: LevelChain) throws -> Double {
    wait(3)
    let meter = try UsageMeter(chain.county.server.identifier)
    wait(options.seconds)
    let reading = try meter.read()
    return reading.cpuSeconds * 1e6 / reading.seconds / Double(streams)
  }

  // MARK: Around

  /// Three servers and a device at the county whose catalog is complete there.
  private func with(channels: Int, overTCP: Bool, _ body: (LevelChain) throws -> Void) throws {
    let folder = try options.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let chain = try LevelChain(folder: folder)
    defer { chain.end() }
    var job = FleetTargetOptions(
      sipPort: chain.county.server.ready.sip, devices: 1, channels: channels)
    (job.overTCP, job.catalogItemsPerPart, job.isSilent) = (overTCP, overTCP ? 1_000 : 4, true)
    let fleet = try TargetProcess(.fleet(job), core: BenchMachine.load)
    defer { fleet.end() }
    try until(300, "the county's own catalog is not complete") {
      try chain.county.server.report().channels >= channels
    }
    try body(chain)
  }

  private func until(_ seconds: Double, _ failure: String, step: Double = 0.1, _ condition: () throws -> Bool)
    throws
  {
    let end = loadClock() + Int64(seconds * 1e9)
    while loadClock() < end {
      if try condition() { return }
      wait(step)
    }
    throw LoadError("\(failure) after \(Int(seconds)) s")
  }
}
