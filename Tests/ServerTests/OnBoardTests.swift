import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Recording
import Registry
import SIPTransport
import TestSupport
import Testing

@testable import Server

/// What tests of recordings on board share.
protocol OnBoardTests {}

extension OnBoardTests {
  /// A server and a recorder with one camera and recordings of its own.
  func with(
    _ recordings: OnBoardRecordings? = Self.onBoard { _ in }, edition: GBVersion = .v2016, channels: Int = 1,
    faults: [PlannedFault] = [], transports: Set<MediaTransportChoice>? = nil,
    _ body: (RunningServer, [ChannelKey], SimulatedFleet) async throws -> Void
  ) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let configuration = try Cameras.configuration(
        sip: server.runtime.addresses.sip, channels: channels, edition: edition)
      let keys = (0..<channels).map {
        ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: $0))
      }
      var fleet = try configuration.fleet()
      fleet.peers[0].recordings = recordings
      fleet.peers[0].faults = FaultPlan(faults)
      fleet.peers[0].mediaTransports = transports
      try await SimulatedPeers.with(fleet) { fleet in
        #expect(await eventually { Set(server.runtime.playableChannels).isSuperset(of: keys) })
        try await body(server, keys, fleet)
      }
    }
  }

  /// Two hours in files of ten minutes, changed as wished.
  static func onBoard(_ change: (inout OnBoardRecordings) -> Void) -> OnBoardRecordings {
    var recordings = OnBoardRecordings()
    (recordings.depth, recordings.fileSeconds) = (7_200, 600)
    change(&recordings)
    return recordings
  }

  func moment(ago seconds: Int64) -> WallTime {
    WallTime(seconds: SystemClock.wall().seconds - seconds)
  }

  func open(
    _ server: RunningServer, _ key: ChannelKey, _ from: WallTime, _ to: WallTime
  ) async throws -> API.MediaSessionOpened {
    try await server.http.json(
      "POST", "/api/v1/channels/\(key)/playback",
      API.PlaybackRequest(from: API.Time(from), to: API.Time(to), source: "device", purpose: "test"),
      as: API.MediaSessionOpened.self)
  }

  @discardableResult
  func order(_ server: RunningServer, _ session: String, _ control: API.PlaybackControl) async throws
    -> API.MediaSession
  {
    try await server.http.json(
      "PATCH", "/api/v1/media-sessions/\(session)", control, as: API.MediaSession.self)
  }

  func state(_ server: RunningServer, _ session: String) async throws -> API.MediaSession {
    try await server.http.json("GET", "/api/v1/media-sessions/\(session)", as: API.MediaSession.self)
  }

  /// Fetches an interval and waits for the end.
  func fetched(_ server: RunningServer, _ key: ChannelKey, _ from: WallTime, _ to: WallTime) async throws
    -> API.Download
  {
    var job = try await server.http.json(
      "POST", "/api/v1/channels/\(key)/downloads",
      API.NewDownload(from: API.Time(from), to: API.Time(to), speed: 8), as: API.Download.self)
    let id = job.id
    #expect(
      try await eventually {
        job = try await server.http.json("GET", "/api/v1/downloads/\(id)", as: API.Download.self)
        return job.state == .complete || job.state == .failed
      })
    return job
  }
}
