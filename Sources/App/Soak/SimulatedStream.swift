import GBCore
import MediaTime
import MediaTransport
import Registry

/// What can go wrong at random.
public enum Fault: String, CaseIterable, Sendable {
  /// 1 % loss, 50 ms jitter with reordering, duplicates.
  case badNetwork = "bad network"
  /// Everything is lost for a moment.
  case burstLoss = "burst loss"
  /// The camera says nothing for up to 40 s.
  case freeze
  /// Off and on again: numbers, clock and SSRC's history begin anew.
  case restart
  case clockJump = "clock jump"
  /// Another codec or another size.
  case formatChange = "format change"
  /// Another machine sends rubbish under this SSRC.
  case strangerRubbish = "rubbish of a stranger"
  /// Another machine sends another camera's pictures under this SSRC.
  case collision = "SSRC collision"
  /// Another port of the same machine sends another camera's pictures under this SSRC.
  case sameHostCollision = "SSRC collision on one machine"
  /// The camera's packets come from another port.
  case rebinding
  /// Packets that are no RTP.
  case malformed
  /// Old packets again.
  case repetition
}

/// One camera, its network, our receiving path and the account of what came out, on a clock of their own.
final class SimulatedStream {
  /// Twice a second a picture; ten times a second the media thread looks.
  static let interval: Int64 = 500_000_000
  static let slice: Int64 = 100_000_000
  private static let second: Int64 = 1_000_000_000

  private let target: any PacketTarget
  let ledger: StreamLedger
  private let expectsWholeGroups: Bool
  private var camera: SimulatedCamera
  private var other: SimulatedCamera
  private var network = FaultyNetwork()
  private var random: SoakRandom
  private var source: MediaAddress
  private let stranger: MediaAddress
  private var now: Int64 = 1_000_000_000
  private var steps = 0
  private var nextFault: Int64 = 0
  private var badUntil: Int64 = 0
  private var silentUntil: Int64 = 0
  private var lostUntil: Int64 = 0
  private var collisionUntil: (time: Int64, from: MediaAddress) = (0, MediaAddress.none)
  /// Groups that begin before this cannot be expected to be whole. At first: whoever comes first on a bad network
  /// makes those that overtook it late.
  private var excusedUntil: Int64 = 6_000_000_000
  private var group: (first: Int, isWhole: Bool)?
  private var owed: [(numbers: ClosedRange<Int>, due: Int64)] = []
  private var lastRequests = 0
  private var recent: [[UInt8]] = []
  private(set) var faults: [Fault: Int] = [:]
  private(set) var packets = 0
  private(set) var wholeGroups = 0

  /// What a stream needs to be told to receive from one.
  static func ssrc(of stream: Int) -> UInt32 { UInt32(100_000_000 + stream) }

  /// - Parameters:
  ///   - expectsWholeGroups: groups that arrived whole must come out; not when packets may get lost behind our back.
  ///   - makeTarget: gets the ledger that the target must feed.
  init(
    stream: Int, channel: ChannelKey, seed: UInt64, expectsWholeGroups: Bool = true,
    makeTarget: (StreamLedger, _ now: Int64) -> any PacketTarget
  ) {
    self.expectsWholeGroups = expectsWholeGroups
    random = SoakRandom(seed: seed &+ UInt64(stream) &* 0x1_0000_0001)
    let ssrc = Self.ssrc(of: stream)
    camera = SimulatedCamera(stream: stream, ssrc: ssrc, using: &random)
    other = SimulatedCamera(stream: stream + 8_000, ssrc: ssrc, using: &random)
    source = MediaAddress.simulated(2, port: 20_000)
    stranger = MediaAddress.simulated(3, port: 20_000)
    ledger = StreamLedger(stream: stream, channel: channel)
    target = makeTarget(ledger, now)
  }

  var foreignPackets: UInt64 { target.foreignPackets }
  var account: StreamLedger.Account { ledger.account }
  /// Pictures that the camera sent, whatever became of them.
  var shots: Int { camera.pictures }
  var keyFrameRequests: Int { target.keyFrameRequests }

  /// Lives on for a while.
  func run(_ duration: Duration) {
    let end = now + duration.nanoseconds
    while now < end { step() }
  }

  func end() {
    target.end()
    verify()
  }

  /// Lives on for a tenth of a second.
  func step() {
    if steps % Int(Self.interval / Self.slice) == 0 { act() }
    steps += 1
    now += Self.slice
    network.deliver(until: now) { packet in
      packets += 1
      target.receive(packet)
    }
    target.sweep(at: now)
    verify()
  }

  private func act() {
    answerRequests()
    if now >= nextFault { beginFault() }
    if now >= silentUntil { shoot() }
    if now < collisionUntil.time { shootOther() }
  }

  /// Most cameras make a key frame when they are asked to.
  private func answerRequests() {
    let asked = keyFrameRequests
    if asked != lastRequests, random.chance(0.7) { camera.requestKeyFrame() }
    lastRequests = asked
  }

  private func shoot() {
    camera.shoot(at: now, using: &random)
    if camera.lastWasKey { closeGroup() }
    let weather = now < lostUntil ? Self.black : now < badUntil ? FaultyNetwork.Weather.bad : .fine
    var isWhole = true
    for range in camera.packets {
      let packet = camera.bytes[range]
      isWhole = network.send(packet, from: source, at: now, weather, using: &random) && isWhole
      if recent.count >= 40 { recent.removeFirst() }
      recent.append(Array(packet))
    }
    if !isWhole || now < excusedUntil { group?.isWhole = false }
  }

  private static let black = FaultyNetwork.Weather(loss: 1)

  /// A group all of whose packets arrived must have come out a little later.
  private func closeGroup() {
    let first = camera.pictures - 1
    if expectsWholeGroups, let group, group.isWhole, group.first < first {
      wholeGroups += 1
      owed.append((group.first...first - 1, now + Self.second))
    }
    group = (first, true)
  }

  private func verify() {
    while let next = owed.first, next.due <= now {
      owed.removeFirst()
      if !ledger.hasShown(next.numbers) {
        ledger.violate(
          "at \(now / Self.second) s pictures \(next.numbers) arrived whole and did not come out")
      }
    }
  }

  /// Another camera under our SSRC, from where it must not be heard.
  private func shootOther() {
    other.shoot(at: now, using: &random)
    for range in other.packets {
      network.send(other.bytes[range], from: collisionUntil.from, at: now, .fine, using: &random)
    }
  }
}

extension SimulatedStream {
  private func beginFault() {
    nextFault = now + random.nanoseconds(5...60)
    let fault = Fault.allCases.randomElement(using: &random) ?? .freeze
    faults[fault, default: 0] += 1
    ledger.note("\(fault.rawValue) at \(now / Self.second) s")
    switch fault {
    case .badNetwork: badUntil = now + random.nanoseconds(10...120)
    case .burstLoss: lostUntil = now + random.nanoseconds(0.1...3)
    case .freeze: freeze()
    case .restart: restart()
    case .clockJump: camera.jumpClock(using: &random)
    case .formatChange: changeFormat()
    case .strangerRubbish: sendRubbish(from: stranger, under: camera)
    case .collision: collisionUntil = (now + random.nanoseconds(1...40), stranger)
    case .sameHostCollision: collideOnOneMachine()
    case .rebinding: rebind()
    case .malformed: sendRubbish(from: source, under: nil)
    case .repetition: repeatPackets()
    }
  }

  private func freeze() {
    silentUntil = now + random.nanoseconds(1...40)
    recent.removeAll(keepingCapacity: true)
    if now < excusedUntil { excusedUntil = silentUntil + 12 * Self.second }
  }

  private func restart() {
    camera.restart(using: &random)
    silentUntil = now + random.nanoseconds(1...10)
    // Small steps of the numbers look like lateness until enough packets say otherwise.
    excusedUntil = silentUntil + 30 * Self.second
    group = nil
    recent.removeAll(keepingCapacity: true)
  }

  private func changeFormat() {
    let others = TaggedPicture.Variant.allCases.filter { $0 != camera.variant }
    camera.change(to: others.randomElement(using: &random) ?? .small)
  }

  /// A sender on the same machine is told from ours only as long as ours speaks.
  private func collideOnOneMachine() {
    guard now >= silentUntil else { return }
    collisionUntil = (now + random.nanoseconds(1...3), MediaAddress.simulated(2, port: 30_000))
  }

  private func rebind() {
    source = MediaAddress.simulated(2, port: UInt16.random(in: 10_000...19_999, using: &random))
    recent.removeAll(keepingCapacity: true)
    // Refused until the old port has been silent long enough.
    excusedUntil = max(now, silentUntil) + 12 * Self.second
    group?.isWhole = false
  }

  /// Random bytes, some behind a header that names this stream.
  private func sendRubbish(from address: MediaAddress, under camera: SimulatedCamera?) {
    for _ in 0..<Int.random(in: 1...200, using: &random) {
      var bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        UInt8(truncatingIfNeeded: random.next())
      }
      if let camera, let range = camera.packets.first {
        bytes = Array(camera.bytes[range].prefix(12)) + bytes
      } else if !bytes.isEmpty {
        bytes[0] &= 0x3F
      }
      network.send(bytes[...], from: address, at: now, .bad, using: &random)
    }
  }

  private func repeatPackets() {
    for packet in recent { network.send(packet[...], from: source, at: now, .fine, using: &random) }
  }
}

extension MediaAddress {
  /// An address in 10.0.0.0/24.
  static func simulated(_ machine: UInt8, port: UInt16) -> MediaAddress {
    MediaAddress(host: "10.0.0.\(machine)", port: port) ?? none
  }

  static let none = MediaAddress(host: "0.0.0.0", port: 0).unsafelyUnwrapped
}
