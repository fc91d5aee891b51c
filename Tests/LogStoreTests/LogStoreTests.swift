import Cryptography
import Foundation
import LogTree
import Synchronization
import TestSupport
import Testing

@testable import LogStore

@Suite("The log on the disk") struct LogStoreTests {
  @Test("entries are there at once, are proved, and are there again after a start")
  func appends() async throws {
    let material = Material()
    defer { material.remove() }
    var store = try material.open()
    let size: UInt64 = 650
    for begin in stride(from: 0, to: 700, by: 50) {
      #expect(try await store.append((begin..<begin + 49).map { Material.record($0) }) == UInt64(begin))
      #expect(try await store.append(Material.record(begin + 49)) == UInt64(begin + 49))
    }
    for _ in 0..<2 {
      #expect(store.state.size == 700 && store.state.root == Material.root(700))
      #expect(try store.record(513) == Material.record(513))
      #expect(try store.records(from: 690, limit: 100) == (690..<700).map { Material.record($0) })
      #expect(try store.records(from: 700, limit: 5).isEmpty)
      for index in stride(from: 0, to: size, by: 37) {
        let proof = try store.inclusion(of: index, in: size)
        #expect(
          LogProof.isIncluded(
            Material.hasher.leaf(Material.record(Int(index)).entry), at: index, in: size,
            root: Material.root(650),
            proof: proof, hasher: Material.hasher))
      }
      let growth = try store.consistency(from: 259, to: 700)
      #expect(
        LogProof.isConsistent(
          from: 259, root: Material.root(259), to: 700, root: Material.root(700), proof: growth,
          hasher: Material.hasher))
      #expect(try store.root(of: 300) == Material.root(300))
      let note = try await store.signedHead()
      #expect(Checkpoint(body: note.body)?.size == 700 && material.configuration.isOurs(note))
      try store.close()
      await #expect(throws: LogStoreError.self) { try await store.append(Material.record(0)) }
      store = try material.open()
      #expect(store.tornBytes == 0)
    }
  }

  @Test("hundreds of appenders at once get different numbers, and what is there is what they wrote")
  func together() async throws {
    let material = Material()
    defer { material.remove() }
    let store = try material.open()
    let numbers = try await withThrowingTaskGroup(of: (UInt64, Int).self) { group in
      for index in 0..<400 {
        group.addTask { (try await store.append([Material.record(index), Material.record(index)]), index) }
      }
      return try await group.reduce(into: [UInt64: Int]()) { $0[$1.0] = $1.1 }
    }
    #expect(numbers.count == 400 && store.state.size == 800)
    for (number, index) in numbers {
      #expect(try store.records(from: number, limit: 2) == [Material.record(index), Material.record(index)])
    }
  }

  @Test("a torn end is moved aside, whatever its length, and nothing before it is lost")
  func torn() async throws {
    let material = Material()
    defer { material.remove() }
    let store = try material.open()
    for index in 0..<20 { _ = try await store.append(Material.record(index)) }
    try store.close()
    let whole = try material.bytes("entries")
    let more = {
      var bytes: [UInt8] = []
      let record = Material.record(20)
      RecordBytes.append(
        record, leaf: Material.hasher.leaf(record.entry), hasher: Material.hasher, to: &bytes)
      return bytes
    }()
    for count in 1..<more.count {
      try material.write("entries", whole + more[..<count])
      let again = try LogStore(material.configuration)
      #expect(
        again.tornBytes == Int64(count) && again.state.size == 20 && again.state.root == Material.root(20))
      #expect(try material.bytes("torn-20") == Data(more[..<count]))
    }
    // Blocks that were never written read as zeros.
    try material.write("entries", whole + Data(count: 5_000))
    #expect(try material.open().state.size == 20)
    try material.write("entries", whole + more)
    #expect(try material.open().state.root == Material.root(21))
  }

  @Test(
    "a log that is shorter than its head, changed, of another origin or key, or without a head is refused")
  func refused() async throws {
    let material = Material()
    defer { material.remove() }
    var store: LogStore? = try material.open()
    _ = try await store?.append((0..<300).map { Material.record($0) })
    try store?.close()
    store = nil
    let (whole, head, tile) = (
      try material.bytes("entries"), try material.bytes("checkpoint"), try material.bytes("tiles.0")
    )
    func code() -> LogStoreError.Code? {
      do {
        _ = try material.open()
        return nil
      } catch let error as LogStoreError { return error.code } catch { return nil }
    }
    try material.write("entries", whole.dropLast(1))
    #expect(code() == .changed)
    for place in [30, 2_000, whole.count - 3] {
      var changed = whole
      changed[place] ^= 1
      try material.write("entries", changed)
      // Without the tiles everything is read; with them, what is behind the last tile.
      if place < 8_000 { try material.write("tiles.0", Data()) }
      #expect(code() == .changed, "\(place)")
    }
    try FileManager.default.removeItem(atPath: material.path("entries"))
    #expect(code() == .changed)
    try material.write("entries", whole)
    try material.write("tiles.0", tile)
    try FileManager.default.removeItem(atPath: material.path("checkpoint"))
    #expect(code() == .changed)
    try material.write("checkpoint", Data(head.dropLast(2) + [65, 10]))
    #expect(code() == .untrusted)
    try material.write("checkpoint", head)
    for name in ["tiles.0", "tiles.1", "places"] {
      try material.write(name, Data())
      #expect(try material.open().state.root == Material.root(300))
    }
    store = try material.open()
    #expect(code() == .busy)
    store = nil
    #expect(throws: LogStoreError.self) {
      try LogStore(Material(at: material.folder, key: .init()).configuration)
    }
  }

  @Test("a full disk refuses the entry and leaves no trace; with room again it goes on")
  func fullDisk() async throws {
    let material = Material()
    defer { material.remove() }
    let state = FaultSwitch()
    var configuration = material.configuration
    configuration.fault = { state.steps.withLock { $0 }.contains($0) ? ENOSPC : 0 }
    let store = try LogStore(configuration)
    for index in 0..<10 { _ = try await store.append(Material.record(index)) }
    for step in [LogStore.Step.records, .tiles] {
      state.steps.withLock { $0 = [step] }
      await #expect(throws: LogStoreError.self) { try await store.append(Material.record(99)) }
      #expect(store.state.size == 10)
    }
    state.steps.withLock { $0 = [] }
    #expect(try await store.append(Material.record(10)) == 10)
    #expect(store.state.root == Material.root(11))
    // After a sync that failed nobody knows what is on the disk.
    state.steps.withLock { $0 = [.sync] }
    await #expect(throws: LogStoreError.self) { try await store.append(Material.record(11)) }
    state.steps.withLock { $0 = [] }
    await #expect(throws: LogStoreError.self) { try await store.append(Material.record(11)) }
  }

  @Test("what stands beside an entry can be erased, and every proof stays")
  func erases() async throws {
    let material = Material()
    defer { material.remove() }
    var store: LogStore? = try material.open()
    _ = try await store?.append((0..<300).map { Material.record($0) })
    for index in [0, 1, 257, 299] { try store?.erase(UInt64(index)) }
    try store?.close()
    store = nil
    #expect(!String(decoding: try material.bytes("entries"), as: UTF8.self).contains("beside 257"))
    for name in ["tiles.0", "places"] { try material.write(name, Data()) }
    let again = try material.open()
    #expect(again.state.root == Material.root(300))
    #expect(try again.record(257).isErased && again.record(257).beside.isEmpty)
    #expect(try !again.record(0).isErased && again.record(256) == Material.record(256))
  }

  @Test("heads of witnesses are kept, those of others are not")
  func witnessed() async throws {
    let material = Material()
    defer { material.remove() }
    let store = try material.open()
    _ = try await store.append(Material.record(0))
    #expect(try store.witnessed() == nil)
    var note = try await store.signedHead()
    note.signatures.append(.init(name: "city", keyID: 7, bytes: [1]))
    try store.keep(witnessed: note)
    #expect(try store.witnessed() == note)
    note.signatures.removeFirst()
    #expect(throws: LogStoreError.self) { try store.keep(witnessed: note) }
  }
}

/// Which steps the disk refuses.
final class FaultSwitch: Sendable {
  let steps = Mutex<Set<LogStore.Step>>([])
}
