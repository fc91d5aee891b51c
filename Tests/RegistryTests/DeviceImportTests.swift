import GBCore
import TestSupport
import Testing

@testable import Registry

@Suite struct DeviceImportTests {
  @Test("A table with a header is read in any order of columns, with quotes and settings")
  func header() throws {
    let table = DeviceImport(
      csv: """
        \u{FEFF}Name,ID,Password,Charset,Interval,Count,Transport,User
        "North ""gate"", 1",34020000001320000001,secret,utf-8,30,4,tcp-passive,sip1\r
        ,34020000001320000002,"a
        b",,,,auto,

        """)
    #expect(table.rejected.isEmpty)
    #expect(table.accepted.map(\.name) == ["North \"gate\", 1", "34020000001320000002"])
    let first = try #require(table.accepted.first)
    #expect(first.line == 2)
    #expect(first.settings.encoding == .utf8)
    #expect(first.settings.heartbeatInterval == 30)
    #expect(first.settings.heartbeatCount == 4)
    #expect(first.settings.fixedMediaTransport == .tcpPassive)
    #expect(first.settings.userAlias == "sip1")
    #expect(table.accepted.last?.password == "a\nb")
  }

  @Test(
    "Chinese headings, semicolons and tabs are understood; without a header columns are id, name, password")
  func dialects() {
    #expect(DeviceImport(csv: "国标编号;密码;名称\n1234;p;门\n").accepted.first?.name == "门")
    #expect(DeviceImport(csv: "id\tpassword\n1234\tp\n").accepted.count == 1)
    let bare = DeviceImport(csv: "34020000001320000001,Gate,secret\r34020000001320000002,Yard,secret")
    #expect(bare.accepted.map(\.name) == ["Gate", "Yard"])
    #expect(bare.accepted.map(\.line) == [1, 2])
  }

  @Test("Bad rows are rejected one by one with what to do, and good ones are kept")
  func rejections() throws {
    let table = DeviceImport(
      csv: """
        id,name,password,charset,interval,transport
        ,a,p
        3.402E+19,a,p
        34-02,a,p
        34020000001320000001,a,
        34020000001320000002,a,p,latin1
        34020000001320000003,a,p,,0
        34020000001320000004,a,p,,,carrier pigeon
        34020000001320000005,good,p
        34020000001320000005,again,p
        """)
    #expect(table.accepted.map(\.name) == ["good"])
    #expect(table.rejected.map(\.line) == [2, 3, 4, 5, 6, 7, 8, 10])
    #expect(table.rejected[1].reason.contains("format the column as text"))
    #expect(table.rejected[7].reason == "The device is already in line 9.")
  }

  @Test("Known devices are marked as updates, and a table without the needed columns says so")
  func updatesAndMissing() throws {
    let known = try Samples.id("34020000001320000001")
    let table = DeviceImport(csv: "34020000001320000001,a,p\n34020000001320000002,b,p", known: [known])
    #expect(table.accepted.map(\.isUpdate) == [true, false])
    #expect(DeviceImport(csv: "id,name\n1,2").rejected.first?.reason.contains("password") == true)
    #expect(DeviceImport(csv: "").accepted.isEmpty)
  }

  @Test("Any text is split without a trap")
  func mutations() {
    var random = SeededRandom(seed: 5)
    let seed = Array("id,name,password\n\"34\"\"02\",\"a\nb\",p\r\n1234;x\t,y\n".utf8)
    for _ in 0..<3_000 {
      let text = String(decoding: ByteMutation.mutate(seed, using: &random), as: UTF8.self)
      let table = DeviceImport(csv: text)
      #expect(table.accepted.count + table.rejected.count <= text.utf8.count + 1)
    }
  }
}
