import GBCore
import SDPCore
import SIPCore
import Testing

@testable import DeviceSimulator

@Suite("Faults of calls and of the network, as the wire shows them")
struct CallFaultTests {
  @Test("the answer without y=, without its zeros, and with bare line feeds")
  func descriptions() async throws {
    try await FaultyFleet.with([PlannedFault(.ssrcMissing), PlannedFault(.lineFeedsOnly)]) { world in
      let call = try await world.call()
      #expect(call.answer.ssrc == nil && !call.answerText.contains("y="))
      #expect(!call.answerText.contains("\r") && call.answerText.contains("\n"))
      call.hangUp()
    }
    try await FaultyFleet.with([PlannedFault(.ssrcZeroLost)]) { world in
      let call = try await world.call()
      #expect(call.answerText.contains("y=200001234\r\n"))
      call.hangUp()
    }
  }

  @Test("an SSRC of the device's own is in the answer and in the packets")
  func ownSSRC() async throws {
    try await FaultyFleet.with([], dialect: .hikvision) { world in
      let call = try await world.call()
      let own = try #require(call.answer.ssrc?.value)
      #expect(own != 200_001_234)
      #expect(await eventually { call.receiver.result.ssrcs == [own] })
      call.hangUp()
    }
  }

  @Test("y= before a= over TCP is refused with 415 by a brand that wants it last")
  func earlySSRC() async throws {
    func early(_ text: String) -> String {
      let lines = text.split(separator: "\r\n").map(String.init)
      let ssrc = lines.filter { $0.hasPrefix("y=") }
      let rest = lines.filter { !$0.hasPrefix("y=") }
      let media = rest.firstIndex { $0.hasPrefix("m=") } ?? 0
      return (rest[...media] + ssrc + rest[(media + 1)...]).joined(separator: "\r\n") + "\r\n"
    }
    try await FaultyFleet.with([], dialect: .hikvision) { world in
      await #expect(throws: TestCall.Refused(status: 415)) {
        _ = try await world.call(.tcpPassive, edit: early)
      }
      try await world.call(.tcpPassive).hangUp()
    }
  }

  @Test("a To tag outside a dialog is answered 481 by a brand that minds")
  func strayTag() async throws {
    try await FaultyFleet.with([], dialect: .hikvision) { world in
      var request = world.platform.request(.message, to: FaultyFleet.device)
      if var to = request.to {
        to.tag = "stray"
        request.headers.set(.to, to.description)
      }
      world.platform.send(request, to: FaultyFleet.device)
      #expect(await eventually { world.platform.responses.contains { $0.status == 481 } })
    }
  }

  @Test("100 and then nothing, until it is cancelled")
  func answerMissing() async throws {
    try await FaultyFleet.with([PlannedFault(.answerMissing)]) { world in
      let invite = world.platform.request(.invite, to: FaultyFleet.camera, callID: "never")
      world.platform.send(invite, to: FaultyFleet.device)
      func statuses() -> [Int] { world.platform.responses.filter { $0.callID == "never" }.map(\.status) }
      #expect(await eventually { statuses() == [100] })
      // Two heartbeats later there is still nothing.
      let before = world.fleet.snapshot().keepalives
      #expect(await eventually { world.fleet.snapshot().keepalives >= before + 2 })
      #expect(statuses() == [100])
    }
  }

  @Test("media may begin before the ACK, or never")
  func mediaBegin() async throws {
    try await FaultyFleet.with([PlannedFault(.mediaBeforeACK)]) { world in
      let call = try await world.call(acknowledges: false)
      #expect(await eventually { call.receiver.result.packets > 3 })
      call.hangUp()
    }
    try await FaultyFleet.with([PlannedFault(.silentMedia)]) { world in
      let call = try await world.call()
      let before = world.fleet.snapshot().keepalives
      #expect(await eventually { world.fleet.snapshot().keepalives >= before + 2 })
      #expect(call.receiver.result.packets == 0)
      call.hangUp()
    }
  }

  @Test("a BYE without an answer, and a stream that goes on after one")
  func bye() async throws {
    let faults = [PlannedFault(.byeUnanswered), PlannedFault(.streamAfterBye, duration: .seconds(1))]
    try await FaultyFleet.with(faults) { world in
      let call = try await world.call()
      #expect(await eventually { call.receiver.result.packets > 3 })
      call.bye()
      let before = call.receiver.result.packets
      #expect(await eventually { call.receiver.result.packets > before + 5 })
      #expect(await eventually { world.fleet.snapshot().streams == 0 })
      #expect(!world.platform.responses.contains { $0.cseq?.method == .bye })
    }
  }

  @Test("a call that the device ends: with a BYE, with a late one, with none")
  func callEnds() async throws {
    let ends = PlannedFault(.callEnds, duration: .milliseconds(300))
    try await FaultyFleet.with([ends]) { world in
      let call = try await world.call()
      #expect(await eventually { world.platform.requests(.bye).contains { $0.callID == call.callID } })
    }
    let late = PlannedFault(.byeLate, duration: .seconds(1))
    try await FaultyFleet.with([ends, late]) { world in
      _ = try await world.call()
      #expect(await eventually { world.fleet.snapshot().calls == 1 && world.fleet.snapshot().streams == 1 })
      #expect(await eventually { world.fleet.snapshot().streams == 0 })
      #expect(world.platform.requests(.bye).isEmpty)
      #expect(await eventually { !world.platform.requests(.bye).isEmpty })
    }
    try await FaultyFleet.with([ends, PlannedFault(.byeMissing)]) { world in
      _ = try await world.call()
      #expect(await eventually { world.fleet.snapshot().streams == 1 })
      #expect(await eventually { world.fleet.snapshot().streams == 0 })
      let before = world.fleet.snapshot().keepalives
      #expect(await eventually { world.fleet.snapshot().keepalives >= before + 2 })
      #expect(world.platform.requests(.bye).isEmpty)
    }
  }

  @Test("a late answer comes late, and a refusal only in its time")
  func answers() async throws {
    try await FaultyFleet.with([.answerDelay(.milliseconds(700))]) { world in
      let begin = ContinuousClock.now
      try await world.call().hangUp()
      #expect(ContinuousClock.now - begin >= .milliseconds(700))
    }
    var refusal = PlannedFault.inviteRefused(486)
    refusal.from = .seconds(3_600)
    try await FaultyFleet.with([refusal]) { try await $0.call().hangUp() }
  }

  @Test("channels that bear the device's code are called by it")
  func sharedCode() async throws {
    try await FaultyFleet.with([PlannedFault(.channelIDIsDeviceID)]) { world in
      let call = try await TestCall(
        world.platform, device: FaultyFleet.device, channel: try #require(DeviceID(FaultyFleet.device)),
        transport: .udp)
      #expect(await eventually { call.receiver.result.packets > 3 })
      call.hangUp()
    }
  }

  // MARK: The network

  @Test("packets get lost, come twice, late and out of order")
  func packets() async throws {
    func sequence(_ fault: PlannedFault) async throws -> [UInt16] {
      var numbers: [UInt16] = []
      try await FaultyFleet.with([fault]) { world in
        let call = try await world.call()
        #expect(await eventually { call.receiver.result.packets >= 60 })
        call.hangUp()
        numbers = Array(call.receiver.result.sequence.prefix(60))
      }
      return numbers
    }
    func steps(_ numbers: [UInt16]) -> [Int16] {
      zip(numbers, numbers.dropFirst()).map { Int16(bitPattern: $1 &- $0) }
    }
    let lost = steps(try await sequence(.packetLoss(0.3)))
    #expect(lost.allSatisfy { $0 > 0 } && lost.contains { $0 > 1 })
    let doubled = steps(try await sequence(PlannedFault(.duplicates)))
    #expect(doubled.filter { $0 == 0 }.count >= 25 && doubled.allSatisfy { $0 == 0 || $0 == 1 })
    let swapped = steps(try await sequence(PlannedFault(.reordering, probability: 0.3)))
    #expect(swapped.contains { $0 < 0 })
    let jittered = steps(try await sequence(PlannedFault(.jitter, duration: .milliseconds(200))))
    #expect(jittered.contains { $0 < 0 })
    let sound = steps(try await sequence(PlannedFault(.packetLoss, probability: 0)))
    #expect(sound.allSatisfy { $0 == 1 })
  }

  @Test("a router changes the device's port, and nobody registers anew")
  func rebinding() async throws {
    let fault = PlannedFault(.natRebinding, from: .milliseconds(500), every: .milliseconds(700))
    try await FaultyFleet.with([fault]) { world in
      #expect(await eventually { world.platform.ports(of: FaultyFleet.device).count >= 3 })
      #expect(world.platform.requests(.register).count == 2)
      let contacts = world.platform.requests(.message).compactMap { $0.via?.port }
      #expect(Set(contacts).count == 1)
    }
  }

  @Test("the power fails without a word, and the device is back by itself")
  func powerCut() async throws {
    let fault = PlannedFault(.powerCut, duration: .milliseconds(400), from: .milliseconds(1_500))
    try await FaultyFleet.with([fault]) { world in
      #expect(await eventually { world.fleet.snapshot().registrations >= 2 })
      #expect(world.platform.requests(.register).allSatisfy { $0.expires != 0 })
      #expect(world.platform.ports(of: FaultyFleet.device).count == 2)
    }
  }

  // MARK: The seed

  @Test("the same seed decides alike, another one otherwise")
  func seed() async throws {
    func decisions(_ seed: UInt64) async throws -> [String: [String]] {
      let log = DecisionLog()
      let faults = [PlannedFault.packetLoss(0.2), PlannedFault(.keepaliveEmpty, probability: 0.5)]
      try await FaultyFleet.with(faults, seed: seed, decisions: log) { world in
        let call = try await world.call()
        #expect(await eventually { call.receiver.result.packets >= 60 })
        #expect(await eventually { world.fleet.snapshot().keepalives >= 2 })
        call.hangUp()
      }
      return Dictionary(grouping: log.decisions, by: \.subject).mapValues { $0.map(\.outcome) }
    }
    let (one, same, other) = (try await decisions(5), try await decisions(5), try await decisions(6))
    #expect(Set(one.keys) == ["packets of call 1", "keepalive-empty"] && one.keys == same.keys)
    for (subject, outcomes) in one {
      let count = min(outcomes.count, same[subject]?.count ?? 0)
      #expect(count >= 2 && outcomes.prefix(count) == same[subject]?.prefix(count))
    }
    #expect(one["packets of call 1"]?.prefix(60) != other["packets of call 1"]?.prefix(60))
  }
}
