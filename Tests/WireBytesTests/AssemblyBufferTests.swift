import Testing
import WireBytes

@Suite struct AssemblyBufferTests {
  /// The same bytes for the same seed.
  private struct Draw {
    var state: UInt32
    mutating func callAsFunction(_ count: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 8) % count
    }
  }

  private static func bytes(_ buffer: borrowing AssemblyBuffer) -> [UInt8] {
    let span = buffer.span
    return span.indices.map { span[$0] }
  }

  @Test(
    "It holds what an array would hold, and what was handed out never changes",
    arguments: 1...6 as ClosedRange<UInt32>)
  func likeAnArray(seed: UInt32) {
    var draw = Draw(state: seed)
    var buffer = AssemblyBuffer()
    var model: [UInt8] = []
    /// Nothing before it may be written: it was handed out.
    var floor = 0
    var taken: [(SharedBytes, [UInt8])] = []
    for step in 0..<300 {
      switch draw(10) {
      case 0...4:
        let size = [0, 1, 1_400, 1_400, 9_000, draw(300_000)][draw(6)]
        let piece = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: size)
        buffer.append(piece.span)
        model += piece
      case 5:
        let count = min(model.count, max(floor, draw(model.count + 1)))
        buffer.removeFirst(count)
        model.removeFirst(count)
        floor = max(0, floor - count)
      case 6:
        let count = draw(model.count - floor + 1)
        buffer.removeLast(count)
        model.removeLast(count)
      case 7 where model.count > floor:
        let offset = floor + draw(model.count - floor)
        let start = offset + draw(model.count - offset)
        buffer.move(start..<model.count, to: offset)
        model.replaceSubrange(offset..<(offset + model.count - start), with: Array(model[start...]))
      case 8 where model.count >= floor + 4:
        let start = floor + draw(model.count - floor - 3)
        let end = start + 4 + draw(model.count - start - 3)
        let prefixes = [(offset: start, value: UInt32(truncatingIfNeeded: end &* 77))]
        for place in 0..<4 {
          model[start + place] = UInt8(truncatingIfNeeded: prefixes[0].value >> (24 - 8 * UInt32(place)))
        }
        taken.append((buffer.take(start..<end, prefixes: prefixes.span), Array(model[start..<end])))
        floor = end
      case 9 where step % 5 == 0:
        buffer.removeAll()
        (model, floor) = ([], 0)
      default: break
      }
      #expect(buffer.count == model.count)
      if step % 60 == 59 { #expect(Self.bytes(buffer) == model) }
      if model.count > 2_000_000 {
        buffer.removeAll()
        (model, floor) = ([], 0)
      }
      if taken.count > 30 { taken.removeFirst(draw(20)) }
    }
    for (block, expected) in taken { #expect(block.array == expected) }
  }

  @Test("What was handed out outlives the buffer")
  func outlives() {
    func make() -> SharedBytes {
      var buffer = AssemblyBuffer()
      buffer.append([9, 0, 0, 0, 1, 7].span)
      let prefixes = [(offset: 1, value: UInt32(1))]
      let block = buffer.take(1..<6, prefixes: prefixes.span)
      buffer.append([UInt8](repeating: 5, count: 2_000).span)
      #expect(buffer[0] == 9 && buffer[6] == 5)
      return block
    }
    #expect(make().array == [0, 0, 0, 1, 7])
  }
}
