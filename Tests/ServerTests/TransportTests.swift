import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import Logging
import Registry
import SIPCore
import SIPTransport
import TestSupport
import Testing

@testable import Server

@Suite("TLS, IPv6, NAT and other servers", .serialized)
struct TransportTests {
  private static let certificates = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/tls").path

  private static func secure(_ configuration: inout ServerConfiguration) {
    configuration.sips = .init(host: "127.0.0.1", port: 0)
    configuration.tls = .init(
      certificate: certificates + "/platform.pem", key: certificates + "/platform.key")
  }

  /// Opens a channel and reads its first pictures.
  private func watch(_ server: RunningServer, _ key: ChannelKey) async throws {
    let session = try await server.http.json(
      "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(purpose: "test"),
      as: API.MediaSessionOpened.self)
    let pictures = try await server.http.stream(session.urls.fmp4, bytes: 30_000)
    #expect(pictures.status == 200 && pictures.body.count >= 30_000)
    #expect(try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)").status < 300)
  }

  private func key(_ configuration: SimulatorConfiguration) throws -> ChannelKey {
    ChannelKey(
      device: try #require(DeviceID(Cameras.first)), channel: configuration.channelID(device: 0, channel: 0))
  }

  @Test(
    "a camera over TLS shows live pictures; without its connection it is offline, and it comes back by itself"
  )
  func tls() async throws {
    try await RunningServer.with(Self.secure) { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let port = try #require(server.runtime.addresses.sips)
      var configuration = try Cameras.configuration(sip: port, transport: .tls)
      configuration.tlsHandler = try TLSClient.handlers(trusting: Self.certificates + "/platform.pem")
      let key = try key(configuration)
      try await Cameras.with(configuration) { fleet in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        let shown = try await server.http.json("GET", "/api/v1/devices/\(device)", as: API.Device.self)
        #expect(shown.transport == "tls")
        try await watch(server, key)
        let messages = server.services.ladder.messages(peer: "127.0.0.1", mentioning: nil)
          .map { String(decoding: $0.bytes, as: UTF8.self) }
        let invite = try #require(messages.last { $0.hasPrefix("INVITE") })
        #expect(invite.contains("Via: SIP/2.0/TLS 127.0.0.1:\(port)") && invite.contains(";transport=tls>"))
        fleet.setPower(false, device: 0)
        #expect(await server.reaches(.offline, device))
        fleet.setPower(true, device: 0)
        #expect(await server.reaches(.online, device))
        try await watch(server, key)
      }
      let platform = try await server.http.json("GET", "/api/v1/platform", as: API.Platform.self)
      #expect(platform.sip.tlsPort == port)
    }
  }

  @Test("a certificate that cannot be used ends the start with one sentence")
  func badCertificate() async throws {
    for (file, text) in [("expired.pem", "expired on 2001-01-01"), ("none.pem", "cannot be read")] {
      await #expect {
        try await RunningServer.with { configuration in
          Self.secure(&configuration)
          configuration.tls?.certificate = Self.certificates + "/" + file
        } _: { _ in
        }
      } throws: { error in
        (error as? StartError)?.description.hasPrefix("SIP over TLS: the certificate") == true
          && (error as? StartError)?.description.contains(text) == true
      }
    }
  }

  @Test("a camera over IPv6 sends over UDP and over TCP both ways", arguments: MediaTransportChoice.allCases)
  func ipv6(media: MediaTransportChoice) async throws {
    try await RunningServer.with { configuration in
      configuration.sip = .init(host: "::", port: 0)
      configuration.media = .init(host: "::", port: 0)
    } _: { server in
      let device = try #require(DeviceID(Cameras.first))
      var settings = DeviceSettings()
      settings.fixedMediaTransport = media
      try await server.runtime.addDevice(
        Device(id: device, name: "Six", added: SystemClock.wall(), settings: settings),
        password: RunningServer.password)
      var configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      configuration.serverHost = "::1"
      let key = try key(configuration)
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        #expect(server.services.directory.device(device)?.contact?.address.host == "::1")
        try await watch(server, key)
        let record = try #require(server.services.calls.record(key))
        #expect(record.sdpSent.contains("c=IN IP6 ::1") && record.sdpSent.contains(" IN IP6 ::1\r\n"))
        #expect(record.sdpReceived?.contains("c=IN IP6 ::1") == true)
      }
    }
  }

  @Test("a server on :: shows cameras of IPv4 as well", arguments: MediaTransportChoice.allCases)
  func dualStack(media: MediaTransportChoice) async throws {
    try await RunningServer.with { configuration in
      configuration.sip = .init(host: "::", port: 0)
      configuration.media = .init(host: "::", port: 0)
    } _: { server in
      let device = try #require(DeviceID(Cameras.first))
      var settings = DeviceSettings()
      settings.fixedMediaTransport = media
      try await server.runtime.addDevice(
        Device(id: device, name: "Four", added: SystemClock.wall(), settings: settings),
        password: RunningServer.password)
      let configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      let key = try key(configuration)
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        try await watch(server, key)
        #expect(server.services.calls.record(key)?.sdpSent.contains("c=IN IP4 127.0.0.1") == true)
      }
    }
  }

  @Test(
    "a device behind NAT gets everything on its TCP connection, is offline without it and back by registering"
  )
  func behindNAT() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let port = server.runtime.addresses.sip
      let peer = try SIPPeer(Cameras.first, port: port, tcp: true, contactHost: "10.11.12.13")
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(await server.reaches(.online, device))
      // Its Contact leads nowhere; the questions come on the connection.
      #expect(
        await eventually {
          peer.requests.contains { String(decoding: $0.body, as: UTF8.self).contains("<Query>") }
        })
      #expect(peer.requests.allSatisfy { $0.via?.transport == "TCP" })
      // So does a call.
      let channel = ChannelKey(device: device, channel: try #require(DeviceID("34020000001320000001")))
      let call = CallRequest(
        channel: channel, path: .tcpPassive, port: 9_000, ssrc: 200_001_234, streamNumber: nil)
      let handle = try #require(await server.services.calls.place(call) { _ in })
      let later = try #require(await server.services.calls.place(call) { _ in })
      #expect(await eventually { peer.count(.ack) == 2 })
      await server.services.calls.hangUp(handle)
      #expect(await eventually { peer.count(.bye) == 1 })
      let invite = try #require(peer.requests.first { $0.method == .invite })
      #expect(invite.contact?.uri.parameters["transport"] == "tcp" && invite.via?.transport == "TCP")
      #expect(await server.services.endpoint.counters().connectionsOpened == 0)
      peer.close()
      #expect(await server.reaches(.offline, device))
      let again = try SIPPeer(Cameras.first, port: port, tcp: true, contactHost: "10.11.12.13")
      defer { again.close() }
      #expect(try await again.register(password: RunningServer.password) == 200)
      #expect(await server.reaches(.online, device))
      // What was begun on the old connection is ended on the new one.
      await server.services.calls.hangUp(later)
      #expect(await eventually { again.count(.bye) == 1 })
    }
  }

  @Test("an INVITE to us is refused with the path it asked for, and one that comes back is a loop")
  func paths() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let peer = try SIPPeer(Cameras.first, port: server.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let (own, lower) = (RunningServer.platformID, "34020000002000000009")
      for (path, status) in [("\(own)-\(lower)", 403), (lower, 403), ("\(own)-\(lower)-\(own)", 482)] {
        var invite = peer.request(.invite)
        invite.headers.append(.preferredPath, path)
        let answer = try await peer.exchange(invite)
        #expect(answer.status == status && answer.routePath?.description == own)
      }
      let plain = try await peer.exchange(peer.request(.invite))
      #expect(plain.status == 403 && plain.headers[.routePath] == nil)
    }
  }

  @Test("devices are sent to another server by weight, and come back when it is gone")
  func redirect() async throws {
    try await Folder.with { folder in
      let other = try await RunningServer.start(folder: folder) { configuration in
        configuration.platform.id = DeviceID("34020000002000000002") ?? configuration.platform.id
      }
      let place = "34020000002000000002@127.0.0.1:\(other.runtime.addresses.sip)"
      let own = "\(RunningServer.platformID)@127.0.0.1:5060"
      do {
        try await RunningServer.with { configuration in
          configuration.redirect = [place, own].compactMap { RedirectTarget($0) }
        } _: { home in
          let configuration = try Cameras.configuration(
            sip: home.runtime.addresses.sip, devices: 4, transport: .tcp)
          for index in 0..<4 {
            try await home.announce(configuration.deviceID(index))
            try await other.announce(configuration.deviceID(index))
          }
          func online(_ server: RunningServer) -> Int {
            (0..<4).count { server.services.directory.device(configuration.deviceID($0))?.status == .online }
          }
          try await Cameras.with(configuration) { fleet in
            #expect(await eventually { online(home) == 2 && online(other) == 2 })
            #expect(
              await eventually { fleet.snapshot().redirections == 2 && fleet.snapshot().registered == 4 })
            #expect(home.services.signalling.counters.redirected == 2)
            try await other.stop()
            // The connections broke: back to who sent them, which now knows better.
            #expect(await eventually { online(home) == 4 })
          }
        }
      } catch {
        try? await other.stop()
        throw error
      }
    }
  }
}
