import Cryptography
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import SIPTransport
import StoreSQLite
import TestSupport
import Testing

@testable import Server

@Suite("The signalling digest", .serialized)
struct NoteTests {
  private static let id = "34020000001320000001"
  private static let hash: NoteHash = { algorithm, bytes in
    switch algorithm {
    case .md5: Hash.md5.digest(bytes)
    case .sha1: Hash.sha1.digest(bytes)
    case .sha256: Hash.sha256.digest(bytes)
    case .sm3: Hash.sm3.digest(bytes)
    }
  }

  private func heartbeat(_ peer: SIPPeer) -> SIPRequest {
    peer.request(
      .message,
      body: "<?xml version=\"1.0\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>1</SN>\r\n"
        + "<DeviceID>\(peer.id)</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n")
  }

  private func signed(_ request: SIPRequest, _ digest: SignallingDigest, late: Duration = .zero) -> SIPRequest
  {
    var request = request
    digest.sign(&request, clock: SystemClock.wall() - late, hash: Self.hash)
    return request
  }

  private func agree(_ server: RunningServer, _ algorithm: String, seed: String? = "seed") async throws -> Int
  {
    var change = API.DeviceChange()
    change.signallingDigest = API.SignallingDigest(algorithm: algorithm, seed: seed)
    return try await server.http.send("PATCH", "/api/v1/devices/\(Self.id)", change).status
  }

  @Test(
    "where it is agreed every question is signed, and what comes unsigned, late, changed or forged is refused"
  )
  func agreed() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Self.id))
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(try await peer.heartbeat() == 200)
      #expect(peer.requests.allSatisfy { $0.headers[.note] == nil })

      #expect(try await agree(server, "SM3") == 200)
      let shown = try await server.http.send("GET", "/api/v1/devices/\(Self.id)")
      #expect(shown.text.contains("\"SM3\"") && !shown.text.contains("seed"))
      let digest = SignallingDigest(algorithm: .sm3, seed: "seed")
      #expect(try await peer.heartbeat() == 403)
      #expect(try await peer.exchange(signed(heartbeat(peer), digest)).status == 200)
      #expect(try await peer.exchange(signed(heartbeat(peer), digest, late: .seconds(700))).status == 403)
      var other = digest
      other.seed = "another"
      #expect(try await peer.exchange(signed(heartbeat(peer), other)).status == 403)
      var changed = signed(heartbeat(peer), digest)
      changed.body.append(10)
      #expect(try await peer.exchange(changed).status == 403)
      // Naming somebody else, or claiming to be in a dialog, is no way around it.
      var renamed = heartbeat(peer)
      renamed.headers.set(.from, "<sip:34020000001320000077@3402000000>;tag=t")
      #expect(try await peer.exchange(renamed).status == 403)
      var inside = heartbeat(peer)
      inside.headers.set(.to, "<sip:\(RunningServer.platformID)@3402000000>;tag=x")
      #expect(try await peer.exchange(inside).status == 403)
      #expect(server.services.signalling.notes.refused == 6)
      // A registration proves itself in its own way.
      #expect(try await peer.register(password: RunningServer.password) == 200)

      let before = peer.requests.count
      server.services.signalling.requestKeyFrame(ChannelKey(device: device, channel: device))
      #expect(await eventually { peer.requests.count > before })
      let question = try #require(peer.requests.last)
      #expect(question.headers[.note]?.contains("algorithm=SM3") == true)
      #expect(digest.verify(question, clock: SystemClock.wall(), hash: Self.hash) == .valid)

      #expect(try await agree(server, "off") == 200)
      #expect(try await peer.heartbeat() == 200)
    }
  }

  @Test("it survives a restart with its seed, and is forgotten with the device")
  func kept() async throws {
    try await Folder.with { folder in
      let server = try await RunningServer.start(folder: folder)
      let device = try #require(DeviceID(Self.id))
      try await server.announce(device)
      for (algorithm, seed) in [("SHA-512", "x"), ("MD5", nil), ("MD5", "")] {
        #expect(try await agree(server, algorithm, seed: seed) == 422)
      }
      #expect(try await agree(server, "MD5") == 200)
      try await server.stop()
      let again = try await RunningServer.start(folder: folder)
      #expect(
        again.services.signalling.notes.digest(of: device) == SignallingDigest(algorithm: .md5, seed: "seed"))
      let peer = try SIPPeer(Self.id, port: again.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      // Asked about itself after registering: signed from the first question on.
      #expect(await eventually { peer.requests.contains { $0.method == .message } })
      #expect(peer.requests.allSatisfy { $0.headers[.note]?.contains("MD5") == true })
      #expect(try await again.http.send("DELETE", "/api/v1/devices/\(Self.id)").status < 300)
      #expect(again.services.signalling.notes.digest(of: device) == nil)
      #expect(try await again.services.store.signallingDigests().isEmpty)
      try await again.stop()
    }
  }
}
