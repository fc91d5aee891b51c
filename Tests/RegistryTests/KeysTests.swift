import GBCore
import Testing

@testable import Registry

@Suite struct KeysTests {
  @Test("A channel key is written and read back, and nothing else is a key")
  func keys() throws {
    let text = "34020000001180000001_34020000001320000001"
    #expect(ChannelKey(text)?.description == text)
    for bad in ["", "_", "a", "a_", "a_b_c", "a/b_c"] { #expect(ChannelKey(bad) == nil) }
  }

  @Test("Scopes are told apart by their form")
  func scopes() throws {
    #expect(ChannelScope("340200") == .area(try #require(CivilCode("340200"))))
    #expect(ChannelScope(Samples.nvr) == .root(of: try Samples.id(Samples.nvr)))
    #expect(ChannelScope("a_b") == .children(of: try #require(ChannelKey("a_b"))))
    #expect(ChannelScope("a/b") == nil)
  }
}
