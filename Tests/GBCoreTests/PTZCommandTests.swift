import Testing

@testable import GBCore

@Suite struct PTZCommandTests {
  @Test(
    "Every worked value of the reference is produced and read back",
    arguments: [
      (PTZCommand.stop, "A50F0100000000B5"), (.move(pan: .right, panSpeed: 0x80), "A50F010180000036"),
      (.move(pan: .left, panSpeed: 0x80), "A50F010280000037"),
      (.move(tilt: .up, tiltSpeed: 0x80), "A50F01080080003D"),
      (.move(tilt: .down, tiltSpeed: 0x80), "A50F010400800039"),
      (.move(zoom: .zoomIn, zoomSpeed: 8), "A50F011000008045"),
      (.move(zoom: .zoomOut, zoomSpeed: 8), "A50F012000008055"),
      (
        .move(pan: .right, tilt: .up, zoom: .zoomOut, panSpeed: 0x40, tiltSpeed: 0x40, zoomSpeed: 3),
        "A50F01294040308E"
      ),
      (.lens(), "A50F0140000000F5"), (.lens(iris: .open, irisSpeed: 0x60), "A50F014400600059"),
      (.lens(focus: .near, focusSpeed: 0x60), "A50F014260000057"),
      (.lens(focus: .far, focusSpeed: 0x60), "A50F014160000056"), (.preset(.set, 5), "A50F01810005003B"),
      (.preset(.call, 5), "A50F01820005003C"), (.preset(.delete, 5), "A50F01830005003D"),
      (.cruise(1, .add(preset: 5)), "A50F01840105003F"), (.cruise(1, .deleteAll), "A50F01850100003B"),
      (.cruise(1, .speed(0x123)), "A50F01860123106F"), (.cruise(1, .stay(300)), "A50F0187012C1079"),
      (.cruise(1, .start), "A50F01880100003E"), (.scan(1, .start), "A50F01890100003F"),
      (.scan(1, .setLeft), "A50F018901010040"), (.auxiliary(1, isOn: true), "A50F018C01000042"),
      (.auxiliary(1, isOn: false), "A50F018D01000043"),
    ])
  func vectors(_ command: PTZCommand, _ hex: String) throws {
    #expect(command.hex == hex)
    let read = try #require(PTZCommand.parse(hex))
    #expect(read.command == command)
    #expect(read.isChecksumRight)
  }

  @Test("The vendor sample of the standard is accepted, a wrong checksum is told, nonsense is refused")
  func tolerance() {
    #expect(PTZCommand.parse("A50F4D1000001021")?.command.code == 0x10)
    #expect(PTZCommand.parse(" a50f0100000000b6 ")?.isChecksumRight == false)
    #expect(PTZCommand.parse("A50F01") == nil)
    #expect(PTZCommand.parse("000F0100000000B5") == nil)
    #expect(PTZCommand.parse("ZZ0F0100000000B5") == nil)
  }
}
