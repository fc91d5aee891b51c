import Testing

@testable import GBCore

@Suite struct IdentityTests {
  @Test("Codes are trimmed, opaque and bounded")
  func codes() {
    #expect(DeviceID(" 34020000001320000001\r\n")?.text == "34020000001320000001")
    #expect(DeviceID("34020000001320000001")?.domain == "3402000000")
    #expect(DeviceID("340200000013200001")?.isStandard == false)
    for text in [
      "", "  ", "a b", "a/b", "名", String(repeating: "1", count: 33), String(repeating: " ", count: 999),
    ] {
      #expect(DeviceID(text) == nil)
    }
  }

  @Test(
    "Digits 11 to 13 say what a code stands for",
    arguments: [
      ("34020000001320000001", DeviceKind.camera), ("34020000001310000001", .camera),
      ("34020000001180000001", .device), ("34020000002000000001", .device), ("34020000002150000001", .group),
      ("34020000002160000001", .organisation), ("34020000001340000001", .alarm),
      ("34020000001370000001", .audio),
      ("34020000005000000001", .other), ("340200", .area), ("34", .area), ("34021", .other), ("cam7", .other),
    ])
  func kinds(_ text: String, _ kind: DeviceKind) {
    #expect(DeviceID(text)?.kind == kind)
  }

  @Test("Area codes are 2, 4, 6 or 8 digits and know the area around them")
  func areas() {
    #expect(CivilCode("340200")?.parent?.parent?.text == "34")
    #expect(CivilCode("34")?.parent == nil)
    for text in ["", "3", "34020", "null", "North", "34020000001320000001"] {
      #expect(CivilCode(text) == nil)
    }
  }

  @Test("Addresses are written and read, IPv6 in brackets")
  func addresses() {
    for text in ["192.0.2.20:5060", "[2001:db8::1]:5060"] { #expect(PeerAddress(text)?.description == text) }
    for text in ["", "192.0.2.20", ":1", "a:99999"] { #expect(PeerAddress(text) == nil) }
  }
}
