import GBCore
import MediaTime
import Testing

@testable import Streaming

private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

@Suite struct LivePullTests {
  private func watching(_ ladder: TransportLadder = TransportLadder()) -> LivePull {
    var pull = LivePull(ladder: ladder)
    #expect(pull.handle(.joined, now: at(0)) == [.invite(path: ladder.current), .changed])
    return pull
  }

  @Test("the first viewer invites, the second joins the same pull")
  func onePull() {
    var pull = watching()
    #expect(pull.handle(.joined, now: at(1)) == [])
    #expect(pull.consumers == 2)
  }

  @Test("a picture makes it live and remembers the transport")
  func becomesLive() {
    var pull = watching()
    #expect(pull.handle(.answered, now: at(0.1)) == [.changed])
    #expect(pull.handle(.firstPacket, now: at(0.2)) == [.changed])
    #expect(pull.handle(.firstPicture, now: at(0.3)) == [.remember(.udp), .changed])
    #expect(pull.state == .live(path: .udp, since: at(0.3)))
    #expect(pull.deadline == nil)
  }

  @Test("media that outruns the 200 counts")
  func earlyMedia() {
    var pull = watching()
    #expect(pull.handle(.firstPacket, now: at(0.1)) == [.changed])
    #expect(pull.handle(.answered, now: at(0.2)) == [])
    #expect(pull.handle(.firstPicture, now: at(0.3)) == [.remember(.udp), .changed])
  }

  @Test("no media over UDP climbs to TCP passive, then active, then rests with the cause")
  func climbs() {
    var pull = watching()
    _ = pull.handle(.answered, now: at(0))
    #expect(pull.deadline == at(5))
    #expect(pull.tick(now: at(4.9)) == [])
    #expect(pull.tick(now: at(5)) == [.hangUp, .invite(path: .tcpPassive), .changed])
    _ = pull.handle(.answered, now: at(5))
    #expect(pull.tick(now: at(17)) == [.hangUp, .invite(path: .tcpActive), .changed])
    _ = pull.handle(.answered, now: at(17))
    #expect(pull.tick(now: at(29)) == [.hangUp, .failed(.noMedia), .changed])
    #expect(pull.state == .resting(.noMedia, until: at(31)))
    #expect(pull.tick(now: at(31)) == [.invite(path: .udp), .changed])
  }

  @Test("a remembered transport comes first")
  func remembers() {
    let pull = watching(TransportLadder(remembered: .tcpPassive))
    #expect(pull.state == .connecting(.inviting, path: .tcpPassive, since: at(0)))
  }

  @Test("486 does not try other transports and says busy")
  func busy() {
    var pull = watching()
    #expect(pull.handle(.refused(status: 486), now: at(1)) == [.hangUp, .failed(.busy), .changed])
  }

  @Test("488 tries the next transport")
  func notAcceptable() {
    var pull = watching()
    #expect(
      pull.handle(.refused(status: 488), now: at(1)) == [.hangUp, .invite(path: .tcpPassive), .changed])
  }

  @Test("rests grow from 2 s to 60 s and never end while somebody waits")
  func backsOff() {
    var pull = watching()
    var now = 0.0
    var rests: [Double] = []
    for _ in 0..<9 {
      _ = pull.handle(.noAnswer, now: at(now))
      guard case .resting(_, let until) = pull.state else {
        Issue.record("not resting")
        return
      }
      rests.append(Double((until - at(now)).nanoseconds) / 1e9)
      now = Double(until.nanoseconds) / 1e9
      #expect(pull.tick(now: until) == [.invite(path: .udp), .changed])
    }
    #expect(rests == [2, 4, 8, 16, 32, 60, 60, 60, 60])
  }

  @Test("the last viewer's leaving hangs up after the grace, a new viewer within it keeps the stream")
  func grace() {
    var pull = watching()
    _ = pull.handle(.firstPacket, now: at(0))
    _ = pull.handle(.firstPicture, now: at(0))
    #expect(pull.handle(.left, now: at(10)) == [])
    #expect(pull.deadline == at(25))
    #expect(pull.handle(.joined, now: at(12)) == [])
    #expect(pull.deadline == nil)
    #expect(pull.handle(.left, now: at(20)) == [])
    #expect(pull.tick(now: at(35)) == [.hangUp, .changed])
    #expect(pull.state == .idle)
  }

  @Test("silence in a live stream hangs up and invites again over what worked")
  func recovers() {
    var pull = watching(TransportLadder(remembered: .tcpActive))
    _ = pull.handle(.firstPacket, now: at(1))
    _ = pull.handle(.firstPicture, now: at(1))
    #expect(
      pull.handle(.silent, now: at(20))
        == [.hangUp, .failed(.mediaLost), .invite(path: .tcpActive), .changed])
  }

  @Test("a device that comes back is invited at once")
  func comesBack() {
    var pull = watching()
    #expect(pull.handle(.deviceOffline, now: at(1)) == [.hangUp, .failed(.deviceOffline), .changed])
    #expect(pull.handle(.deviceOnline, now: at(1.5)) == [.invite(path: .udp), .changed])
  }

  @Test("no sequence of events breaks the invariants")
  func anySequence() {
    var random = SplitMix(seed: 7)
    for _ in 0..<2_000 {
      var pull = LivePull()
      var now = 0.0
      var open = false
      var joined = 0
      for _ in 0..<60 {
        now += Double(random.next() % 9)
        let events: [LivePull.Event] = [
          .joined, .left, .answered, .refused(status: 488), .noAnswer, .firstPacket, .firstPicture, .silent,
          .hungUp, .deviceOffline, .deviceOnline, .unsupported("x"), .refused(status: 486),
        ]
        let pick = Int(random.next() % UInt64(events.count + 3))
        let actions: [LivePull.Action]
        if pick < events.count {
          if events[pick] == .joined { joined += 1 }
          if events[pick] == .left { joined = max(0, joined - 1) }
          actions = pull.handle(events[pick], now: at(now))
        } else {
          actions = pull.tick(now: at(now))
        }
        for action in actions {
          if case .invite = action {
            #expect(!open, "invited while a call was open")
            open = true
          }
          if action == .hangUp {
            #expect(open, "hung up without a call")
            open = false
          }
        }
        #expect(pull.consumers == joined)
        switch pull.state {
        case .idle, .resting: #expect(!open)
        case .connecting, .live: #expect(open)
        }
      }
    }
  }
}

/// Seeded and tiny, so that a failure repeats.
private struct SplitMix {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
