public import MediaTime
import Synchronization

/// A clock that moves only when a test moves it. Hands out monotonic and wall time that advance together.
public final class VirtualClock: Sendable {
  private let elapsed = Mutex(Duration.zero)
  private let wallStart: WallTime

  /// - Parameter wall: the wall time at the start, 2026-01-01T00:00:00Z unless given.
  public init(wall: WallTime = WallTime(seconds: 1_767_225_600)) { wallStart = wall }

  /// Time since the clock was made, one second ahead so that it never is zero.
  public var now: MonotonicTime {
    MonotonicTime(nanoseconds: 1_000_000_000) + elapsed.withLock { $0 }
  }

  public var wall: WallTime { wallStart + elapsed.withLock { $0 } }

  public func advance(by duration: Duration) {
    elapsed.withLock { $0 += duration }
  }
}
