import Cryptography
import DeviceSimulator
import Doctor
import Foundation
import GBCore
import HTTPAPI
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

/// What the doctor says about devices that really behave so, over real sockets.
@Suite("The doctor", .serialized)
struct DoctorTests {
  private static let id = Cameras.first
  private static let cameraCode = "34020000001320000001"

  private var device: DeviceID {
    get throws { try #require(DeviceID(Self.id)) }
  }

  private func examine(_ server: RunningServer) async throws -> API.MediaDiagnosis {
    try await server.http.json("GET", "/api/v1/devices/\(Self.id)/doctor", as: API.MediaDiagnosis.self)
  }

  private func codes(_ server: RunningServer) async throws -> [String] {
    try await examine(server).findings.map(\.code)
  }

  @Test("a device that was never heard, is not admitted, or has the wrong password, user or domain")
  func door() async throws {
    try await RunningServer.with { server in
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      _ = try await peer.register(password: "x")
      let strange = try await server.http.send("GET", "/api/v1/devices/\(Self.id)/doctor")
      #expect(strange.status == 404)
      try await server.announce(try device)
      #expect(try await codes(server) == ["never-heard"])
      #expect(try await peer.register(password: "wrong") == 403)
      let wrong = try await examine(server)
      #expect(wrong.findings.map(\.code) == ["wrong-password"])
      let proof = try #require(wrong.findings.first?.message)
      #expect(wrong.messages[proof].summary.hasPrefix("403"))
      #expect(wrong.hops.first?.state == "fails" && wrong.hops.last?.state == "unknown")
      _ = try await signIn(peer, user: "admin", realm: nil)
      #expect(try await codes(server) == ["wrong-user"])
      _ = try await signIn(peer, user: Self.id, realm: "6401000000", password: "wrong")
      #expect(try await codes(server) == ["wrong-realm"])
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(await server.reaches(.online, try device))
      #expect(try await !codes(server).contains("wrong-realm"))
      #expect(try await peer.register(password: RunningServer.password, expires: 0) == 200)
      #expect(await server.reaches(.offline, try device))
      let left = try await codes(server)
      #expect(left.first == "said-goodbye", "\(left)")
    }
  }

  /// Answers the challenge with another user name or realm.
  private func signIn(
    _ peer: SIPPeer, user: String, realm: String?, password: String = RunningServer.password
  ) async throws -> Int {
    let callID = UUID().uuidString
    let first = try await peer.exchange(peer.request(.register, callID: callID))
    let challenge = try #require(first.headers[.wwwAuthenticate].flatMap { DigestChallenge($0) })
    let answered = DigestChallenge(
      realm: realm ?? challenge.realm, nonce: challenge.nonce, algorithm: challenge.algorithm, isStale: false)
    var second = peer.request(.register, callID: callID)
    let credentials = DigestCredentials(
      answering: answered, username: user, password: password, method: .register,
      uri: second.requestURI, cnonce: "c0ffee", hash: { ($0 == .md5 ? Hash.md5 : Hash.sha256).digest($1) })
    second.headers.append(.authorization, credentials.headerValue)
    return try await peer.exchange(second).status
  }

  @Test("a device that asks and never answers the question for its password")
  func challengeIgnored() async throws {
    try await RunningServer.with { server in
      try await server.announce(try device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      for _ in 0..<3 { #expect(try await peer.exchange(peer.request(.register)).status == 401) }
      let found = try await examine(server).findings
      #expect(found.map(\.code) == ["challenge-ignored"] && found.first?.text.en.contains("3 times") == true)
    }
  }

  @Test("a device that fell silent, and one whose SIP side does not answer")
  func silence() async throws {
    try await RunningServer.with { server in
      try await server.announce(try device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip) { _, _ in }
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(await server.reaches(.online, try device))
      let beating = Task {
        while !Task.isCancelled {
          _ = try? await peer.heartbeat()
          try? await Task.sleep(for: .milliseconds(500))
        }
      }
      #expect(try await codes(server).contains("one-way-signalling"))
      beating.cancel()
      await beating.value
      #expect(await server.reaches(.offline, try device))
      #expect(try await codes(server).first == "silent")
    }
  }

  /// A scripted device with one camera.
  private final class Camera: Sendable {
    struct Script: Sendable {
      /// The answer to an INVITE; nil says nothing.
      var invite: Int? = 200
      var isTrying = false
      var sdp: String?
      var catalog: String?
      var deviceTime: String?
    }
    let script: Locked<Script>

    init(_ script: Script) { self.script = Locked(script) }

    func answer(_ peer: SIPPeer, _ request: SIPRequest) {
      let script = script.with { $0 }
      switch request.method {
      case .ack: break
      case .invite:
        if script.isTrying { peer.reply(request, 100) }
        if let status = script.invite {
          peer.reply(request, status, body: Array((status == 200 ? script.sdp ?? "" : "").utf8))
        }
      case .message:
        peer.reply(request, 200)
        reply(peer, request, script)
      default: peer.reply(request, 200)
      }
    }

    private func reply(_ peer: SIPPeer, _ request: SIPRequest, _ script: Script) {
      guard let query = try? MANSCDPMessage(parsing: request.body, codec: .utf8), let sn = query.sn else {
        return
      }
      let body: String
      switch query.cmdType {
      case .deviceInfo: body = "<Result>OK</Result><Manufacturer>Test</Manufacturer>"
      case .catalog: body = script.catalog ?? DoctorTests.catalog(announced: 1)
      case .deviceStatus:
        let time = script.deviceTime.map { "<DeviceTime>\($0)</DeviceTime>" } ?? ""
        body = "<Result>OK</Result><Online>ONLINE</Online><Status>OK</Status>\(time)"
      default: return
      }
      let message = peer.request(
        .message,
        body: "<?xml version=\"1.0\"?><Response><CmdType>\(query.cmdType)</CmdType><SN>\(sn)</SN>"
          + "<DeviceID>\(peer.id)</DeviceID>\(body)</Response>")
      // Nobody waits for the answer to it.
      Task { _ = try? await peer.exchange(message) }
    }
  }

  private static func catalog(announced: Int, broken: Bool = false) -> String {
    let item =
      "<Item><DeviceID>\(cameraCode)</DeviceID><Name>Gate</Name><ParentID>\(id)</ParentID><Status>ON</Status></Item>"
    let bad = broken ? "<Item><Name>no code</Name></Item>" : ""
    guard announced > 0 else { return "<SumNum>0</SumNum>" }
    return "<SumNum>\(announced)</SumNum><DeviceList Num=\"\(broken ? 2 : 1)\">\(item)\(bad)</DeviceList>"
  }

  /// Runs a scripted camera and examines its channel, or the device when `isCalled` is false.
  private func diagnose(
    _ script: Camera.Script, isCalled: Bool = true, before: (SIPPeer) async throws -> Void = { _ in }
  ) async throws -> API.MediaDiagnosis {
    var result: API.MediaDiagnosis?
    try await RunningServer.with { server in
      try await server.announce(try device)
      let camera = Camera(script)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip) { camera.answer($0, $1) }
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let beating = Task {
        while !Task.isCancelled {
          _ = try? await peer.heartbeat()
          try? await Task.sleep(for: .milliseconds(500))
        }
      }
      defer { beating.cancel() }
      let key = ChannelKey(device: try device, channel: try #require(DeviceID(Self.cameraCode)))
      if script.catalog == nil || isCalled {
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
      } else {
        let id = try device
        #expect(await eventually { server.services.signalling.lastCatalog(id) != nil })
      }
      try await before(peer)
      let path = isCalled ? "/api/v1/channels/\(key)/doctor" : "/api/v1/devices/\(Self.id)/doctor"
      result = try await server.http.json("GET", path, as: API.MediaDiagnosis.self)
    }
    return try #require(result)
  }

  @Test(
    "what a device answers to a call is told in words, and the message that shows it is named",
    arguments: [
      (486, "busy"), (404, "channel-unknown"), (480, "camera-offline"), (403, "call-forbidden"),
      (500, "device-error"),
    ])
  func refused(_ status: Int, _ code: String) async throws {
    let diagnosis = try await diagnose(Camera.Script(invite: status))
    let finding = try #require(diagnosis.findings.first)
    #expect(finding.code == code && finding.hop == "call")
    let proof = try #require(finding.message)
    #expect(diagnosis.messages[proof].summary.hasPrefix("\(status) "))
  }

  @Test("every transport refused, and a call that is worked on for ever")
  func neverReady() async throws {
    #expect(try await diagnose(Camera.Script(invite: 488)).findings.first?.code == "media-refused")
    let endless = try await diagnose(Camera.Script(invite: nil, isTrying: true))
    #expect(endless.findings.first?.code == "rings-for-ever")
  }

  @Test("a clock that is hours off, and a catalog that is empty, too short or damaged")
  func listing() async throws {
    let skewed = try await diagnose(Camera.Script(deviceTime: "2020-01-01T00:00:00"), isCalled: false)
    #expect(skewed.findings.map(\.code) == ["clock-wrong"])
    let empty = try await diagnose(
      Camera.Script(catalog: Self.catalog(announced: 0)), isCalled: false)
    #expect(empty.findings.map(\.code) == ["catalog-empty"])
    let damaged = try await diagnose(
      Camera.Script(catalog: Self.catalog(announced: 2, broken: true)), isCalled: false)
    #expect(damaged.findings.map(\.code) == ["catalog-damaged"])
    #expect(damaged.hops.first { $0.hop == "catalog" }?.state == "suffers")
  }

  @Test("an accepted call without media says what was agreed and what to open")
  func noMedia() async throws {
    let sdp = "v=0\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\na=sendonly\r\n"
    let diagnosis = try await diagnose(Camera.Script(sdp: sdp))
    // The last transport that was tried was TCP.
    #expect(["media-blocked", "connection-failed"].contains(diagnosis.findings.first?.code ?? ""))
    #expect(diagnosis.hops.first { $0.hop == "call" }?.state == "works")
    #expect(diagnosis.sdpReceived?.contains("s=Play") == true)
  }
}
