import DeviceSimulator
import Foundation
import GBCore
import MPEGCore
import TestSupport
import Testing

@testable import SimulatorScenario

@Suite("Scenarios") struct ScenarioTests {
  /// The examples that are shipped.
  static let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/examples")

  static func example(_ name: String) throws -> String {
    try String(contentsOf: examples.appendingPathComponent(name), encoding: .utf8)
  }

  static let head = "platform: { id: \"34020000002000000001\" }\npeers:\n"
  static let peer = head + "  - kind: nvr\n    id: \"34020000001180000001\"\n    password: p\n"

  @Test("the county has every kind of peer, both editions, brands, areas, groups and organisations")
  func county() throws {
    let fleet = try Scenario.read(try Self.example("county.yaml"))
    #expect(Set(fleet.peers.map(\.kind)) == Set(PeerDescription.Kind.allCases))
    #expect(Set(fleet.peers.map(\.edition)) == [.v2011, .v2016, .v2022])
    #expect(Set(fleet.peers.map(\.dialect.name)).count == 5 && fleet.peers.count == 20 && fleet.seed == 7)
    let onBoard = try #require(fleet.peers.first { $0.recordings != nil }?.recordings)
    #expect(onBoard.depth == 72 * 3_600 && onBoard.missingEvery == 11 && onBoard.longestAnswer == 86_400)
    let below = try #require(fleet.peers.last)
    #expect(below.directory.map(\.kind).filter { $0 == .area }.count == 3)
    #expect(below.directory.filter { $0.kind == .businessGroup }.count == 2)
    let organisations = below.directory.filter { $0.kind == .virtualOrganisation }
    #expect(
      organisations.map(\.businessGroup?.text) == [
        "34020300002150000001", "34020300002150000001", "34020300002150000002",
      ])
    #expect(organisations[1].parent == organisations[0].id)
    let school = try #require(below.channels.first)
    #expect(school.parent?.text == "34020300001180000001" && school.organisations == [organisations[1].id])
    #expect(school.civilCode == "34020301" && school.name == "Riverside school 1")
    let codes = fleet.peers.flatMap(\.channels).map(\.id)
    #expect(Set(codes).count == codes.count)
    #expect(fleet.peers[0].channels[0].isMovable && fleet.peers[0].channels[8].kind == .alarmInput)
    #expect(fleet.peers[1].faults.faults[1].duration == .milliseconds(30))
    #expect(fleet.peers[5].transport == .tcp && fleet.peers[5].faults.faults[0].every == .seconds(1_800))
    #expect(fleet.peers[6].media.codec == .h265 && fleet.peers[6].channels[0].id.typeCode == 121)
  }

  @Test("the hard day names a fault per minute")
  func hardDay() throws {
    let peer = try #require(try Scenario.read(try Self.example("hard-day.yaml")).peers.first)
    #expect(
      peer.faults.faults.count == 15 && peer.faults[.clockOffset].first?.duration == .seconds(-400 * 86_400))
    #expect(peer.faults[.powerCut].first?.from == .seconds(720))
  }

  @Test("every fault can be named")
  func faults() throws {
    for kind in FaultKind.allCases {
      let value =
        switch kind.parameter {
        case .none: ""
        case .duration: ", for: 1.5s"
        case .status: ", status: 486"
        case .number: ", number: 3"
        }
      let fleet = try Scenario.read(Self.peer + "    faults: [{ fault: \(kind.rawValue)\(value) }]\n")
      #expect(fleet.peers[0].faults.faults.map(\.kind) == [kind])
    }
  }

  @Test("how a peer is spoken through is its brand's way, and what is said over it")
  func voice() throws {
    let fleet = try Scenario.read(
      Self.peer
        + "    dialect: tiandy\n    voice: { order: call-first, subject: false, delay: 2s, talk: true }\n"
    )
    let voice = try #require(fleet.peers[0].voice)
    #expect(voice.order == .callFirst && !voice.hasSubject && voice.takesTalk)
    #expect(voice.delay == Duration.seconds(2))
    #expect(voice.codings == [.ps] && voice.asksAsVideo)
    #expect(try Scenario.read(Self.peer).peers[0].voice == nil)
  }

  /// What is wrong, where, and what must be said.
  static let mistakes: [(String, Int, String)] = [
    ("peers: []", 1, "the scenario needs 'platform'"),
    ("platfrom: {}", 1, "did you mean 'platform'?"),
    (head, 2, "'peers' of the scenario must be a list"),
    (peer + "    chanels: 3\n", 6, "unknown key 'chanels' in a peer; did you mean 'channels'?"),
    (peer + "    edition: 2017\n", 6, "did you mean '2011'?"),
    (peer + "    dialect: hikvison\n", 6, "did you mean 'hikvision'?"),
    (peer + "    channels: many\n", 6, "a whole number from 0 to 100000"),
    (peer + "    channels:\n      - { name: A, scen: 2 }\n", 7, "did you mean 'scene'?"),
    (peer + "    faults: [wrong-src]\n", 6, "did you mean 'wrong-ssrc'?"),
    (peer + "    faults: [jitter]\n", 6, "jitter needs 'for', a length of time"),
    (peer + "    faults:\n      - { fault: jitter, for: 3 parsecs }\n", 7, "a length of time such as"),
    (peer + "    faults:\n      - { fault: nul, for: 3s }\n", 7, "did you mean"),
    (peer + "    faults:\n      - { fault: packet-loss, every: 3s }\n", 7, "happens at occasions"),
    (peer + "    faults:\n      - { fault: packet-loss, probability: 2 }\n", 7, "a number from 0.0 to 1.0"),
    (peer + "    faults:\n      - { fault: packet-loss, from: 3s, until: 2s }\n", 7, "ends before it begins"),
    (peer + "    groups: []\n", 6, "only a lower-platform has 'groups'"),
    (
      peer + "    channels:\n      - { organisations: [\"34020000002160000001\"] }\n", 7,
      "is no virtual-organisation"
    ),
    (
      peer + "    count: 3\n  - kind: nvr\n    id: \"34020000001180000002\"\n    password: p\n", 8,
      "is taken already"
    ),
    (head + "  - kind: nvr\n    id: \"3402000000118\"\n", 4, "a code of 20 digits"),
    (head + "  - kind: nvr\n    id: \"34020000001180000001\"\n", 3, "a peer needs 'password'"),
    (peer + "    name: ~\n", 6, "has no value"),
    (peer + "    voice: { order: cal-first }\n", 6, "did you mean 'call-first'?"),
    (peer + "   name: x\n", 6, "this is no YAML"),
    ("", 1, "the scenario is empty"),
  ]

  @Test("a mistake is one sentence with its line, and the word that was meant", arguments: mistakes)
  func mistake(text: String, line: Int, words: String) throws {
    let error = #expect(throws: ScenarioError.self) { try Scenario.read(text) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    #expect(error?.line == line, "\(error?.description ?? "")")
  }

  @Test("what is too large is refused before it is made")
  func tooLarge() throws {
    let many = (0..<12).map { "      - { name: C, count: 100000, scene: \($0) }\n" }.joined()
    let error = #expect(throws: ScenarioError.self) {
      try Scenario.read(Self.peer + "    channels:\n" + many)
    }
    #expect(error?.code == .tooLarge)
    let long = String(repeating: "#", count: Scenario.longest + 1)
    #expect(#expect(throws: ScenarioError.self) { try Scenario.read(long) }?.code == .tooLarge)
  }

  @Test("any damage gives a fleet or one sentence")
  func damaged() throws {
    var random = SeededRandom(seed: 3)
    let whole = Array(try Self.example("county.yaml").utf8)
    var (read, refused) = (0, 0)
    for _ in 0..<1_500 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes = ByteMutation.mutate(bytes, using: &random)
      }
      do {
        let fleet = try Scenario.read(String(decoding: bytes, as: UTF8.self))
        #expect(!fleet.peers.isEmpty)
        read += 1
      } catch {
        #expect(!error.sentence.isEmpty && error.line >= 0)
        refused += 1
      }
    }
    #expect(read > 50 && refused > 50)
  }
}
