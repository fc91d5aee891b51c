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
    /// What was found, the first thing that stops the picture first.
    public var findings: [DiagnosisFinding]
    /// The way from the camera to the screen.
    public var hops: [DiagnosisHop]

    public init(
      verdict: String, fix: String? = nil, sdpSent: String? = nil, sdpReceived: String? = nil,
      messages: [LadderMessage], port: PortDiagnosis? = nil, steps: [DiagnosisStep] = [],
      findings: [DiagnosisFinding] = [], hops: [DiagnosisHop] = []
    ) {
      self.findings = findings
      self.hops = hops
      self.verdict = verdict
      self.fix = fix
      self.sdpSent = sdpSent
      self.sdpReceived = sdpReceived
      self.messages = messages
      self.port = port
      self.steps = steps
    }
  }

  /// Something that is wrong, where, and what to do.
  public struct DiagnosisFinding: Codable, Sendable, Hashable {
    /// Stable: docs/ref/doctor.md lists them.
    public var code: String
    public var hop: String
    /// Whether it stops the picture by itself.
    public var fatal: Bool
    public var text: DiagnosisText
    public var fix: DiagnosisText
    /// Index into `messages` of the one that shows it.
    public var message: Int?

    public init(
      code: String, hop: String, fatal: Bool, text: DiagnosisText, fix: DiagnosisText, message: Int? = nil
    ) {
      (self.code, self.hop, self.fatal) = (code, hop, fatal)
      (self.text, self.fix, self.message) = (text, fix, message)
    }
  }

  /// A sentence in both languages.
  public struct DiagnosisText: Codable, Sendable, Hashable {
    public var en: String
    public var zh: String

    public init(en: String, zh: String) { (self.en, self.zh) = (en, zh) }
  }

  /// One stretch of the way, in order: registration, heartbeat, catalog, call, media, picture, delivery.
  public struct DiagnosisHop: Codable, Sendable, Hashable {
    public var hop: String
    /// `works`, `suffers`, `fails` or `unknown`.
    public var state: String

    public init(hop: String, state: String) { (self.hop, self.state) = (hop, state) }
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
