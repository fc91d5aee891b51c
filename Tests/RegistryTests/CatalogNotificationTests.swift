import GBCore
import MediaTime
import Testing

@testable import Registry

@Suite struct CatalogNotificationTests {
  private static let camera = "34020000001320000001"
  private static let other = "34020000001320000002"
  private static let group = "34020000002160000001"
  private let later = Samples.now + .seconds(60)

  private func change(_ items: String, _ known: [Channel], at seen: WallTime? = nil) throws -> CatalogChange {
    let text = "<Notify><CmdType>Catalog</CmdType><DeviceList>\(items)</DeviceList></Notify>"
    let notice = try #require(CatalogReply(try MANSCDPMessage(text: text)))
    return CatalogChange(notice, of: try Samples.id(Samples.nvr), known: known, seen: seen ?? later)
  }

  private func item(_ code: String, _ event: String, _ more: String = "") -> String {
    "<Item><DeviceID>\(code)</DeviceID><Event>\(event)</Event>\(more)</Item>"
  }

  @Test("A state changes one channel and its moment, and nothing else; the same state changes nothing")
  func states() throws {
    var camera = try Samples.channel(Self.camera, "Gate")
    camera.chosenName = "North"
    let off = try change(item(Self.camera, "OFF") + item("34020000001320000009", "OFF"), [camera])
    #expect(
      off.saved.map(\.status) == [.off] && off.saved.first?.since == later && off.saved.first?.name == "North"
    )
    #expect(off.statusChanged == [camera.key] && off.deleted.isEmpty)
    #expect(try change(item(Self.camera, "ON"), [camera]).isEmpty)
    let lost = try change(item(Self.camera, "VLOST") + item(Self.camera, "DEFECT"), [camera])
    #expect(lost.saved.map(\.status) == [.fault], "the last word of a notification counts")
  }

  @Test("ADD and UPDATE bring whole items and keep the chosen name; DEL removes one and leaves its children")
  func items() throws {
    var camera = try Samples.channel(Self.camera, "Gate", of: Samples.nvr, [.parentID: Self.group])
    camera.chosenName = "North"
    let group = try Samples.channel(Self.group, "Street")
    let added = try change(
      item(Self.other, "ADD", "<Name>New</Name><Status>ON</Status>")
        + item(Self.camera, "update", "<Name>Yard</Name>"),
      [camera, group])
    #expect(added.saved.map(\.catalogName) == ["Yard", "New"] && added.saved[0].name == "North")
    #expect(added.statusChanged.map(\.channel.text) == [Self.other])
    let removed = try change(item(Self.group, "DEL") + item(Self.other, "DEL"), [camera, group])
    #expect(removed.deleted == [group.key] && removed.saved.isEmpty)
    let returned = try change(
      item(Self.group, "DEL") + item(Self.group, "ADD", "<Name>Street</Name>"), [group])
    #expect(returned.deleted.isEmpty && returned.saved.map(\.key) == [group.key])
  }

  @Test("A recorder that goes off takes its cameras along, and those that went with it come back with it")
  func parents() throws {
    let recorder = "34020000001180000009"
    let parent = try Samples.channel(recorder, "Recorder", of: Samples.nvr, [.parental: "1"])
    let camera = try Samples.channel(Self.camera, "Gate", of: Samples.nvr, [.parentID: recorder])
    var dead = try Samples.channel(Self.other, "Yard", of: Samples.nvr, [.parentID: recorder])
    dead.status = .off
    let off = try change(item(recorder, "OFF"), [parent, camera, dead])
    #expect(Set(off.statusChanged) == [parent.key, camera.key])
    let board = off.saved + [dead]
    let on = try change(item(recorder, "ON"), board, at: later + .seconds(5))
    #expect(Set(on.statusChanged) == [parent.key, camera.key] && on.saved.allSatisfy { $0.status == .on })
    let whole = try change(item(Samples.nvr, "OFF"), [camera])
    #expect(whole.statusChanged == [camera.key], "the device itself is off")
  }

  @Test("What is asked for follows the kind of device unless a person decides")
  func wishes() throws {
    let none = EventSettings()
    let camera = try Samples.id(Self.camera)
    let recorder = try Samples.id(Samples.nvr)
    #expect(
      none.wants(.alarm, device: camera, channels: [])
        && !none.wants(.ptzPosition, device: camera, channels: []))
    #expect(
      !none.wants(.catalog, device: camera, channels: [])
        && none.wants(.catalog, device: recorder, channels: []))
    #expect(!none.wants(.position, device: recorder, channels: []))
    var carried = try Samples.channel(Self.camera)
    carried.packedRaw = PackedItem("<Item><Info><MobileDeviceType>2</MobileDeviceType></Info></Item>")
    #expect(none.wants(.position, device: recorder, channels: [carried]))
    let decided = EventSettings(subscriptions: [.alarm: false, .position: true])
    #expect(!decided.wants(.alarm, device: camera, channels: []))
    #expect(decided.wants(.position, device: camera, channels: []))
  }
}
