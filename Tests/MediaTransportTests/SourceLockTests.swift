import Testing

@testable import MediaTransport

@Suite struct SourceLockTests {
  private static let second: Int64 = 1_000_000_000

  private static func address(_ host: String, _ port: UInt16) throws -> MediaAddress {
    try #require(MediaAddress(host: host, port: port))
  }

  @Test("The first expected source is locked; others are refused while it speaks")
  func locks() throws {
    let camera = try Self.address("192.0.2.5", 15_060)
    let stranger = try Self.address("192.0.2.66", 15_060)
    let sibling = try Self.address("192.0.2.5", 15_062)
    var lock = SourceLock(host: try Self.address("192.0.2.5", 0))
    #expect(lock.check(stranger, now: 0) == .refuse)
    #expect(lock.check(camera, now: 1) == .acceptNew)
    for moment in 1...20 {
      let now = Int64(moment) * Self.second
      #expect(lock.check(camera, now: now) == .accept)
      #expect(lock.check(sibling, now: now + 1) == .refuse)
      #expect(lock.check(stranger, now: now + 2) == .refuse)
    }
  }

  @Test("A new port of the same machine takes over after five seconds of silence of the old one")
  func switches() throws {
    let before = try Self.address("192.0.2.5", 15_060)
    let after = try Self.address("192.0.2.5", 31_777)
    var lock = SourceLock(host: try Self.address("192.0.2.5", 0))
    #expect(lock.check(before, now: 0) == .acceptNew)
    var switched: Int64?
    for step in stride(from: Int64(600_000_000), to: 9 * Self.second, by: 40_000_000) {
      if lock.check(after, now: step) == .acceptNew {
        switched = step
        break
      }
    }
    let moment = try #require(switched)
    #expect(moment >= 5 * Self.second && moment < 6 * Self.second)
    #expect(lock.check(after, now: moment + 1) == .accept)
    #expect(lock.check(before, now: moment + 2) == .refuse)
  }

  @Test("A port that was heard long ago does not take over with one packet while the camera pauses")
  func staleCandidate() throws {
    let camera = try Self.address("192.0.2.5", 15_060)
    let sibling = try Self.address("192.0.2.5", 15_062)
    var lock = SourceLock(host: try Self.address("192.0.2.5", 0))
    #expect(lock.check(camera, now: 0) == .acceptNew)
    #expect(lock.check(sibling, now: Self.second) == .refuse)
    #expect(lock.check(camera, now: 2 * Self.second) == .accept)
    // The camera freezes for half a minute; the sibling appears at its end.
    #expect(lock.check(sibling, now: 30 * Self.second) == .refuse)
    #expect(lock.check(sibling, now: 30 * Self.second + 40_000_000) == .refuse)
    #expect(lock.check(camera, now: 31 * Self.second) == .accept)
    // Two packets far apart are no presence either.
    #expect(lock.check(sibling, now: 40 * Self.second) == .refuse)
    #expect(lock.check(sibling, now: 50 * Self.second) == .refuse)
  }

  @Test("A machine that the dialog does not name never takes over")
  func neverForeign() throws {
    var lock = SourceLock(host: try Self.address("192.0.2.5", 0))
    #expect(lock.check(try Self.address("192.0.2.5", 1), now: 0) == .acceptNew)
    let stranger = try Self.address("203.0.113.9", 1)
    for step in stride(from: Int64(0), to: 60 * Self.second, by: Int(Self.second)) {
      #expect(lock.check(stranger, now: step) == .refuse)
    }
  }

  @Test("Without an expected host anybody may be first, and only the first")
  func anybody() throws {
    var lock = SourceLock(host: nil)
    let first = try Self.address("198.51.100.1", 9)
    #expect(lock.check(first, now: 0) == .acceptNew)
    #expect(lock.check(try Self.address("198.51.100.2", 9), now: 1) == .refuse)
    #expect(lock.check(first, now: 2) == .accept)
  }

  @Test("Addresses keep their text, IPv6 too")
  func text() throws {
    #expect(try Self.address("192.0.2.5", 80).description == "192.0.2.5:80")
    #expect(try Self.address("2001:db8::7", 80).description == "[2001:db8::7]:80")
    #expect(MediaAddress(host: "camera.example", port: 1) == nil)
  }
}
