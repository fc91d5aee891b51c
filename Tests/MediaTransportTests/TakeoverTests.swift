import MPEGCore
import MediaTime
import MediaTransport
import Testing

@Suite struct TakeoverTests {
  @Test("Half a picture from the old port and half from the new one make no picture")
  func halves() throws {
    let (units, formats) = try clip()
    let camera = TestCamera(udp: 9, ssrc: 77, formats: formats)
    let old = try #require(MediaAddress(host: "192.0.2.5", port: 15_060))
    let new = try #require(MediaAddress(host: "192.0.2.5", port: 31_777))
    let path = StreamPath(
      ssrc: 77, host: "192.0.2.5", now: MonotonicTime(nanoseconds: 1), wall: WallTime(seconds: 1))
    let sink = CollectingSink()
    path.attach(sink)
    func send(_ packets: some Sequence<[UInt8]>, from source: MediaAddress, at second: Int) -> [Bool] {
      let accepted = packets.map {
        path.receive(
          $0.span, from: source, now: MonotonicTime(nanoseconds: Int64(second) * 1_000_000_000),
          wall: WallTime(seconds: Int64(second)))
      }
      path.deliver()
      return accepted
    }
    // A stream without sound lets its first picture wait for it until the next one.
    _ = send(camera.packets(units[0]), from: old, at: 1)
    _ = send(camera.packets(units[1]), from: old, at: 2)
    let halved = camera.packets(units[2])
    try #require(halved.count > 1)
    _ = send(halved.prefix(1), from: old, at: 3)
    let before = sink.pictures.count
    for second in 4..<10 { _ = send(halved.suffix(1), from: new, at: second) }
    #expect(send(halved.dropFirst(), from: new, at: 10).allSatisfy { $0 })
    _ = send(camera.packets(units[3]), from: new, at: 11)
    #expect(sink.pictures.count == before)
    for index in 4..<28 { _ = send(camera.packets(units[index]), from: new, at: 11) }
    #expect(sink.pictures.dropFirst(before).first?.isKeyFrame == true)
  }
}
