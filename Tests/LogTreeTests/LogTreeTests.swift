import Cryptography
import TestSupport
import Testing

@testable import LogTree

/// Helpers of the suites below.
enum Log {
  static let hasher = LogHasher { bytes in
    guard let hash = LogHash(Hash.sha256.digest(bytes)) else { preconditionFailure("SHA-256 has 32 bytes") }
    return hash
  }

  static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
  }

  static func hash(_ hex: String) -> LogHash? { LogHash(bytes(hex)) }

  /// A log of these entries, with everything that proofs need.
  static func build(_ entries: [[UInt8]]) -> (
    frontier: LogFrontier, roots: [LogHash], nodes: [LogPlace: LogHash]
  ) {
    var frontier = LogFrontier()
    var roots = [frontier.root(hasher)]
    var nodes: [LogPlace: LogHash] = [:]
    for entry in entries {
      frontier.append(hasher.leaf(entry), hasher: hasher) { nodes[$0] = $1 }
      roots.append(frontier.root(hasher))
    }
    return (frontier, roots, nodes)
  }
}

@Suite("The tree of a log") struct LogTreeTests {
  /// The classic test set of eight leaves.
  private static let classic = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  ].map { Log.bytes($0) }

  private static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  @Test("the roots of the classic leaves, as they come and from what is kept")
  func vectors() throws {
    let log = Log.build(Self.classic)
    #expect(log.roots.map(\.description) == Self.roots)
    for size in 0...8 {
      let root = try LogProof.root(of: UInt64(size), hasher: Log.hasher) { log.nodes[$0] }
      #expect(root.description == Self.roots[size])
    }
  }

  @Test("the published proofs of the classic leaves")
  func proofs() throws {
    let log = Log.build(Self.classic)
    let inclusion = try LogProof.inclusion(of: 5, in: 8, hasher: Log.hasher) { log.nodes[$0] }
    #expect(
      inclusion.map(\.description) == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ])
    let consistency = try LogProof.consistency(from: 3, to: 7, hasher: Log.hasher) { log.nodes[$0] }
    let last = "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"
    #expect(
      consistency.map(\.description) == [
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", last,
      ])
    let four = try LogProof.consistency(from: 4, to: 7, hasher: Log.hasher) { log.nodes[$0] }
    #expect(four.map(\.description) == [last])
  }

  @Test("every entry of every log up to 40 is proved, and nothing else is")
  func inclusion() throws {
    let entries = (0..<40).map { [UInt8($0), 7] }
    let log = Log.build(entries)
    for size in 1...40 {
      for index in 0..<size {
        let proof = try LogProof.inclusion(of: UInt64(index), in: UInt64(size), hasher: Log.hasher) {
          log.nodes[$0]
        }
        func holds(_ entry: Int, _ place: Int, _ total: Int, _ hashes: [LogHash]) -> Bool {
          LogProof.isIncluded(
            Log.hasher.leaf(entries[entry]), at: UInt64(place), in: UInt64(total), root: log.roots[size],
            proof: hashes,
            hasher: Log.hasher)
        }
        #expect(holds(index, index, size, proof))
        #expect(size == 1 || !holds((index + 1) % size, index, size, proof))
        #expect(size == 1 || !holds(index, (index + 1) % size, size, proof))
        #expect(!holds(index, index, size, proof + [log.roots[1]]))
        if !proof.isEmpty { #expect(!holds(index, index, size, Array(proof.dropLast()))) }
      }
    }
  }

  @Test("every log of up to 40 entries begins with every shorter one, and a changed one is found out")
  func consistency() throws {
    let entries = (0..<40).map { [UInt8($0), 9] }
    let log = Log.build(entries)
    var changed = entries
    changed[2] = [0xFF]
    let forged = Log.build(changed)
    for size in 0...40 {
      for old in 0...size {
        let proof = try LogProof.consistency(from: UInt64(old), to: UInt64(size), hasher: Log.hasher) {
          log.nodes[$0]
        }
        func holds(_ first: LogHash, _ second: LogHash, _ hashes: [LogHash]) -> Bool {
          LogProof.isConsistent(
            from: UInt64(old), root: first, to: UInt64(size), root: second, proof: hashes, hasher: Log.hasher)
        }
        #expect(holds(log.roots[old], log.roots[size], proof), "\(old) → \(size)")
        #expect(!holds(log.roots[old], log.roots[size], proof + [log.roots[0]]))
        guard old >= 3, old < size else { continue }
        let false1 = try LogProof.consistency(from: UInt64(old), to: UInt64(size), hasher: Log.hasher) {
          forged.nodes[$0]
        }
        #expect(!holds(log.roots[old], forged.roots[size], false1), "\(old) → \(size)")
        #expect(!holds(log.roots[old], forged.roots[size], proof))
        for index in proof.indices {
          var broken = proof
          broken[index] = log.roots[0]
          #expect(!holds(log.roots[old], log.roots[size], broken))
        }
      }
    }
  }

  @Test("proofs of random logs hold, and with any one bit changed they do not")
  func randomTrees() throws {
    var random = SeededRandom(seed: 6_962)
    for _ in 0..<30 {
      let size = Int.random(in: 2...600, using: &random)
      let entries = (0..<size).map { _ in random.bytes(Int.random(in: 0...40, using: &random)) }
      let log = Log.build(entries)
      let (index, old) = (Int.random(in: 0..<size, using: &random), Int.random(in: 1..<size, using: &random))
      let inclusion = try LogProof.inclusion(of: UInt64(index), in: UInt64(size), hasher: Log.hasher) {
        log.nodes[$0]
      }
      let leaf = Log.hasher.leaf(entries[index])
      func isIncluded(_ leaf: LogHash, _ proof: [LogHash], _ root: LogHash) -> Bool {
        LogProof.isIncluded(
          leaf, at: UInt64(index), in: UInt64(size), root: root, proof: proof, hasher: Log.hasher)
      }
      let growth = try LogProof.consistency(from: UInt64(old), to: UInt64(size), hasher: Log.hasher) {
        log.nodes[$0]
      }
      func isConsistent(_ first: LogHash, _ proof: [LogHash], _ second: LogHash) -> Bool {
        LogProof.isConsistent(
          from: UInt64(old), root: first, to: UInt64(size), root: second, proof: proof, hasher: Log.hasher)
      }
      let (root, before) = (log.roots[size], log.roots[old])
      #expect(isIncluded(leaf, inclusion, root) && isConsistent(before, growth, root))
      let bit = Int.random(in: 0..<256, using: &random)
      #expect(!isIncluded(flip(leaf, bit), inclusion, root) && !isIncluded(leaf, inclusion, flip(root, bit)))
      #expect(
        !isConsistent(flip(before, bit), growth, root) && !isConsistent(before, growth, flip(root, bit)))
      for place in inclusion.indices {
        var changed = inclusion
        changed[place] = flip(changed[place], bit)
        #expect(!isIncluded(leaf, changed, root))
      }
      for place in growth.indices {
        var changed = growth
        changed[place] = flip(changed[place], bit)
        #expect(!isConsistent(before, changed, root))
      }
    }
  }

  private func flip(_ hash: LogHash, _ bit: Int) -> LogHash {
    var bytes = hash.bytes
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    return LogHash(bytes) ?? hash
  }

  @Test("a log goes on from its right edge, and proofs ask for nothing that is out of range or not kept")
  func frontier() throws {
    let log = Log.build(Self.classic.dropLast().map { $0 })
    let places = LogFrontier.places(of: 7)
    #expect(
      places == [LogPlace(level: 2, index: 0), LogPlace(level: 1, index: 2), LogPlace(level: 0, index: 6)])
    var again = try #require(LogFrontier(size: 7, edge: places.compactMap { log.nodes[$0] }))
    #expect(again == log.frontier)
    again.append(Log.hasher.leaf(Self.classic[7]), hasher: Log.hasher)
    #expect(again.root(Log.hasher).description == Self.roots[8])
    #expect(LogFrontier(size: 7, edge: []) == nil && LogFrontier(size: .max, edge: []) == nil)
    #expect(throws: LogProof.Failure.outOfRange) {
      try LogProof.inclusion(of: 7, in: 7, hasher: Log.hasher) { log.nodes[$0] }
    }
    #expect(throws: LogProof.Failure.outOfRange) {
      try LogProof.consistency(from: 8, to: 7, hasher: Log.hasher) { log.nodes[$0] }
    }
    #expect(throws: LogProof.Failure.missing(LogPlace(level: 2, index: 0))) {
      try LogProof.inclusion(of: 5, in: 7, hasher: Log.hasher) { _ in nil }
    }
    let many = [LogHash](repeating: log.roots[0], count: 70)
    #expect(
      !LogProof.isIncluded(log.roots[0], at: 0, in: .max, root: log.roots[0], proof: many, hasher: Log.hasher)
    )
    #expect(
      !LogProof.isConsistent(
        from: 3, root: log.roots[3], to: 7, root: log.roots[7], proof: many, hasher: Log.hasher))
    #expect(LogHash([UInt8](repeating: 0, count: 31)) == nil)
  }
}
