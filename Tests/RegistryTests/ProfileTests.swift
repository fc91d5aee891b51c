import Foundation
import GBCore
import Testing

@testable import Registry

@Suite("Profiles of makes") struct ProfileTests {
  private static let book = ProfileBook()

  @Test(
    "a make is recognised by what a device says of itself, the surest word first",
    arguments: [
      ("Hikvision", nil, nil, "hikvision", ProfileChoice.Ground.manufacturer),
      ("HIKVISION Digital", nil, "SIP UAS V2016", "hikvision", .manufacturer),
      ("海康威视", nil, nil, "hikvision", .manufacturer),
      (nil, "DS-2CD2T45", nil, "hikvision", .model),
      ("Unknown Ltd", "DH-IPC-HFW", nil, "dahua", .model),
      (nil, nil, "Embedded Net DVR/NVR/DVS", "hikvision", .userAgent),
      (nil, nil, "SIP UAS V2016.07.16", "dahua", .userAgent),
      ("UNIVIEW", nil, "IP Camera", "uniview", .manufacturer),
      ("TP-LINK", nil, nil, "tp-link", .manufacturer),
      ("", "", "", "standard", .none),
      (nil, nil, nil, "standard", .none),
    ] as [(String?, String?, String?, String, ProfileChoice.Ground)])
  func recognised(
    _ maker: String?, _ model: String?, _ agent: String?, _ id: String, _ ground: ProfileChoice.Ground
  ) {
    let choice = Self.book.choice(
      setting: nil, dossier: DeviceDossier(manufacturer: maker, model: model, userAgent: agent))
    #expect(choice.profile.id == id && choice.ground == ground)
  }

  @Test("a person's choice comes before everything, and one that is gone before nothing")
  func chosen() {
    let dossier = DeviceDossier(manufacturer: "Dahua")
    #expect(Self.book.choice(setting: "uniview", dossier: dossier).profile.id == "uniview")
    #expect(Self.book.choice(setting: "uniview", dossier: dossier).ground == .setting)
    #expect(Self.book.choice(setting: "gone", dossier: dossier).profile.id == "dahua")
  }

  @Test("what is set for a device lies over its make, and that over the standard")
  func layers() {
    var settings = DeviceSettings(encoding: .utf8)
    let dossier = DeviceDossier(manufacturer: "Dahua")
    var habits = Self.book.habits(settings: settings, dossier: dossier)
    #expect(habits.encoding == .utf8 && habits.streamSelector == .streamProfile && habits.edition == nil)
    settings.habits.streamSelector = .stream
    settings.habits.edition = .v2022
    habits = Self.book.habits(settings: settings, dossier: dossier)
    #expect(habits.streamSelector == .stream && habits.edition == .v2022 && habits.keyFrameSpelling == .both)
    #expect(settings.streamSelector == .stream && settings.encoding == .utf8)
  }

  @Test("what is written into the settings is what is read from them")
  func roundTrip() {
    var settings = DeviceSettings(userAlias: "u", onlineUntilExpiry: true)
    var habits = PeerHabits()
    (habits.edition, habits.encoding, habits.heartbeatInterval) = (.v2011, .gb18030, 7)
    (habits.heartbeatCount, habits.mediaTransports) = (3, [.tcpPassive, .udp])
    (habits.streamSelector, habits.keyFrameSpelling) = (.streamMode, .edition2022)
    (habits.timeOffset, habits.armsGuard, habits.resetsAlarms) = (-28_800, true, true)
    (habits.talk, habits.voiceCoding) = (.single, .ps)
    settings.habits = habits
    #expect(settings.habits == habits && settings.userAlias == "u" && settings.onlineUntilExpiry)
    #expect(PeerHabits(text: habits.text ?? "") == habits)
    habits.mediaTransports = [.udp]
    settings.habits = habits
    #expect(settings.fixedMediaTransport == .udp && settings.habits == habits)
    settings.habits = PeerHabits()
    #expect(settings == DeviceSettings(userAlias: "u", onlineUntilExpiry: true))
    #expect(
      PeerHabits().text == nil
        && PeerHabits(text: "x=1;edition;media=;edition=2016")
          == {
            var only = PeerHabits()
            only.edition = .v2016
            return only
          }()
    )
  }

  @Test("every habit takes its own text, and refuses what it is not")
  func keys() throws {
    let good: [String: [String]] = [
      "edition": ["2011", "2016", "2022"], "charset": ["GB2312", "GB18030", "UTF-8"],
      "heartbeat-interval": ["1", "3600"], "heartbeat-count": ["1", "100"],
      "media": ["udp", "tcp-passive,udp", "tcp-active"],
      "stream": ["streamnumber", "streamprofile", "stream", "streamMode"],
      "key-frame": ["2016", "2022", "both"],
      "time-zone": ["+08:00", "+00:00", "-03:30", "+14:00", "-14:00"], "arms-guard": ["yes", "no"],
      "resets-alarms": ["yes", "no"], "talk": ["two-sessions", "single"],
      "voice-coding": ["pcma", "pcmu", "ps"],
    ]
    #expect(Set(good.keys) == Set(HabitKey.all.map(\.name)))
    for key in HabitKey.all {
      for text in try #require(good[key.name]) {
        var habits = PeerHabits()
        #expect(key.set(text, &habits) && key.text(habits) == text, "\(key.name) \(text)")
        #expect(key.clear(&habits) && habits == PeerHabits())
      }
      for text in [
        "", "0", "-1", "99999", "udp,udp", "udp,x", "+15:00", "+14:01", "+8:00", "++1:00", "08:00", "\u{0}",
      ] {
        var habits = PeerHabits()
        #expect(!key.set(text, &habits) && habits == PeerHabits(), "\(key.name) \(text)")
      }
    }
  }

  @Test("a profile of a file comes first, one with a known name takes its place")
  func put() {
    var book = ProfileBook()
    var marks = PeerProfile.Marks()
    marks.manufacturers = ["hik"]
    book.put(PeerProfile(id: "acme", name: "Acme", note: "", marks: marks, habits: PeerHabits()))
    #expect(book.choice(setting: nil, dossier: DeviceDossier(manufacturer: "Hikvision")).profile.id == "acme")
    let count = book.profiles.count
    book.put(PeerProfile(id: "standard", name: "Ours", note: "", marks: .init(), habits: PeerHabits()))
    #expect(
      book.profiles.count == count && book.choice(setting: nil, dossier: .init()).profile.name == "Ours")
  }

  @Test("the reference has a row for every habit and every make")
  func documented() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/ref/profiles.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    for key in HabitKey.all { #expect(text.contains("| `\(key.name)` | \(key.values) | \(key.summary) |")) }
    for profile in ProfileBook.makes {
      let marks = profile.marks.manufacturers + profile.marks.models + profile.marks.userAgents
      let words = marks.map { "`\($0)`" }.joined(separator: " ")
      let habits = (profile.habits.text ?? "").split(separator: ";").map { "`\($0)`" }.joined(separator: " ")
      let row = "| `\(profile.id)` | \(profile.name) | \(words) | \(habits) | \(profile.note) |"
      #expect(text.contains(row), "\(row)")
    }
  }
}
