import SIPCore
import TestSupport
import Testing

@testable import GBCore

@Suite struct RoutePathTests {
  private func id(_ serial: Int) -> DeviceID {
    let digits = String(serial)
    guard let id = DeviceID("3402000000200" + String(repeating: "0", count: 7 - digits.count) + digits) else {
      preconditionFailure("a code of 20 digits")
    }
    return id
  }

  @Test("A path is read and written as codes with hyphens, nearest first")
  func text() throws {
    let path = try #require(RoutePath(" \(id(1)) -\(id(2))- \(id(3))"))
    #expect(path.platforms == [id(1), id(2), id(3)])
    #expect(path.description == "\(id(1))-\(id(2))-\(id(3))")
    #expect(path.contains(id(2)) && !path.contains(id(4)))
    for bad in ["", "-", "\(id(1))-", "-\(id(1))", "a b", "\(id(1))--\(id(2))", "../x"] {
      #expect(RoutePath(bad) == nil, "\(bad)")
    }
    #expect(RoutePath([]) == nil)
    #expect(RoutePath((0..<33).map(id).map(\.text).joined(separator: "-")) == nil)
    #expect(RoutePath(String(repeating: "9", count: 100_000)) == nil)
  }

  @Test("Each platform on the way back prepends itself; the first writes itself and who is below")
  func answers() throws {
    #expect(RoutePath.answer(at: id(1))?.platforms == [id(1)])
    let first = try #require(RoutePath.answer(at: id(2), lower: id(3)))
    #expect(first.platforms == [id(2), id(3)])
    #expect(RoutePath.answer(at: id(1), below: first, lower: id(9))?.platforms == [id(1), id(2), id(3)])
    let full = try #require(RoutePath((1...RoutePath.longest).map(id)))
    #expect(full.prepending(id(99)) == nil)
  }

  @Test("A preferred path is followed step by step, and one that comes back is a loop")
  func steps() throws {
    let path = try #require(RoutePath("\(id(1))-\(id(2))-\(id(3))"))
    guard case .forward(let next, let rest) = path.step(at: id(1)) else {
      Issue.record("the first platform passes it on")
      return
    }
    #expect(next == id(2) && rest.platforms == [id(2), id(3)])
    #expect(RoutePath([id(3)])?.step(at: id(3)) == .arrived)
    #expect(path.step(at: id(9)) == .elsewhere)
    #expect(path.step(at: id(3)) == .loop)
    #expect(RoutePath([id(1), id(2), id(1)])?.step(at: id(1)) == .loop)
  }

  @Test("Following any path without repetition visits exactly its platforms and arrives")
  func walk() throws {
    var random = SeededRandom(seed: 11)
    for _ in 0..<2_000 {
      let count = Int.random(in: 1...RoutePath.longest, using: &random)
      let platforms = Array((0..<100).shuffled(using: &random).prefix(count)).map(id)
      var path = try #require(RoutePath(platforms))
      #expect(RoutePath(path.description) == path)
      var visited = [try #require(path.platforms.first)]
      var back: [DeviceID] = []
      walking: while let here = visited.last {
        switch path.step(at: here) {
        case .forward(let next, let rest):
          visited.append(next)
          path = rest
        case .arrived: break walking
        case .elsewhere, .loop:
          Issue.record("a path without repetition is no loop")
          return
        }
      }
      #expect(visited == platforms)
      // The answer's path, made on the way back, is the same way.
      var answer: RoutePath?
      for platform in visited.reversed() {
        answer = RoutePath.answer(at: platform, below: answer)
        back.insert(platform, at: 0)
        #expect(answer?.platforms == back)
      }
    }
  }

  @Test("Damaged text gives a path of codes or nothing")
  func damaged() {
    var random = SeededRandom(seed: 12)
    let whole = Array("\(id(1))-\(id(2))-\(id(3))".utf8)
    for _ in 0..<20_000 {
      let text = String(decoding: ByteMutation.mutate(whole, using: &random), as: UTF8.self)
      guard let path = RoutePath(text) else { continue }
      #expect((1...RoutePath.longest).contains(path.platforms.count) && RoutePath(path.description) == path)
    }
  }

  @Test("Messages give their paths")
  func messages() throws {
    var request = SIPRequest(method: .invite, requestURI: "sip:a@b")
    #expect(request.preferredPath == nil)
    request.headers.append(.preferredPath, "\(id(1))-\(id(2))")
    #expect(request.preferredPath?.platforms == [id(1), id(2)])
    var response = SIPResponse(status: 404)
    response.headers.append(.routePath, "\(id(5))")
    #expect(response.routePath?.platforms == [id(5)])
  }
}
