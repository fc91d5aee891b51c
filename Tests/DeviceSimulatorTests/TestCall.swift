import GBCore
import SDPCore
import SIPCore

@testable import DeviceSimulator

/// One INVITE dialog from the platform's side, with its media.
struct TestCall {
  struct Refused: Error, Equatable {
    let status: Int
  }

  let receiver: MediaReceiver
  let answer: SessionDescription
  /// The answer as it came.
  let answerText: String
  private let platform: TestPlatform
  private let device: String
  private let channel: String
  let callID: String
  private let toTag: String

  init(
    _ platform: TestPlatform, device: String, channel: DeviceID, transport: MediaTransportChoice,
    session: InviteOffer.Session = .live, acknowledges: Bool = true,
    edit: (String) -> String = { $0 }
  ) async throws {
    (self.platform, self.device, self.channel) = (platform, device, channel.text)
    let callID = Token.random()
    self.callID = callID
    let listening = transport == .tcpActive ? nil : try MediaReceiver(tcp: transport == .tcpPassive)
    guard let platformID = DeviceID(TestPlatform.id) else { throw CancellationError() }
    let offer = InviteOffer(
      session: session, platform: platformID, channel: channel, address: "127.0.0.1",
      port: Int(listening?.port ?? 9), transport: transport, ssrc: StreamSSRC(200_001_234))
    var invite = platform.request(.invite, to: channel.text, callID: callID)
    invite.headers.append(.subject, offer.subject.description)
    invite.headers.append(.contentType, InviteOffer.contentType)
    invite.body = Array(edit(String(decoding: offer.body, as: UTF8.self)).utf8)
    platform.send(invite, to: device)
    func final() -> SIPResponse? {
      platform.responses.first { $0.callID == callID && $0.status >= 200 }
    }
    guard await eventually({ final() != nil }), let response = final() else { throw CancellationError() }
    toTag = response.to?.tag ?? ""
    guard response.isSuccess else { throw Refused(status: response.status) }
    answer = try SessionDescription(parsing: response.body)
    answerText = String(decoding: response.body, as: UTF8.self)
    let port = UInt16(answer.primaryMedia?.port ?? 0)
    receiver = try listening ?? MediaReceiver(connectingTo: port)
    if acknowledges { platform.send(inDialog(.ack, 1), to: device) }
  }

  func hangUp() {
    bye()
    receiver.close()
  }

  /// Says goodbye and goes on listening.
  func bye() { platform.send(inDialog(.bye, 2), to: device) }

  private func inDialog(_ method: SIPMethod, _ sequence: UInt32) -> SIPRequest {
    var request = platform.request(method, to: channel, callID: callID, cseq: sequence)
    if var to = request.to {
      to.tag = toTag
      request.headers.set(.to, to.description)
    }
    return request
  }
}
