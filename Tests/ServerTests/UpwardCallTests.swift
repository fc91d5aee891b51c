import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("What platforms above get wrong, and calls that are out of the ordinary", .serialized)
struct UpwardCallTests {
  @Test("An INVITE without an offer gets ours; pictures go where the ACK says; one that says nothing ends it")
  func offerless() async throws {
    try await UpwardBench.with { bench in
      var invite = bench.invite("Play")
      invite.body = []
      let answer = try await bench.peer.exchange(invite)
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200 && text.contains("a=sendonly") && text.contains("\r\ny=0"))
      #expect(text.contains("a=rtpmap:96 PS/90000"))
      #expect(bench.packets == 0)
      bench.acknowledge(
        invite, answer,
        body: "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
          + "m=video \(bench.media.number) RTP/AVP 96\r\na=recvonly\r\n")
      #expect(await eventually { bench.packets > 5 })
      #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
      #expect(await eventually { bench.server.services.calls.count == 0 })

      var second = bench.invite("Play")
      second.body = []
      let offered = try await bench.peer.exchange(second)
      #expect(offered.status == 200)
      bench.acknowledge(second, offered)
      #expect(await eventually { bench.peer.count(.bye) == 1 })
      #expect(await eventually { bench.server.services.relays.count == 0 })
      #expect(bench.server.services.relays.figures.ended["no-agreement"] == 1)
    }
  }

  @Test("50, 53: items have owner, area and parent, the total is exact, and groups can be left out")
  func catalog() async throws {
    try await UpwardBench.with(version: "2.0", sharesGroups: false) { bench in
      let own = try #require(DeviceID(RunningServer.platformID))
      #expect(try await bench.tell("Catalog", of: own) == 200)
      func parts() -> [CatalogReply] { bench.answers("Catalog").compactMap { CatalogReply($0) } }
      #expect(
        await eventually {
          parts().first?.total.map { total in parts().reduce(0) { $0 + $1.items.count } == total } ?? false
        })
      let elements = bench.answers("Catalog").flatMap { $0.element.descendants("Item", most: 100) }
      let cameras = elements.filter { $0.value("DeviceID").flatMap { DeviceID($0) }?.typeCode == 132 }
      #expect(cameras.count == 2)
      for camera in cameras {
        for field in [
          "Name", "Manufacturer", "Model", "Owner", "CivilCode", "Address", "Parental", "ParentID",
          "RegisterWay",
          "Secrecy", "Status",
        ] { #expect(camera.value(field) != nil, "\(field)") }
      }
      let types = elements.compactMap { $0.value("DeviceID").flatMap { DeviceID($0) }?.typeCode }
      #expect(!types.contains(215) && !types.contains(216))
      let info = try await bench.ask("DeviceInfo", of: own)
      #expect(info.element.integer("Channel") == 2)
    }
  }

  @Test("51: an INVITE without y=, t=, o= and 96, with a bad Subject, is answered with a stream under 96")
  func looseOffer() async throws {
    try await UpwardBench.with { bench in
      var invite = bench.invite("Play")
      invite.headers.append(.subject, "\(bench.camera):0")
      invite.body = Array(
        ("v=0\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nm=video \(bench.media.number) RTP/AVP 98\r\na=recvonly\r\n"
          + "a=rtpmap:98 H264/90000\r\n").utf8)
      let answer = try await bench.peer.exchange(invite)
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200 && text.contains("RTP/AVP 96\r\n") && text.contains("PS/90000"))
      #expect(text.contains("\r\ny=0"))
      bench.acknowledge(invite, answer)
      #expect(await eventually { bench.packets > 5 })
      #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
    }
  }

  @Test("52: a query with blanks around its words is understood; a code of 18 digits is one not known")
  func looseQuery() async throws {
    try await UpwardBench.with { bench in
      let body =
        "<?xml version=\"1.0\"?>\r\n<Query>\r\n<CmdType> DeviceInfo </CmdType><SN> 5 </SN>"
        + "<DeviceID> \(bench.camera)  </DeviceID></Query>"
      #expect(try await bench.peer.exchange(bench.peer.request(.message, body: body)).status == 200)
      #expect(await eventually { bench.answers("DeviceInfo").contains { $0.sn == 5 } })
      let short = try #require(DeviceID("340200000000000001"))
      #expect(try await bench.tell("DeviceInfo", of: short) == 404)
    }
  }

  @Test("A second call with the sender's part of the Subject takes the place of the first")
  func sameSubject() async throws {
    try await UpwardBench.with { bench in
      var calls: [(SIPRequest, SIPResponse)] = []
      for _ in 0..<2 {
        var invite = bench.invite("Play", port: bench.media.number)
        invite.headers.append(.subject, "\(bench.camera):0200004711,\(bench.peer.id):\(calls.count)")
        let answer = try await bench.peer.exchange(invite)
        #expect(answer.status == 200)
        bench.acknowledge(invite, answer)
        calls.append((invite, answer))
      }
      #expect(await eventually { bench.server.services.relays.count == 1 })
      #expect(bench.server.services.relays.figures.ended["replaced"] == 1)
      let (first, second) = (calls[0], calls[1])
      #expect(try await bench.peer.exchange(bench.inside(.bye, first.0, first.1)).status == 481)
      #expect(try await bench.peer.exchange(bench.inside(.bye, second.0, second.1)).status == 200)
    }
  }

  @Test("54: an INVITE gets 100 at once, and a camera that is pulled already is not called again")
  func quick() async throws {
    try await UpwardBench.with { bench in
      let first = bench.invite("Play", port: bench.media.number)
      let answer = try await bench.peer.exchange(first)
      #expect(answer.status == 200)
      let statuses = bench.peer.responses.filter { $0.callID == first.callID }.map(\.status)
      #expect(statuses.first == 100)
      bench.acknowledge(first, answer)
      let calls = bench.fleet.snapshot().calls
      let second = bench.invite("Play", port: bench.media.number)
      let again = try await bench.peer.exchange(second)
      #expect(again.status == 200 && bench.fleet.snapshot().calls == calls)
      #expect(bench.server.services.calls.count == 1 && bench.server.services.relays.count == 2)
      for (invite, answer) in [(first, answer), (second, again)] {
        #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
      }
    }
  }

  @Test("56: a platform that is above us and a device of ours under one code is answered in both roles")
  func bothWays() async throws {
    try await UpwardBench.with { bench in
      let (server, peer) = (bench.server, bench.peer)
      try await server.announce(peer.id, password: "below-1")
      #expect(try await peer.register(password: "below-1") == 200)
      #expect(await server.reaches(.online, peer.id))
      #expect(try await peer.heartbeat() == 200)
      // As a superior it asks, and is answered.
      let info = try await bench.ask("DeviceInfo")
      #expect(info.deviceID == bench.camera)
      let invite = bench.invite("Play", port: bench.media.number)
      let answer = try await peer.exchange(invite)
      #expect(answer.status == 200)
      bench.acknowledge(invite, answer)
      // As a device it is asked, and its answer is taken.
      #expect(
        await eventually {
          peer.requests.contains {
            $0.method == .message
              && String(decoding: $0.body, as: UTF8.self).contains("<CmdType>DeviceInfo</CmdType>")
          }
        })
      let reply =
        "<Response><CmdType>DeviceInfo</CmdType><SN>1</SN><DeviceID>\(peer.id)</DeviceID>"
        + "<Manufacturer>Twofold</Manufacturer><Result>OK</Result></Response>"
      #expect(try await peer.exchange(peer.request(.message, body: reply)).status == 200)
      #expect(
        await eventually { server.services.directory.device(peer.id)?.dossier.manufacturer == "Twofold" })
      #expect(try await peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
      #expect(server.services.superiors.server(peer.id) != nil)
    }
  }

  @Test("57: the call for the sound of a broadcast carries f= and both codes; both sides end together")
  func broadcast() async throws {
    try await UpwardBench.with { bench in
      let source = try #require(DeviceID("34010000001360000001"))
      let body =
        "<?xml version=\"1.0\"?>\r\n<Notify><CmdType>Broadcast</CmdType><SN>9</SN>"
        + "<SourceID>\(source)</SourceID><TargetID>\(bench.camera)</TargetID></Notify>"
      #expect(try await bench.peer.exchange(bench.peer.request(.message, body: body)).status == 200)
      #expect(await eventually { bench.answers("Broadcast").contains { $0.sn == 9 && $0.isOK == true } })
      #expect(await eventually { bench.peer.count(.invite) == 1 && bench.peer.count(.ack) == 1 })
      let invite = try #require(bench.peer.requests.first { $0.method == .invite })
      let text = String(decoding: invite.body, as: UTF8.self)
      #expect(text.contains("\r\nf=v/////a/1/8/1") && text.contains("m=audio") && text.contains("a=recvonly"))
      #expect(invite.to?.uri.user == source.text)
      let subject = invite.headers[.subject].map { Subject(parsing: $0) }
      #expect(subject?.sender == source && subject?.receiver == bench.camera)
      #expect(bench.server.services.voice.all.count == 1)
      bench.granted.with { $0 = false }
      #expect(await eventually { bench.peer.count(.bye) == 1 })
      #expect(await eventually { bench.server.services.voice.all.isEmpty })
      #expect(bench.server.services.superiors.voices.count == 0)
    }
  }
}
