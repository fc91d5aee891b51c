/// One parser under fuzzing: a function that takes any bytes and checks what must hold afterwards.
///
/// A broken promise ends the process (`precondition`), which is what a fuzzer looks for. The promises of every
/// target: no trap, no unbounded memory or time, and the invariants named at its `run`.
public struct FuzzTarget: Sendable {
  /// The name on the command line and of the corpus folder.
  public let name: String
  /// Longest useful input in bytes.
  public let maximumLength: Int
  /// Takes one input.
  public let run: @Sendable ([UInt8]) -> Void
  /// Valid messages to start from.
  public let seeds: @Sendable () -> [[UInt8]]

  init(
    _ name: String, maximumLength: Int, run: @escaping @Sendable ([UInt8]) -> Void,
    seeds: @escaping @Sendable () -> [[UInt8]]
  ) {
    self.name = name
    self.maximumLength = maximumLength
    self.run = run
    self.seeds = seeds
  }

  /// Every parser that reads bytes of a peer or of a file.
  public static let all: [FuzzTarget] = [
    .sip, .sipStream, .sdp, .manscdp, .mansrtsp, .rtp, .demuxer, .nal, .mp4,
    .logNotes, .levelEnvelopes, .lookTokens,
  ]

  /// The target of that name, or nil.
  public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
