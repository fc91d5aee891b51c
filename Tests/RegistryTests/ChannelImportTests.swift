import GBCore
import MediaTime
import Testing

@testable import Registry

@Suite struct ChannelImportTests {
  private func placement(_ parent: String, code: String = "34020000001320000001") throws -> ChannelPlacement {
    try Samples.channel(code, "c", [.parentID: parent]).placement
  }

  @Test("ParentID is split and sorted by the kind of each code")
  func parents() throws {
    let placement = try placement(" 34020000001180000002/34020000002160000003 /34020000002150000001")
    #expect(placement.parent?.text == "34020000001180000002")
    #expect(placement.organisations.map(\.text) == ["34020000002160000003"])
    #expect(placement.businessGroup?.text == "34020000002150000001")
  }

  @Test("Its own code, its device's code, an area code and rubbish are no parents")
  func noParents() throws {
    for text in ["", "null", "34020000001320000001", Samples.nvr, "340200", "北门", "a-b/../x"] {
      #expect(try placement(text).parent == nil, "\(text)")
    }
  }

  @Test("Two parents, as Hikvision platforms write them, leave the first")
  func twoParents() throws {
    let placement = try placement("34020000001180000002/34020000001180000003")
    #expect(placement.parent?.text == "34020000001180000002")
  }

  @Test("An unusable CivilCode falls back to the county of the code")
  func civilCode() throws {
    func code(_ text: String) throws -> String? {
      try Samples.channel("34020300001320000001", "c", [.civilCode: text]).placement.civilCode?.text
    }
    #expect(try code("34") == "34")
    #expect(try code("null") == "340203")
    #expect(try code("34020000001180000001") == "340203")
  }

  @Test("A channel is named by its operator, its catalog or its code, in this order")
  func names() throws {
    var channel = try Samples.channel("34020000001320000001")
    #expect(channel.name == "34020000001320000001")
    channel.catalogName = "gate"
    #expect(channel.name == "gate")
    channel.chosenName = "North gate"
    #expect(channel.name == "North gate")
  }

  @Test(
    "Cameras are playable, recorders only without children, alarms and groups never",
    arguments: [
      ("34020000001320000001", true, true), ("34020000001310000001", false, true),
      ("34020000001180000001", false, true),
      ("34020000001180000001", true, false), ("34020000001340000001", false, false),
      ("34020000002150000001", false, false), ("340200", false, false), ("camera7", false, true),
    ])
  func playable(_ code: String, hasChildren: Bool, expected: Bool) throws {
    #expect(PlayableRule().isPlayable(try Samples.id(code), hasChildren: hasChildren) == expected)
  }

  @Test("A new catalog keeps chosen names and times, and reports what changed")
  func merge() throws {
    let device = try Samples.id(Samples.nvr)
    let items = [
      try Samples.item("34020000001320000001", "a"), try Samples.item("34020000001320000002", "b"),
      try Samples.item("34020000001320000003", "c"),
    ]
    var known = CatalogChange(Samples.assembly(items), of: device, known: [], seen: Samples.now).saved
    #expect(known.count == 3)
    known[0].chosenName = "mine"
    let later = Samples.now + .seconds(60)
    let next = [
      try Samples.item("34020000001320000001", "a2"),
      try Samples.item("34020000001320000002", "b", [.status: "OFF"]),
      try Samples.item("34020000001320000004", "d"),
    ]
    let change = CatalogChange(Samples.assembly(next), of: device, known: known, seen: later)
    #expect(change.saved.map(\.name) == ["mine", "b", "d"])
    #expect(change.saved[0].since == Samples.now)
    #expect(change.saved[1].since == later)
    #expect(change.statusChanged.map(\.channel.text) == ["34020000001320000002", "34020000001320000004"])
    #expect(change.deleted.map(\.channel.text) == ["34020000001320000003"])
    let same = CatalogChange(
      Samples.assembly(items), of: device, known: known.filter { $0.chosenName == nil }, seen: later)
    #expect(same.saved.count == 1)
    let partial = CatalogChange(
      Samples.assembly(next, isComplete: false), of: device, known: known, seen: later)
    #expect(partial.deleted.isEmpty)
  }

  @Test("Settings that make no sense leave the platform's liveness rule in force")
  func livenessRule() {
    #expect(DeviceSettings(heartbeatInterval: 0, heartbeatCount: -1).livenessRule() == LivenessRule())
    let rule = DeviceSettings(heartbeatInterval: 10, heartbeatCount: 2, anyRequestCounts: false)
      .livenessRule()
    #expect(rule.interval == .seconds(10))
    #expect(rule.count == 2)
    #expect(!rule.anyRequestCounts)
  }
}
