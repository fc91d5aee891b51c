import SIPCore
import Testing

private let timers = SIPTimers()

struct NonInviteClientTransactionTests {
  @Test("A request is repeated at T1 doubling to T2 until it is answered")
  func repeats() {
    var machine = NonInviteClientTransaction(timers: timers, isReliable: false)
    #expect(machine.start() == .send(resend: .milliseconds(500), giveUp: .seconds(32)))
    #expect(machine.resendTimerFired() == .resend(next: .seconds(1)))
    #expect(machine.resendTimerFired() == .resend(next: .seconds(2)))
    #expect(machine.resendTimerFired() == .resend(next: .seconds(4)))
    #expect(machine.resendTimerFired() == .resend(next: .seconds(4)))
    #expect(machine.received(status: 100) == .deliverProvisional)
    #expect(machine.resendTimerFired() == .resend(next: .seconds(4)))
    #expect(machine.received(status: 200) == .deliverFinal(linger: .seconds(5)))
    #expect(machine.resendTimerFired() == .ignore(.timerNotArmed))
    #expect(machine.received(status: 200) == .ignore(.duplicate))
    #expect(machine.lingerTimerFired() == .forget)
    #expect(machine.received(status: 200) == .ignore(.terminated))
  }

  @Test("On a reliable transport nothing is repeated and nothing lingers")
  func reliable() {
    var machine = NonInviteClientTransaction(timers: timers, isReliable: true)
    #expect(machine.start() == .send(resend: nil, giveUp: .seconds(32)))
    #expect(machine.resendTimerFired() == .ignore(.timerNotArmed))
    #expect(machine.received(status: 404) == .deliverFinal(linger: .zero))
    #expect(machine.lingerTimerFired() == .ignore(.terminated))
  }

  @Test("Nobody answers: the user is told once")
  func timeout() {
    var machine = NonInviteClientTransaction(timers: timers, isReliable: false)
    _ = machine.start()
    #expect(machine.giveUpTimerFired() == .giveUp)
    #expect(machine.giveUpTimerFired() == .ignore(.terminated))
    var failing = NonInviteClientTransaction(timers: timers, isReliable: false)
    _ = failing.start()
    #expect(failing.transportFailed() == .fail)
  }
}

struct InviteClientTransactionTests {
  @Test("An INVITE is repeated without a cap until anything answers")
  func repeats() {
    var machine = InviteClientTransaction(timers: timers, isReliable: false)
    #expect(machine.start() == .send(resend: .milliseconds(500), giveUp: .seconds(32)))
    for seconds in [1, 2, 4, 8, 16] {
      #expect(machine.resendTimerFired() == .resend(next: .seconds(seconds)))
    }
    #expect(machine.mayCancel == false)
    #expect(machine.received(status: 100) == .deliverProvisional)
    #expect(machine.mayCancel == true)
    #expect(machine.resendTimerFired() == .ignore(.timerNotArmed))
    #expect(machine.giveUpTimerFired() == .ignore(.timerNotArmed))
  }

  @Test("A 2xx is delivered once and its repetitions ask for the ACK again")
  func success() {
    var machine = InviteClientTransaction(timers: timers, isReliable: false)
    _ = machine.start()
    #expect(machine.received(status: 200) == .deliverSuccess(linger: .seconds(32)))
    #expect(machine.received(status: 200) == .repeatACK)
    #expect(machine.received(status: 486) == .ignore(.unexpected))
    #expect(machine.lingerTimerFired() == .forget)
  }

  @Test("A refusal is acknowledged by the machine, again for each repetition")
  func refusal() {
    var machine = InviteClientTransaction(timers: timers, isReliable: false)
    _ = machine.start()
    #expect(machine.received(status: 486) == .acknowledgeAndDeliver(linger: .seconds(32)))
    #expect(machine.received(status: 486) == .repeatACK)
    var reliable = InviteClientTransaction(timers: timers, isReliable: true)
    #expect(reliable.start() == .send(resend: nil, giveUp: .seconds(32)))
    #expect(reliable.received(status: 486) == .acknowledgeAndDeliver(linger: .zero))
  }

  @Test("A call that rings for ever can be abandoned, an answered one cannot")
  func abandon() {
    var machine = InviteClientTransaction(timers: timers, isReliable: false)
    _ = machine.start()
    _ = machine.received(status: 180)
    #expect(machine.abandon() == .giveUp)
    var answered = InviteClientTransaction(timers: timers, isReliable: false)
    _ = answered.start()
    _ = answered.received(status: 200)
    #expect(answered.abandon() == .ignore(.unexpected))
  }
}

struct NonInviteServerTransactionTests {
  @Test("A repeated request gets the latest response again, or nothing before there is one")
  func repeats() {
    var machine = NonInviteServerTransaction(timers: timers, isReliable: false)
    #expect(machine.receivedAgain() == .ignore(.nothingToRepeat))
    #expect(machine.respond(status: 100) == .send)
    #expect(machine.receivedAgain() == .repeatLatest)
    #expect(machine.respond(status: 200) == .sendFinal(keep: .seconds(32)))
    #expect(machine.receivedAgain() == .repeatLatest)
    #expect(machine.respond(status: 500) == .ignore(.alreadyAnswered))
    #expect(machine.keepTimerFired() == .forget)
    #expect(machine.receivedAgain() == .ignore(.terminated))
  }

  @Test("On a reliable transport an answer ends it")
  func reliable() {
    var machine = NonInviteServerTransaction(timers: timers, isReliable: true)
    #expect(machine.respond(status: 200) == .sendFinal(keep: .zero))
    #expect(machine.respond(status: 200) == .ignore(.terminated))
  }
}

struct InviteServerTransactionTests {
  @Test("A 2xx is repeated until the ACK, which is delivered once")
  func success() {
    var machine = InviteServerTransaction(timers: timers, isReliable: false)
    #expect(machine.needsTrying == true)
    #expect(machine.respond(status: 100) == .send)
    #expect(machine.needsTrying == false)
    #expect(machine.receivedAgain() == .repeatLatest(next: nil))
    #expect(machine.respond(status: 200) == .sendFinal(repeat: .milliseconds(500), giveUp: .seconds(32)))
    #expect(machine.isPending == false)
    #expect(machine.repeatTimerFired() == .repeatLatest(next: .seconds(1)))
    #expect(machine.receivedACK() == .deliverACK)
    #expect(machine.repeatTimerFired() == .ignore(.timerNotArmed))
    #expect(machine.receivedACK() == .ignore(.duplicate))
    #expect(machine.giveUpTimerFired() == .forget)
  }

  @Test("A refusal is repeated up to T2 until the ACK, which is absorbed")
  func refusal() {
    var machine = InviteServerTransaction(timers: timers, isReliable: false)
    #expect(machine.respond(status: 404) == .sendFinal(repeat: .milliseconds(500), giveUp: .seconds(32)))
    for seconds in [1, 2, 4, 4] {
      #expect(machine.repeatTimerFired() == .repeatLatest(next: .seconds(seconds)))
    }
    #expect(machine.receivedACK() == .absorbACK(linger: .seconds(5)))
    #expect(machine.receivedAgain() == .ignore(.duplicate))
    #expect(machine.giveUpTimerFired() == .forget)
  }

  @Test("Without an ACK the user is told")
  func unacknowledged() {
    for status in [200, 486] {
      var machine = InviteServerTransaction(timers: timers, isReliable: true)
      #expect(machine.respond(status: status) == .sendFinal(repeat: nil, giveUp: .seconds(32)))
      #expect(machine.giveUpTimerFired() == .unacknowledged)
    }
  }
}

/// Random sequences of events: no machine traps, and none acts once it has ended.
struct TransactionPropertyTests {
  @Test("No sequence of events traps a machine or brings an ended one back")
  func random() {
    var random = SplitMix(state: 77)
    for _ in 0..<1000 {
      let isReliable = Bool.random(using: &random)
      var client = NonInviteClientTransaction(timers: timers, isReliable: isReliable)
      var call = InviteClientTransaction(timers: timers, isReliable: isReliable)
      var server = NonInviteServerTransaction(timers: timers, isReliable: isReliable)
      var serving = InviteServerTransaction(timers: timers, isReliable: isReliable)
      var finals = (client: 0, call: 0, server: 0, serving: 0)
      for _ in 0..<12 {
        let status = [100, 180, 200, 302, 404, 500].randomElement(using: &random) ?? 200
        let event = Int.random(in: 0..<6, using: &random)
        let one: NonInviteClientTransaction.Action =
          switch event {
          case 0: client.start()
          case 1: client.resendTimerFired()
          case 2: client.giveUpTimerFired()
          case 3: client.lingerTimerFired()
          case 4: client.transportFailed()
          default: client.received(status: status)
          }
        if case .deliverFinal = one { finals.client += 1 }
        let two: InviteClientTransaction.Action =
          switch event {
          case 0: call.start()
          case 1: call.resendTimerFired()
          case 2: call.giveUpTimerFired()
          case 3: call.lingerTimerFired()
          case 4: call.abandon()
          default: call.received(status: status)
          }
        switch two {
        case .deliverSuccess, .acknowledgeAndDeliver, .giveUp: finals.call += 1
        default: break
        }
        let three =
          event < 2
          ? server.receivedAgain() : event < 4 ? server.keepTimerFired() : server.respond(status: status)
        if case .sendFinal = three { finals.server += 1 }
        let four: InviteServerTransaction.Action =
          switch event {
          case 0: serving.receivedAgain()
          case 1: serving.repeatTimerFired()
          case 2: serving.giveUpTimerFired()
          case 3: serving.receivedACK()
          default: serving.respond(status: status)
          }
        if case .sendFinal = four { finals.serving += 1 }
      }
      #expect(finals.client <= 1 && finals.call <= 1 && finals.server <= 1 && finals.serving <= 1)
    }
  }
}

struct TransactionKeyTests {
  @Test("A retransmission has the same key, another Call-ID, number or method has not")
  func server() throws {
    let first = try request(Sample.keepalive)
    #expect(SIPTransactionKey(server: first) == SIPTransactionKey(server: try request(Sample.keepalive)))
    for (old, new) in [
      ("88@", "89@"), ("CSeq: 20", "CSeq: 21"), ("z9hG4bK7b02", "z9hG4bK7b03"), ("2.20:5060", "2.20:5061"),
    ] {
      let other = try request(Sample.keepalive.replacing(old, with: new))
      #expect(SIPTransactionKey(server: first) != SIPTransactionKey(server: other))
    }
  }

  @Test("An ACK and a CANCEL find their INVITE")
  func related() throws {
    var invite = SIPRequest(
      method: .invite, uri: SIPURI(user: "1", host: "h"),
      from: NameAddress(uri: SIPURI(user: "2", host: "h"), tag: "t"),
      to: NameAddress(uri: SIPURI(user: "1", host: "h")), callID: "c", cseq: 7)
    invite.headers.prepend(.via, Via(transport: .udp, host: "h", port: 1, branch: "z9hG4bKx").description)
    let refusal = SIPResponse(to: invite, status: 486, toTag: "z")
    let key = SIPTransactionKey(server: invite)
    #expect(SIPTransactionKey(server: invite.acknowledgement(of: refusal)) == key)
    #expect(SIPTransactionKey(server: invite.cancellation()) != key)
    #expect(SIPTransactionKey(server: invite.cancellation(), as: .invite) == key)
    #expect(invite.acknowledgement(of: refusal).to?.tag == "z")
    #expect(invite.cancellation().to?.tag == nil)
    #expect(SIPTransactionKey(client: refusal) == SIPTransactionKey(branch: "z9hG4bKx", method: .invite))
  }
}
