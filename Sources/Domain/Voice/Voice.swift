/// Speaking through a camera or a loudspeaker (GB/T 28181 §12), apart from anything that shows pictures.
///
/// - ``VoiceSession``: one person at one device, from the question to the last packet; a pure machine.
/// - ``VoiceMatch``: whose broadcast an INVITE answers.
/// - ``VoiceQueue``: what was said and is not sent yet; bounded, with silence where nothing is said.
/// - ``VoicePackets``: twenty milliseconds after twenty milliseconds as RTP.
public enum VoiceRules {
  /// Samples of a packet: 20 ms.
  public static let frame = 160
  /// Time that a packet lasts.
  public static let frameDuration: Duration = .milliseconds(20)
}
