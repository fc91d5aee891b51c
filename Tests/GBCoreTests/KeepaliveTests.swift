import TestSupport
import Testing

@testable import GBCore

@Suite struct KeepaliveTests {
  private func scan(_ text: String) -> Keepalive? {
    let bytes = Array(text.utf8)
    return Keepalive.scan(bytes.span)
  }

  private let plain = """
    <?xml version="1.0" encoding="GB2312"?>
    <Notify>
    <CmdType>Keepalive</CmdType>
    <SN>43</SN>
    <DeviceID>34020000001180000001</DeviceID>
    <Status>OK</Status>
    </Notify>
    """

  @Test("The heartbeat of the reference is recognised in its bytes")
  func recognised() throws {
    let bytes = Array(plain.utf8)
    let scanned = Keepalive.scan(bytes.span)
    let keepalive = try #require(scanned)
    #expect(keepalive.isOK)
    #expect(!keepalive.hasFaultyChildren)
    let range = try #require(keepalive.deviceID)
    #expect(String(decoding: bytes[range], as: UTF8.self) == "34020000001180000001")
  }

  @Test("Case, blanks and attributes do not matter; an empty Info lists nothing")
  func variants() {
    #expect(
      scan("<notify a=\"b\"><cmdtype>\n keepalive </cmdtype><Info/></notify>")?.hasFaultyChildren == false)
    #expect(scan("<Notify><CmdType>Keepalive</CmdType><Info>\n</Info></Notify>")?.hasFaultyChildren == false)
    #expect(scan("<Notify><CmdType>Keepalive</CmdType><Status>error</Status></Notify>")?.isOK == false)
  }

  @Test("Faulty children are noticed and not taken for the sender")
  func faulty() {
    let text =
      "<Notify><CmdType>Keepalive</CmdType><Info><DeviceID>34020000001320000009</DeviceID></Info></Notify>"
    #expect(scan(text)?.hasFaultyChildren == true)
    #expect(scan(text)?.deviceID == nil)
  }

  @Test("Other messages, empty bodies and oversized bodies are left to the full parser")
  func others() {
    #expect(scan("") == nil)
    #expect(scan(plain.replacing("Keepalive", with: "Alarm")) == nil)
    #expect(scan("<Query><CmdType>Keepalive</CmdType></Query>") == nil)
    #expect(scan(plain + String(repeating: " ", count: Keepalive.longest)) == nil)
  }

  @Test("The scan and the full parser never disagree on what they both accept")
  func agreement() {
    var random = SeededRandom(seed: 3)
    let seed = Array(plain.utf8)
    for _ in 0..<3_000 {
      let bytes = ByteMutation.mutate(seed, using: &random)
      guard let keepalive = Keepalive.scan(bytes.span) else { continue }
      if let range = keepalive.deviceID { #expect(range.upperBound <= bytes.count) }
    }
  }
}

extension String {
  fileprivate func replacing(_ part: String, with other: String) -> String {
    split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
  }
}
