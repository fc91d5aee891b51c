/// The fragments that viewers still need, numbered without end.
///
/// Each viewer keeps the number of the fragment it wants next. What is kept: the
/// group of pictures that is being received, and before it as much as the
/// slowest viewer inside the window needs.
struct FragmentRing {
  private(set) var fragments: [Fragment] = []
  /// The number of `fragments[0]`.
  private(set) var first: UInt64 = 0
  /// The number of the first fragment of the current group; nil when nobody can start in it.
  private(set) var groupStart: UInt64?
  private(set) var byteCount = 0

  /// The number the next fragment will get.
  var end: UInt64 { first + UInt64(fragments.count) }

  subscript(number: UInt64) -> Fragment { fragments[Int(number - first)] }

  mutating func append(_ fragment: Fragment) {
    fragments.append(fragment)
    byteCount += fragment.byteCount(.raw)
  }

  /// The fragment appended next is the first of a group.
  mutating func beginGroup() { groupStart = end }

  /// Nobody can start in the current group any more.
  mutating func spoilGroup() { groupStart = nil }

  /// Forgets everything before `number`.
  mutating func trim(to number: UInt64) {
    guard number > first else { return }
    let count = min(Int(number - first), fragments.count)
    for index in 0..<count { byteCount -= fragments[index].byteCount(.raw) }
    fragments.removeFirst(count)
    first += UInt64(count)
  }
}
