import MediaTime
import Registry

/// Who moves which camera, and until when: a value, with time as a parameter.
///
/// ```text
///  free ──order──► held ──idle for 5 s, its holder is gone──► free
///                   │ ▲
///                   └─┘ order of its holder, or of a higher priority (who then holds it)
/// ```
/// A movement has a deadline of its own, the dead man's: whoever holds a key renews it, and when nobody does it ends.
struct CameraGrips {
  /// A person or program, with a session of its own.
  struct Holder: Hashable, Sendable {
    var name: String
    /// 1…254
    var priority: Int
    /// Names the session without revealing it.
    var credential: String
  }

  /// What goes on until it is stopped.
  enum Motion: Hashable, Sendable, CaseIterable {
    /// Ended by the stop of pan, tilt and zoom.
    case view
    /// Ended by the stop of focus and iris.
    case lens
  }

  struct Grip: Hashable, Sendable {
    var holder: Holder
    /// When it is free without a further order.
    var until: MonotonicTime
    var motions: [Motion: MonotonicTime] = [:]

    var isMoving: Bool { !motions.isEmpty }
    /// The end of idleness or of a movement, whichever is later.
    var release: MonotonicTime { motions.values.reduce(until) { max($0, $1) } }
  }

  enum Outcome: Hashable, Sendable {
    /// Go ahead, after stopping what the one before was moving.
    case granted(stop: Set<Motion>)
    case held(Grip)
  }

  /// How long a camera stays with whoever moved it last.
  static let idle: Duration = .seconds(5)

  private(set) var grips: [ChannelKey: Grip] = [:]

  /// Asks to order the camera about. The same person in two windows is one holder.
  mutating func take(_ channel: ChannelKey, _ holder: Holder, now: MonotonicTime) -> Outcome {
    guard var grip = grips[channel], grip.release > now else {
      let left = Set(grips[channel].map { Array($0.motions.keys) } ?? [])
      grips[channel] = Grip(holder: holder, until: now + Self.idle)
      return .granted(stop: left)
    }
    if grip.holder.name == holder.name {
      grip.holder = holder
      grip.until = now + Self.idle
      grips[channel] = grip
      return .granted(stop: [])
    }
    guard holder.priority > grip.holder.priority else { return .held(grip) }
    let left = Set(grip.motions.keys)
    grips[channel] = Grip(holder: holder, until: now + Self.idle)
    return .granted(stop: left)
  }

  /// A movement began or was renewed: it ends at `deadline`.
  mutating func moves(_ channel: ChannelKey, _ motion: Motion, until deadline: MonotonicTime) {
    grips[channel]?.motions[motion] = deadline
  }

  /// A movement was stopped.
  mutating func stopped(_ channel: ChannelKey, _ motion: Motion) {
    grips[channel]?.motions[motion] = nil
  }

  /// Who has it now.
  func grip(_ channel: ChannelKey, now: MonotonicTime) -> Grip? {
    grips[channel].flatMap { $0.release > now ? $0 : nil }
  }

  /// Movements whose time is over; they are no longer counted as moving.
  mutating func expire(now: MonotonicTime) -> [(ChannelKey, Motion)] {
    var over: [(ChannelKey, Motion)] = []
    for (channel, grip) in grips {
      for (motion, deadline) in grip.motions where deadline <= now {
        over.append((channel, motion))
        grips[channel]?.motions[motion] = nil
      }
      if let grip = grips[channel], !grip.isMoving, grip.until <= now { grips[channel] = nil }
    }
    return over
  }

  /// The session of a holder is over: what it moves must stop, and the camera is free.
  mutating func release(where isGone: (Holder) -> Bool) -> [(ChannelKey, Motion)] {
    var over: [(ChannelKey, Motion)] = []
    for (channel, grip) in grips where isGone(grip.holder) {
      over += grip.motions.keys.map { (channel, $0) }
      grips[channel] = nil
    }
    return over
  }

  /// The next moment at which something ends.
  var next: MonotonicTime? { grips.values.flatMap { Array($0.motions.values) + [$0.until] }.min() }
  var isEmpty: Bool { grips.isEmpty }
  var holders: Set<Holder> { Set(grips.values.map(\.holder)) }
}
