/// Why a picture does not come.

extension API {
  /// What `doctor media` knows about a channel's last attempt.
  public struct MediaDiagnosis: Codable, Sendable, Hashable {
    /// One sentence.
    public var verdict: String
    public var fix: String?
    public var sdpSent: String?
    public var sdpReceived: String?
    public var messages: [LadderMessage]
    public var port: PortDiagnosis?
    public var steps: [DiagnosisStep]

    public init(
      verdict: String, fix: String? = nil, sdpSent: String? = nil, sdpReceived: String? = nil,
      messages: [LadderMessage], port: PortDiagnosis? = nil, steps: [DiagnosisStep]
    ) {
      self.verdict = verdict
      self.fix = fix
      self.sdpSent = sdpSent
      self.sdpReceived = sdpReceived
      self.messages = messages
      self.port = port
      self.steps = steps
    }
  }

  /// What the media port received.
  public struct PortDiagnosis: Codable, Sendable, Hashable {
    public var number: Int
    public var packets: Int
    public var sources: [String]
    public var wrongSSRC: [String]

    public init(number: Int, packets: Int, sources: [String], wrongSSRC: [String]) {
      self.number = number
      self.packets = packets
      self.sources = sources
      self.wrongSSRC = wrongSSRC
    }
  }

  /// One step from request to picture.
  public struct DiagnosisStep: Codable, Sendable, Hashable {
    public var name: String
    public var ok: Bool
    public var detail: String

    public init(name: String, ok: Bool, detail: String) {
      self.name = name
      self.ok = ok
      self.detail = detail
    }
  }
}
