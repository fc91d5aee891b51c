/// What was said and is not sent yet, as samples at 8 000 a second.
///
/// Bounded: who speaks faster than real time, or after a hole in the network, loses the oldest. A voice that begins
/// is held for a moment, so that the unevenness of its way here does not tear it.
///
/// ```text
///  silent ──first sample──► gathering ──enough, or waited long enough──► flowing ──empty──► silent
/// ```
public struct VoiceQueue: Sendable {
  /// Samples kept: 400 ms.
  public static let capacity = 3_200
  /// Samples that are there before a voice begins, and frames after which it begins with fewer: 60 ms.
  public static let cushion = 480
  static let patience = 3

  private enum State {
    case silent
    case gathering(frames: Int)
    case flowing
  }

  private var state = State.silent
  private var samples: [Int16] = []
  /// Where the first unsent sample lies in ``samples``.
  private var head = 0
  /// Samples that were lost because too many waited.
  public private(set) var dropped: UInt64 = 0

  public init() {}

  /// Samples that wait.
  public var count: Int { samples.count - head }

  public mutating func push(_ new: some Collection<Int16>) {
    guard !new.isEmpty else { return }
    samples.append(contentsOf: new)
    let excess = count - Self.capacity
    if excess > 0 {
      head += excess
      dropped += UInt64(excess)
    }
    compact()
    if case .silent = state { state = .gathering(frames: 0) }
  }

  /// The next 20 ms: a frame of exactly ``VoiceRules/frame`` samples, or nil for silence.
  public mutating func next() -> [Int16]? {
    switch state {
    case .silent: return nil
    case .gathering(let frames):
      guard count >= Self.cushion || frames >= Self.patience else {
        state = .gathering(frames: frames + 1)
        return nil
      }
      state = .flowing
    case .flowing: break
    }
    let size = min(VoiceRules.frame, count)
    var frame = Array(samples[head..<head + size])
    frame += Array(repeating: 0, count: VoiceRules.frame - size)
    head += size
    compact()
    if count == 0 { state = .silent }
    return frame
  }

  private mutating func compact() {
    guard head > Self.capacity || head == samples.count else { return }
    samples.removeFirst(head)
    head = 0
  }
}
