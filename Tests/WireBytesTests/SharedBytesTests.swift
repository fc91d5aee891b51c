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
}
