import FuzzTargets
import TestSupport
import Testing

@Suite struct FuzzTargetsTests {
  @Test("Names are unique and every target has seeds within its length")
  func seeds() {
    #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
    for target in FuzzTarget.all {
      #expect(!target.seeds().isEmpty, "\(target.name)")
      #expect(target.seeds().allSatisfy { $0.count <= target.maximumLength }, "\(target.name)")
      #expect(FuzzTarget.named(target.name) != nil)
    }
    #expect(FuzzTarget.named("none") == nil)
  }

  @Test("Seeds and their small damages keep every promise", arguments: FuzzTarget.all.map(\.name))
  func damages(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    var random = SeededRandom(seed: 28_181)
    for seed in target.seeds() {
      target.run(seed)
      for _ in 0..<40 {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          bytes = ByteMutation.mutate(bytes, using: &random)
        }
        target.run(bytes)
      }
    }
    target.run([])
  }
}
