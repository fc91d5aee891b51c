import MediaTime
import SDPCore
import Testing

@testable import GBCore

/// Vectors of the reference that concern more than one module.
@Suite struct AcceptanceVectorTests {
  @Test("V5: the stream number 0200001234 is the SSRC 0x0BEBC6D2, in Subject and y= alike")
  func streamNumber() throws {
    let number = try #require(StreamSSRC("0200001234"))
    #expect(number.value == 0x0BEB_C6D2 && number.description == "0200001234")
    let offer = try offer(.live)
    #expect(offer.subject.description.contains(":0200001234,"))
    #expect(offer.description.text.contains("\r\ny=0200001234\r\n"))
  }

  @Test("V6: half past nine of 2 January 2024 in Beijing is 1704159000 in t=")
  func interval() throws {
    let start = try #require(GBTime.parse("2024-01-02T09:30:00")).nanoseconds / 1_000_000_000
    let end = try #require(GBTime.parse("2024-01-02T10:00:00")).nanoseconds / 1_000_000_000
    let text = try offer(.playback(start: start, end: end)).description.text
    #expect(text.contains("\r\nt=1704159000 1704160800\r\n"))
  }

  private func offer(_ session: InviteOffer.Session) throws -> InviteOffer {
    InviteOffer(
      session: session, platform: try #require(DeviceID("34020000002000000001")),
      channel: try #require(DeviceID("34020000001320000001")), address: "192.0.2.10", port: 30_000,
      transport: .udp, ssrc: try #require(StreamSSRC("0200001234")))
  }
}
