import GBCore
import MediaTime
import TestSupport
import Testing

@testable import Voice

@Suite struct VoiceSessionTests {
  static let loudspeaker = id("34020000001370000001")
  static let channel = id("34020000001320000001")
  static let device = id("34020000001180000001")
  private let clock = VirtualClock()

  static func id(_ text: String) -> DeviceID {
    guard let id = DeviceID(text) else { preconditionFailure("\(text) is a code") }
    return id
  }

  private func broadcast(_ targets: [DeviceID] = [loudspeaker]) -> VoiceSession {
    VoiceSession(.broadcast, targets: targets)
  }

  @Test("Response, INVITE, 200, ACK: sound begins at the ACK")
  func byTheBook() {
    var session = broadcast()
    #expect(session.start(now: clock.now) == [.ask(Self.loudspeaker)])
    #expect(session.isPending && session.responded(isOK: true, now: clock.now) == [])
    #expect(session.state == .awaiting && session.called() == [.accept] && !session.isPending)
    #expect(session.opened() == [.send(after: .milliseconds(500))] && !session.isSpeaking)
    #expect(session.acknowledged() == [.send(after: .zero)] && session.state == .speaking)
    #expect(session.acknowledged() == [] && session.hangUp() == [.bye, .release])
    #expect(session.end == .released && session.hangUp() == [])
  }

  @Test("An INVITE before the Response is taken, and the late Response changes nothing")
  func callFirst() {
    for isOK in [true, false] {
      var session = broadcast()
      _ = session.start(now: clock.now)
      #expect(session.called() == [.accept] && session.opened() == [.send(after: .milliseconds(500))])
      #expect(session.responded(isOK: isOK, reason: "late", now: clock.now) == [])
      #expect(session.undelivered(.notDelivered, now: clock.now) == [] && session.state == .confirming)
    }
  }

  @Test("A refused code is followed by the next one, and the last refusal is reported with its reason")
  func ladder() {
    var session = broadcast([Self.loudspeaker, Self.channel, Self.device])
    #expect(session.start(now: clock.now) == [.ask(Self.loudspeaker)])
    #expect(session.responded(isOK: false, now: clock.now) == [.ask(Self.channel)])
    #expect(session.undelivered(.rejected(status: 404), now: clock.now) == [.ask(Self.device)])
    #expect(session.target == Self.device)
    #expect(session.responded(isOK: false, reason: "busy", now: clock.now) == [.release])
    #expect(session.end == .failed(.refused(reason: "busy")))
  }

  @Test("Ten seconds for the Response, ten more for the INVITE")
  func silence() {
    var session = broadcast([Self.loudspeaker, Self.channel])
    _ = session.start(now: clock.now)
    clock.advance(by: .milliseconds(9_999))
    #expect(session.tick(now: clock.now) == [])
    clock.advance(by: .milliseconds(1))
    var silent = session
    #expect(silent.tick(now: clock.now) == [.release] && silent.end == .failed(.noResponse))
    // A device that is silent is not asked again under another code: that would double the wait.
    _ = session.responded(isOK: true, now: clock.now)
    clock.advance(by: .seconds(9))
    #expect(session.tick(now: clock.now) == [])
    clock.advance(by: .seconds(1))
    #expect(session.tick(now: clock.now) == [.release] && session.end == .failed(.noCall))
    #expect(session.called() == [.refuse(status: 403)])
  }

  @Test("Whoever hangs up while the port is being opened leaves no call behind")
  func impatience() {
    var session = broadcast()
    _ = session.start(now: clock.now)
    _ = session.called()
    #expect(session.hangUp() == [.refuse(status: 480), .release])
    #expect(session.opened() == [] && session.acknowledged() == [] && session.end == .released)
    var portless = broadcast()
    _ = portless.start(now: clock.now)
    _ = portless.called()
    #expect(portless.unopened(.noPort, status: 500) == [.refuse(status: 500), .release])
    #expect(portless.end == .failed(.noPort))
  }

  @Test(
    "BYE of the device, a lost connection and a device that leaves end it without a BYE of ours where none is due"
  )
  func ends() {
    func standing() -> VoiceSession {
      var session = broadcast()
      _ = session.start(now: clock.now)
      _ = session.called()
      _ = session.opened()
      return session
    }
    var session = standing()
    #expect(session.deviceHungUp() == [.release] && session.end == .deviceHungUp)
    session = standing()
    #expect(session.mediaLost() == [.bye, .release] && session.end == .failed(.mediaLost))
    session = standing()
    #expect(session.deviceLeft() == [.release] && session.end == .failed(.deviceOffline))
    session = standing()
    #expect(session.called() == [.refuse(status: 486)] && session.began() == [] && session.isSpeaking)
    // The ACK may come late.
    #expect(session.acknowledged() == [] && session.isSpeaking)
  }

  @Test("A talk in one session is called, and cancelled while nobody answers")
  func talk() {
    var session = VoiceSession(.talk, targets: [Self.channel])
    #expect(session.start(now: clock.now) == [.call] && !session.isPending)
    var answered = session
    #expect(answered.acknowledged() == [.send(after: .zero)] && answered.hangUp() == [.bye, .release])
    var refused = session
    #expect(refused.callFailed(.rejected(status: 488)) == [.release])
    #expect(refused.end == .failed(.rejected(status: 488)))
    #expect(session.hangUp() == [.cancel, .release] && session.callFailed(.notDelivered) == [])
  }

  @Test(
    "Whatever comes in whatever order: nothing is sent before the 200, it is released once, and BYE needs a 200"
  )
  func anything() {
    var random = SeededRandom(seed: 28_181)
    for _ in 0..<20_000 {
      var session = VoiceSession(
        Bool.random(using: &random) ? .broadcast : .talk, targets: [Self.loudspeaker, Self.channel])
      var released = 0
      var isAgreed = false
      for _ in 0..<12 {
        clock.advance(by: .seconds(Int.random(in: 0...6, using: &random)))
        let wasCalling = session.state == .calling
        for action in Self.event(Int.random(in: 0...12, using: &random), &session, clock.now) {
          switch action {
          case .send: isAgreed = true
          case .bye: #expect(isAgreed)
          case .cancel: #expect(wasCalling)
          case .release: released += 1
          case .ask, .call, .accept: #expect(released == 0)
          case .refuse(let status): #expect(!session.isSpeaking || status == 486)
          }
        }
        #expect((session.end != nil) == (released == 1))
      }
    }
  }

  private static func event(_ number: Int, _ session: inout VoiceSession, _ now: MonotonicTime)
    -> [VoiceSession.Action]
  {
    switch number {
    case 0: session.start(now: now)
    case 1: session.opened()
    case 2: session.unopened(.noPort, status: 500)
    case 3: session.hangUp()
    case 4: session.mediaLost()
    case 5: session.responded(isOK: true, now: now)
    case 6: session.responded(isOK: false, now: now)
    case 7: session.undelivered(.rejected(status: 404), now: now)
    case 8: session.called()
    case 9: session.acknowledged()
    case 10: session.deviceHungUp()
    case 11: session.began()
    default: session.tick(now: now)
    }
  }
}
