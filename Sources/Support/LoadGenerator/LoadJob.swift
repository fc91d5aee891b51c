import Foundation

/// One measurement that a child process makes.
///
/// `tributary bench` starts itself with a hidden subcommand whose whole body is
/// ``runFromStandardInput()``; ``LoadChild`` is the other side.
public enum LoadJob: Sendable, Hashable, Codable {
  case send(LoadGenerator.Options)
  case receiveFloor(Floor.ReceiveOptions)
  case fanOutFloor(Floor.FanOutOptions)
  case echoFloor(Floor.EchoOptions)
  case readers(StreamReaders.Options)
  case sip(SIPLoad.Options)

  /// Makes the measurement in this process. Blocks until it is done.
  public func run(ready: Int32 = ReadyDescriptor.none) throws(LoadError) -> LoadOutcome {
    switch self {
    case .send(let options): .send(try LoadGenerator.sendStreams(options, ready: ready))
    case .receiveFloor(let options): .receiveFloor(try Floor.receive(options, ready: ready))
    case .fanOutFloor(let options): .fanOutFloor(try Floor.fanOut(options, ready: ready))
    case .echoFloor(let options): .echoFloor(try Floor.echo(options, ready: ready))
    case .readers(let options): .readers(try StreamReaders.run(options, ready: ready))
    case .sip(let options): .sip(try SIPLoad.run(options, ready: ready))
    }
  }

  /// The body of the hidden subcommand: reads one job as a line of JSON, prints `ready…`, then one line of JSON
  /// with the outcome.
  ///
  /// - Returns: the exit code.
  public static func runFromStandardInput() -> Int32 {
    signal(SIGTERM) { _ in stopLoad() }
    signal(SIGINT, SIG_IGN)
    let outcome: LoadOutcome
    do {
      let line = readLine() ?? ""
      let job = try JSONDecoder().decode(LoadJob.self, from: Data(line.utf8))
      outcome = try job.run(ready: ReadyDescriptor.standardOutput)
    } catch let error as LoadError {
      outcome = .failed(error.description)
    } catch {
      outcome = .failed("the job is not understood")
    }
    guard let text = try? JSONEncoder().encode(outcome) else { return 1 }
    // Whoever asked may be gone.
    try? FileHandle.standardOutput.write(contentsOf: text + Data([10]))
    if case .failed = outcome { return 1 }
    return 0
  }
}

/// What a job found.
public enum LoadOutcome: Sendable, Hashable, Codable {
  case send(LoadGenerator.Result)
  case receiveFloor(Floor.ReceiveResult)
  case fanOutFloor(Floor.FanOutResult)
  case echoFloor(Floor.EchoResult)
  case readers(StreamReaders.Result)
  case sip(SIPLoad.Result)
  case failed(String)
}
