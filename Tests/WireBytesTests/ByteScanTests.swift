import Testing
import WireBytes

@Suite struct ByteScanTests {
  /// The slow and obvious way.
  private func slowStartCode(_ bytes: [UInt8], from start: Int, to end: Int) -> Int? {
    guard start >= 0, start + 3 <= min(end, bytes.count) else { return nil }
    return (start...(min(end, bytes.count) - 3)).first {
      bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1
    }
  }

  @Test("The first byte is found inside the bounds only")
  func firstIndex() {
    let bytes: [UInt8] = [1, 2, 3, 2, 1]
    let span = bytes.span
    let results = [
      ByteScan.firstIndex(of: 2, in: span, from: 0), ByteScan.firstIndex(of: 2, in: span, from: 2),
      ByteScan.firstIndex(of: 2, in: span, from: 2, to: 3), ByteScan.firstIndex(of: 9, in: span, from: 0),
      ByteScan.firstIndex(of: 1, in: span, from: 5), ByteScan.firstIndex(of: 1, in: span, from: -1),
      ByteScan.firstIndex(of: 1, in: span, from: 1, to: 99),
    ]
    #expect(results == [1, 3, nil, nil, nil, nil, 4])
  }

  @Test("A start code is found exactly where the obvious search finds it", arguments: 0..<40)
  func startCode(seed: Int) {
    // Few distinct values, so that start codes, runs of zeros and near misses are frequent.
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    let bytes = (0..<120).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8([0, 0, 0, 1, 1, 2][Int(state >> 33) % 6])
    }
    for start in stride(from: -1, to: 124, by: 5) {
      for end in [0, 2, 50, 119, 120, 500] {
        let found = ByteScan.startCode(in: bytes.span, from: start, to: end)
        #expect(found == slowStartCode(bytes, from: start, to: end))
      }
    }
  }

  @Test("An empty span has no start code")
  func empty() {
    let bytes: [UInt8] = []
    let found = ByteScan.startCode(in: bytes.span, from: 0)
    #expect(found == nil)
  }
}
