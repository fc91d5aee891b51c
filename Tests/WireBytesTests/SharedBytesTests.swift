import Testing
import WireBytes

@Suite struct SharedBytesTests {
  @Test("Bytes are copied in and read back")
  func copies() {
    let shared = SharedBytes([1, 2, 3])
    #expect(shared.count == 3)
    #expect(shared.array == [1, 2, 3])
    let sum = shared.withBytes { bytes in
      var sum = 0
      for index in bytes.indices { sum += Int(bytes[index]) }
      return sum
    }
    #expect(sum == 6)
  }

  @Test("No bytes are bytes too")
  func empty() {
    #expect(SharedBytes([]).array == [])
    #expect(SharedBytes.make(capacity: 0) { _ in 0 }.count == 0)
  }

  @Test("A block holds what was filled, which may be less than was asked for")
  func partial() {
    let shared = SharedBytes.make(capacity: 10) { buffer in
      buffer[0] = 7
      buffer[1] = 8
      return 2
    }
    #expect(shared.array == [7, 8])
    #expect(shared.pointer.count == 2)
  }

  @Test("Readers on many tasks see the same bytes")
  func shared() async {
    let shared = SharedBytes(Array(0..<200))
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 { group.addTask { shared.array == Array(0..<200) } }
      for await isSame in group { #expect(isSame) }
    }
  }

  @Test("An arena's blocks keep their bytes, whatever their sizes and the order in which they go")
  func arena() {
    var random: UInt32 = 7
    func draw(_ count: Int) -> Int {
      random = random &* 1_664_525 &+ 1_013_904_223
      return Int(random >> 8) % count
    }
    let sizes = [0, 1, 15, 16, 17, 900, 9_000, 40_000, 140_000, ByteArena.slabBytes, 300_000]
    var arena = ByteArena()
    var alive: [(SharedBytes, UInt8)] = []
    for step in 0..<400 {
      let value = UInt8(truncatingIfNeeded: step)
      let size = sizes[draw(sizes.count)]
      let block = arena.make(capacity: size) { buffer in
        for index in buffer.indices { buffer[index] = value }
        // Sometimes less is filled than was asked for.
        return step % 3 == 0 ? size / 2 : size
      }
      #expect(block.count == (step % 3 == 0 ? size / 2 : size))
      alive.append((block, value))
      if alive.count > 40 { alive.remove(at: draw(alive.count)) }
      guard step % 100 == 99 else { continue }
      for (block, value) in alive { #expect(block.array.allSatisfy { $0 == value }) }
    }
  }

  @Test("Blocks outlive their arena and are freed by other threads")
  func arenaAcrossThreads() async {
    let blocks = {
      var arena = ByteArena()
      return (0..<500).map { arena.make([UInt8](repeating: UInt8($0 % 256), count: 3_000).span) }
    }()
    await withTaskGroup(of: Bool.self) { group in
      for (index, block) in blocks.enumerated() {
        group.addTask { block.array == [UInt8](repeating: UInt8(index % 256), count: 3_000) }
      }
      for await isSame in group { #expect(isSame) }
    }
  }
}
