import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Voice
import VoiceTransport

/// Everything that belongs to one voice session.
struct VoiceEntry: Sendable {
  let id: String
  let channel: ChannelKey
  let mode: API.VoiceMode
  let holder: CameraGrips.Holder
  /// What the Broadcast names as its source.
  let source: DeviceID
  /// Where the device registered from.
  let registration: Registration
  let started: WallTime
  var machine: VoiceSession
  var look: String?
  /// Told when it is over.
  var ended: (@Sendable () -> Void)?
  /// The picture that belongs to a talk.
  var listen: String?

  /// The question that is open; let go with the session.
  var question: Task<Void, Never>?
  /// The INVITE that made the session, the device's or ours.
  var invite: SIPRequest?
  var transaction: SIPServerTransaction?
  var branch: SIPBranch?
  var dialog: Dialog?
  /// The description that its INVITE was answered with: one that comes again gets the same.
  var answer: [UInt8] = []
  var offer: VoiceOffer?
  var format: VoiceFormat?
  var line: VoiceLine?
  var socket: VoiceSocket?
  /// When somebody was last connected with a microphone.
  var lastSocket: MonotonicTime
  /// Who waits to hear whether it comes to be: nil when it did, else why not.
  var waiting: [CheckedContinuation<VoiceEnd?, Never>] = []

  init(
    id: String, channel: ChannelKey, mode: API.VoiceMode, holder: CameraGrips.Holder, source: DeviceID,
    registration: Registration, machine: VoiceSession
  ) {
    (self.id, self.channel, self.mode, self.holder) = (id, channel, mode, holder)
    (self.source, self.registration, self.machine) = (source, registration, machine)
    (started, lastSocket) = (SystemClock.wall(), SystemClock.monotonic())
  }

  var device: DeviceID { channel.device }

  var state: API.VoiceState {
    switch machine.state {
    case .idle, .asking, .calling: .asking
    case .awaiting, .answering, .confirming: .waiting
    case .speaking: .speaking
    case .ended: .ended
    }
  }

  var resource: API.Voice {
    let figures = line?.figures ?? VoiceFigures()
    return API.Voice(
      channel: channel.description, device: device.text, by: holder.name, priority: holder.priority,
      mode: mode, state: state, since: API.Time(started), target: machine.target.text,
      coding: format?.coding.rawValue, transport: offer.map { Self.word($0.path) },
      packets: Int(clamping: figures.packets), silent: Int(clamping: figures.silent),
      received: Int(clamping: figures.received), cause: machine.end?.cause(device))
  }

  private static func word(_ path: VoiceOffer.Path) -> String {
    switch path {
    case .udp: MediaTransportChoice.udp.rawValue
    case .connect: MediaTransportChoice.tcpActive.rawValue
    case .listen: MediaTransportChoice.tcpPassive.rawValue
    }
  }
}
