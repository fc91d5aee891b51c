import MediaTime
import Testing

@testable import GBCore

@Suite struct PendingQueriesTests {
  private let start = MonotonicTime(nanoseconds: 0)

  @Test("One query per device and command; an answer finds it whatever number it echoes")
  func serial() throws {
    let device = try #require(DeviceID("1"))
    let other = try #require(DeviceID("2"))
    var queries = PendingQueries(firstSN: 100)
    #expect(queries.begin(.catalog, to: device, now: start) == 101)
    #expect(queries.begin(.catalog, to: device, now: start) == nil)
    #expect(queries.begin(.deviceInfo, to: device, now: start) == 102)
    #expect(queries.begin(.catalog, to: other, now: start) == 103)
    #expect(queries.match(.catalog, from: device) == 101)
    #expect(queries.match(.recordInfo, from: device) == nil)
    queries.end(.catalog, of: device)
    #expect(queries.match(.catalog, from: device) == nil)
    queries.endAll(of: device)
    #expect(queries.count == 1)
  }

  @Test("A query that runs out of time is told once, unless parts of its answer gave it more")
  func expiry() throws {
    let device = try #require(DeviceID("1"))
    var queries = PendingQueries()
    _ = queries.begin(.catalog, to: device, now: start)
    queries.extend(.catalog, of: device, until: start + .seconds(30))
    #expect(queries.expire(now: start + .seconds(29)).isEmpty)
    #expect(queries.expire(now: start + .seconds(30)) == [.init(device: device, command: .catalog, sn: 1)])
    #expect(queries.expire(now: start + .seconds(31)).isEmpty)
  }

  @Test("Numbers stay within 31 bits")
  func wrap() {
    var queries = PendingQueries(firstSN: Int(Int32.max) - 2)
    #expect(queries.nextSN() == Int(Int32.max) - 1)
    #expect(queries.nextSN() == 1)
  }
}
