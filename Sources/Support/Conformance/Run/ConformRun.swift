import Foundation
import NIOCore
import NIOPosix
import SIPCore

/// Runs cases against one system and reports.
public struct ConformRun: Sendable {
  /// No case takes longer; one that does fails.
  static let limit: Duration = .seconds(100)

  public private(set) var settings: ConformSettings
  public let editions: [Edition]
  public let selection: CaseSelection
  private let cases: [ConformCase]

  /// - Parameters:
  ///   - editions: in this order, one after the other.
  ///   - cases: the catalogue; another one only for tests.
  public init(
    _ settings: ConformSettings, editions: [Edition], selection: CaseSelection = .all,
    cases: [ConformCase] = ConformCatalogue.all
  ) {
    (self.settings, self.editions, self.selection, self.cases) = (settings, editions, selection, cases)
  }

  /// Runs everything.
  ///
  /// - Parameter done: hears of every case as it ends, from any task.
  /// - Throws: ``TesterError`` when the tester itself cannot work.
  public func run(done: @escaping @Sendable (CaseReport) -> Void) async throws -> RunReport {
    var run = self
    do {
      let server = try SocketAddress.makeAddressResolvingHost(
        settings.server.host, port: settings.server.port)
      run.settings.localHost = try await Wires.localHost(
        towards: server, on: MultiThreadedEventLoopGroup.singleton.next())
    } catch { throw TesterError("\(settings.server) cannot be reached: \(error)") }
    return try await run.all(done)
  }

  private func all(_ done: @escaping @Sendable (CaseReport) -> Void) async throws -> RunReport {
    let (started, begin) = (Date(), ContinuousClock.now)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    var reports: [CaseReport] = []
    do {
      for edition in editions {
        let wanted = cases.filter { selection.contains($0) && $0.editions.contains(edition) }
        // What registers here and the server under test do not know of each other.
        async let up = upLink(wanted.filter { $0.list == .upLink }, edition, group, done)
        let others = wanted.filter { $0.list != .upLink }
        reports += await together(others.filter { !$0.isAlone }, edition, group, done)
        reports += try await up
        for test in others where test.isAlone {
          reports.append(await one(test, edition, on: group.next(), upper: nil, done))
        }
      }
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
    try? await group.shutdownGracefully()
    let order = Dictionary(uniqueKeysWithValues: cases.enumerated().map { ($1.id, $0) })
    reports.sort { ($0.edition.rawValue, order[$0.id] ?? 0) < ($1.edition.rawValue, order[$1.id] ?? 0) }
    return RunReport(
      server: settings.serverName, lower: settings.lowerName, started: started,
      seconds: (ContinuousClock.now - begin).seconds, cases: reports, counts: RunCounts(reports))
  }

  /// Cases that do not mind each other, a few at a time.
  private func together(
    _ cases: [ConformCase], _ edition: Edition, _ group: MultiThreadedEventLoopGroup,
    _ done: @escaping @Sendable (CaseReport) -> Void
  ) async -> [CaseReport] {
    await withTaskGroup(of: CaseReport.self) { tasks in
      var (reports, waiting) = ([CaseReport](), cases[...])
      for _ in 0..<max(1, settings.width) {
        guard let test = waiting.popFirst() else { break }
        tasks.addTask { await one(test, edition, on: group.next(), upper: nil, done) }
      }
      while let report = await tasks.next() {
        reports.append(report)
        guard let test = waiting.popFirst() else { continue }
        tasks.addTask { await one(test, edition, on: group.next(), upper: nil, done) }
      }
      return reports
    }
  }

  /// The cases in which something registers at the tester: one after the other, at one upper platform.
  private func upLink(
    _ cases: [ConformCase], _ edition: Edition, _ group: MultiThreadedEventLoopGroup,
    _ done: @escaping @Sendable (CaseReport) -> Void
  ) async throws -> [CaseReport] {
    guard !cases.isEmpty else { return [] }
    let upper = try await UpperPlatform.open(settings, edition, on: group.next())
    var reports: [CaseReport] = []
    for test in cases { reports.append(await one(test, edition, on: group.next(), upper: upper, done)) }
    await upper.close()
    return reports
  }

  /// One case, within its time.
  private func one(
    _ test: ConformCase, _ edition: Edition, on loop: any EventLoop, upper: UpperPlatform?,
    _ done: @Sendable (CaseReport) -> Void
  ) async -> CaseReport {
    let script = Script(test, edition, settings, loop: loop, upper: upper)
    let begin = ContinuousClock.now
    if let upper { try? await upper.enter(script.ladder) }
    let outcome = await withTaskGroup(of: CaseOutcome?.self) { tasks in
      tasks.addTask { await Self.outcome { try await test.body(script) } }
      tasks.addTask {
        do { try await Task.sleep(for: Self.limit) } catch { return nil }
        // Closing what the case waits on makes it come to an end.
        await script.end()
        return CaseOutcome(result: .fail, cause: "the case took longer than \(Script.text(Self.limit))")
      }
      let first = await tasks.next() ?? nil
      tasks.cancelAll()
      return first ?? CaseOutcome(result: .skip, cause: "the run was ended")
    }
    await script.end()
    let report = CaseReport(
      id: test.id, list: test.list, title: test.title, titleChinese: test.titleChinese, clause: test.clause,
      isMandatory: test.isMandatory, role: test.role, sends: test.sends, expects: test.expects,
      edition: edition, peer: test.list == .upLink ? settings.lowerName : settings.serverName,
      outcome: outcome, seconds: ((ContinuousClock.now - begin).seconds * 1_000).rounded() / 1_000,
      ladder: script.ladder.entries)
    done(report)
    return report
  }

  /// What an ending of a case's body means.
  static func outcome(_ body: () async throws -> Void) async -> CaseOutcome {
    do {
      try await body()
      return CaseOutcome(result: .pass)
    } catch let failure as CaseFailure {
      return CaseOutcome(
        result: .fail, cause: failure.cause, expected: failure.expected, came: failure.came)
    } catch let skip as CaseSkip {
      return CaseOutcome(result: .skip, cause: skip.reason)
    } catch let failure as ActionFailure {
      switch failure {
      case .missing(let what): return CaseOutcome(result: .fail, cause: "the peer has \(what)")
      case .refused(let what): return CaseOutcome(result: .fail, cause: "the peer refused \(what)")
      case .notPossible(let why): return CaseOutcome(result: .skip, cause: why)
      }
    } catch is CancellationError {
      return CaseOutcome(result: .skip, cause: "the run was ended")
    } catch {
      return CaseOutcome(result: .fail, cause: "the tester could not go on: \(error)")
    }
  }
}

/// Every case, in the order of the reference.
public enum ConformCatalogue {
  public static let all: [ConformCase] = upLink + downLink + robustness

  static let upLink = ordered(
    UpRegistration.cases + UpCatalog.cases + UpLive.cases + UpControl.cases + UpTransfers.cases)
  static let downLink = ordered(
    DownRegistration.cases + DownCatalog.cases + DownLive.cases + DownControl.cases + DownCare.cases
      + DownRecords.cases
      + DownEvents.cases)
  static let robustness = ordered(RobustSignalling.cases + RobustMedia.cases)

  private static func ordered(_ cases: [ConformCase]) -> [ConformCase] {
    cases.sorted { $0.number < $1.number }
  }
}
