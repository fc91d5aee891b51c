import GBCore
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Federation

@Suite struct SharedViewTests {
  private typealias Net = TestNetwork

  private static let lower = Net.code(200, 9)
  private static let recorder = Net.code(118, 1)

  /// A lower platform with areas, a lower system, groups and cameras, a recorder and a camera of our own.
  private static func county() -> TestNetwork {
    var network = TestNetwork()
    let system = Net.code(200, 77)
    let (group, outer, inner) = (Net.code(215, 1), Net.code(216, 1), Net.code(216, 2))
    network.add(Net.device(lower, name: "Town"))
    network.add(Net.device(recorder, name: "Recorder"))
    for area in ["34", "3402", "340203", "340204"] {
      network.add(Net.channel(Net.id(area), of: lower, name: "Area \(area)"))
    }
    network.add(Net.channel(system, of: lower, name: "Village", parent: lower.text))
    network.add(Net.channel(group, of: lower, name: "Schools", parent: lower.text))
    network.add(Net.channel(outer, of: lower, name: "North", parent: group.text, group: group))
    network.add(Net.channel(inner, of: lower, name: "Gates", parent: outer.text, group: group))
    network.grant(
      Net.channel(
        Net.code(131, 1), of: lower, name: "Gate", parent: "\(system)/\(inner)", group: group,
        civil: "340203",
        more:
          "<Password>secret</Password><Vendor>kept</Vendor><Info><PTZType>1</PTZType><Hidden>2</Hidden></Info>"
      ))
    network.add(Net.channel(Net.code(131, 2), of: lower, name: "Not granted", parent: lower.text))
    network.grant(Net.channel(Net.code(131, 1), of: recorder, name: "Yard", civil: "340204"))
    return network
  }

  private static func text(_ view: SharedView, _ edition: GBVersion) -> String {
    MANSCDPDocument.catalog(
      sn: 1, from: view.own, total: view.items.count, items: view.items.map { $0.catalogItem() },
      edition: edition
    ).text(declaring: .utf8)
  }

  @Test("The platform comes first, then areas, groups, organisations, systems, devices, channels")
  func order() {
    let names = Self.county().keeper().view.items.map(\.name)
    #expect(
      names == [
        "County", "Area 34", "Area 3402", "Area 340203", "Area 340204", "Schools", "North", "Gates", "Town",
        "Village", "Recorder", "Yard", "Gate",
      ])
  }

  @Test("Our own item has no parent, a neighbour's system has us, and each thing what it hangs below")
  func parents() throws {
    let view = Self.county().keeper().view
    func item(_ name: String) throws -> CatalogItem {
      try #require(view.items.first { $0.name == name }).catalogItem()
    }
    #expect(try item("County")[.parentID] == nil)
    #expect(try item("County").id == Net.own)
    #expect(try item("Town")[.parentID] == Net.own.text)
    #expect(try item("Village")[.parentID] == Self.lower.text)
    #expect(try item("Schools")[.parentID] == Self.lower.text)
    let (north, gates) = (try item("North"), try item("Gates"))
    #expect(north[.parentID] == nil && north[.businessGroupID] == Net.code(215, 1).text)
    #expect(gates[.parentID] == Net.code(216, 1).text && gates[.businessGroupID] == Net.code(215, 1).text)
    #expect(try item("Gate")[.parentID] == "\(Net.code(200, 77))/\(Net.code(216, 2))")
    #expect(try item("Area 3402").values.keys.sorted { $0.rawValue < $1.rawValue } == [.deviceID, .name])
  }

  @Test("Two sources of one code are told apart, and commands find their way back")
  func renumbered() throws {
    let keeper = Self.county().keeper()
    let code = Net.code(131, 1)
    let (gate, yard) = (
      ChannelKey(device: Self.lower, channel: code), ChannelKey(device: Self.recorder, channel: code)
    )
    let (first, second) = (try #require(keeper.codes.outward(gate)), try #require(keeper.codes.outward(yard)))
    #expect(first != second && [first, second].contains(code))
    #expect(keeper.codes.inward(first) == gate && keeper.codes.inward(second) == yard)
    #expect(first.text.prefix(14) == code.text.prefix(14) && second.text.prefix(14) == code.text.prefix(14))
    #expect(keeper.target(first) == .item(gate))
    // What is there but was not granted is as unknown as what is not there.
    #expect(keeper.target(Net.code(131, 2)) == nil && keeper.target(Net.code(131, 999)) == nil)
    // The same network comes to the same codes.
    #expect(Self.county().keeper().codes == keeper.codes)
  }

  @Test("Each edition sees its elements, nobody a password, and unknown elements go through")
  func editions() throws {
    let view = Self.county().keeper().view
    let (old, new) = (Self.text(view, .v2016), Self.text(view, .v2022))
    for text in [old, new] {
      #expect(!text.contains("secret") && !text.contains("Password"))
      #expect(text.contains("<Vendor>kept</Vendor>") && text.contains("<Hidden>2</Hidden>"))
      #expect(!text.contains("RoutePath"))
    }
    #expect(old.contains("<Owner>") && !old.contains("<PointType>"))
    #expect(!new.contains("<Owner>") && new.contains("<PointType>9</PointType>"))
    let message = try MANSCDPMessage(text: new)
    let reply = try #require(CatalogReply(message))
    #expect(reply.items.count == reply.total && reply.problems.isEmpty)
  }

  @Test("A query and a notification write an item alike")
  func oneSerialiser() throws {
    for item in Self.county().keeper().view.items {
      var (asked, told) = (item.catalogItem(), SharedChange.add(item).catalogItem)
      #expect(told[.event] == "ADD" && asked[.event] == nil)
      (asked[.event], told[.event]) = (nil, nil)
      #expect(asked == told)
    }
  }

  @Test("Between Tributary levels an item says which way it came")
  func routes() throws {
    let view = Self.county().keeper(carriesRoutes: true).view
    func route(_ name: String) throws -> String? {
      try #require(view.items.first { $0.name == name }).catalogItem().unknown.value("RoutePath")
    }
    #expect(try route("Gate") == "\(Net.own)-\(Self.lower)")
    #expect(try route("Yard") == nil, "a device of ours came no way")
  }

  @Test("What came from the superior, through it, or from us does not go up")
  func loops() {
    var network = Self.county()
    let stranger = Net.code(200, 60)
    network.add(Net.device(Net.superior, name: "The superior as our subordinate"))
    network.grant(Net.channel(Net.code(131, 50), of: Net.superior, name: "Its own"))
    network.add(Net.channel(Net.superior, of: Self.lower, name: "The superior below the town"))
    network.grant(
      Net.channel(Net.code(131, 51), of: Self.lower, name: "Through it", parent: Net.superior.text))
    network.add(Net.channel(Net.own, of: Self.lower, name: "We below the town"))
    network.grant(
      Net.channel(Net.code(131, 52), of: Self.lower, name: "Ours come back", parent: Net.own.text))
    network.add(Net.device(stranger))
    network.grant(
      Net.channel(
        Net.code(131, 53), of: stranger, name: "By path",
        more: "<RoutePath>\(stranger)-\(Net.superior)</RoutePath>"))
    #expect(network.keeper().view == Self.county().keeper().view)
  }

  @Test("Without groups only devices, systems and areas are shown")
  func withoutGroups() {
    let view = Self.county().keeper(Net.link(groups: false)).view
    #expect(!view.items.contains { $0.kind == .group || $0.kind == .organisation })
    #expect(view.items.allSatisfy { $0.businessGroup == nil && $0.parents.count <= 1 })
    #expect(view.items.contains { $0.name == "Gate" })
  }

  @Test("Each scope of a query finds its things, and what is not shown is not found")
  func scopes() {
    let view = Self.county().keeper().view
    func names(_ code: DeviceID) -> [String]? { view.items(in: code)?.map(\.name) }
    #expect(names(Net.own) == view.items.map(\.name))
    #expect(names(Net.id("340203")) == ["Area 340203", "Gate"])
    #expect(names(Net.id("35")) == nil)
    #expect(
      names(Self.lower)?.contains("Village") == true && names(Self.lower)?.contains("Recorder") == false)
    #expect(names(Self.lower)?.contains("Area 340203") == true)
    #expect(names(Self.recorder) == ["Recorder", "Yard"])
    #expect(names(Net.code(215, 1)) == ["Schools", "North", "Gates", "Gate"])
    #expect(names(Net.code(216, 1)) == ["North", "Gates", "Gate"])
    #expect(names(Net.code(216, 2)) == ["Gates", "Gate"])
    #expect(names(Net.superior) == nil && names(Net.code(131, 2)) == nil && names(Net.code(131, 999)) == nil)
  }

  @Test("A device that goes off takes what hangs below along; the changes say each of it")
  func off() throws {
    let network = Self.county()
    var keeper = network.keeper()
    var device = try #require(network.devices[Self.recorder])
    device.status = .suspect
    #expect(keeper.apply([.device(device)]).isEmpty, "a doubt is not told")
    device.status = .offline
    let changes = keeper.apply([.device(device)])
    let yard = try #require(keeper.view.items.first { $0.name == "Yard" })
    #expect(changes == [.state(Self.recorder, isOn: false), .state(yard.id, isOn: false)])
    device.status = .online
    #expect(keeper.apply([.device(device)]).count == 2)
  }

  @Test("A new grant brings what is on its way first; taking it back takes that along")
  func grants() throws {
    let network = Self.county()
    let gate = ChannelKey(device: Self.lower, channel: Net.code(131, 1))
    var keeper = network.keeper()
    keeper.grant { $0.device == Self.recorder }
    let gone = keeper.apply([.grants([gate])])
    #expect(gone.allSatisfy { if case .remove = $0 { true } else { false } } && gone.count == 7)
    let granted = network.granted
    keeper.grant { granted.contains($0) }
    let back = keeper.apply([.grants([gate])])
    #expect(back.count == 7 && back.last?.catalogItem.name == "Gate")
    #expect(keeper.view == network.keeper(codes: keeper.codes).view)
  }

  @Test("A chain of parents as long as a hostile catalog likes neither breaks nor slows anything")
  func deep() {
    var network = TestNetwork()
    network.add(Net.device(Self.lower))
    for serial in 0..<2_000 {
      let channel = Net.channel(
        Net.code(118, serial), of: Self.lower, parent: Net.code(118, serial + 1).text)
      network.add(channel)
    }
    network.granted = [ChannelKey(device: Self.lower, channel: Net.code(118, 0))]
    let view = network.keeper().view
    #expect(view.items.count <= ShareGraph.deepest + 3)
  }
}
