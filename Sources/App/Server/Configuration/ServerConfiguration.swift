public import Access
public import GBCore
public import HTTPAPI
public import SegmentStore

/// What must be known before the database can be opened. Everything else lives in the database.
///
/// Read from one YAML file, `TRIBUTARY_…` environment variables and command-line
/// flags, in rising order of precedence (docs/ref/configuration.md).
public struct ServerConfiguration: Sendable, Equatable {
  public struct Platform: Sendable, Equatable {
    /// Our own 20-digit code, type 200.
    public var id: DeviceID
    public var name: String
    /// Digest realm and SIP domain; by default the first ten digits of ``id``.
    public var realm: String
  }

  /// A host and a port. Port 0 asks the kernel for a free one.
  public struct Endpoint: Sendable, Equatable {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) { (self.host, self.port) = (host, port) }
  }

  /// PEM files of a certificate, with those that lead to a trusted one behind it, and of its key.
  public struct TLSFiles: Sendable, Equatable {
    /// Either is empty only until everything is read.
    public var certificate: String
    public var key: String

    public init(certificate: String = "", key: String = "") {
      (self.certificate, self.key) = (certificate, key)
    }
  }

  /// An OpenID Connect provider that people may sign in through.
  public struct OpenID: Sendable, Equatable {
    /// Whom it lets in, and as what.
    public var rules = IdentityRules(issuer: "", client: "", roles: [])
    /// File with the client's secret; nil for a public client.
    public var secretFile: String?
    /// What browsers call this console, such as `https://video.example`.
    public var publicAddress = ""
    public var nameClaim = "preferred_username"
    public var groupsClaim = "groups"
    /// What the button says.
    public var label = "OpenID Connect"
  }

  public enum MediaMode: Sendable, Equatable {
    /// One UDP and TCP port for all media, told apart by SSRC, source and call.
    case singlePort
    /// One port per stream out of a range.
    case ports(ClosedRange<UInt16>)
  }

  public var platform: Platform
  /// Database, keys and, unless ``recordings`` says otherwise, recordings.
  public var data: String
  /// Directories of recordings, one for each disk; empty means `recordings` below ``data``.
  public var recordings: [RecordingDirectory]
  public var http: Endpoint
  public var sip: Endpoint
  /// SIP over TLS, where ``tls`` is set.
  public var sips: Endpoint
  public var media: Endpoint
  public var metrics: Endpoint?
  /// Servers that registering devices are sent to; empty keeps all here.
  public var redirect: [RedirectTarget]
  /// What the platform shows over TLS; nil speaks none.
  public var tls: TLSFiles?
  /// Addresses put into Via, Contact and SDP instead of the routed one.
  public var advertise: [String]
  /// YAML file with profiles of makes of devices, besides and in place of the built-in ones; nil for those alone.
  public var profiles: String?
  public var mediaMode: MediaMode
  /// Where voices to devices are sent from and their connections come in; nil takes any free port.
  public var voicePorts: ClosedRange<UInt16>?
  /// Media threads, 1…64.
  public var mediaThreads: Int
  /// How many H.265 pictures streams may be transcoded at once for browsers that cannot decode them.
  public var transcodeBudget: Int
  /// Whether the viewer's name and the time stand over pictures.
  public var watermark: Bool
  /// Organisations whose people see pictures without their name over them.
  public var unmarkedOrganisations: Set<String>
  /// Actions that one person proposes and another confirms; empty leaves all to one.
  public var twoPersons: Set<SecondPersonKind>
  /// Nil without an identity provider.
  public var openID: OpenID?
  public var logLevel: String
  public var logFormat: String

  public init() {
    platform = Platform(id: Self.defaultID, name: "Tributary", realm: "3402000000")
    data = "/var/lib/tributary"
    recordings = []
    http = Endpoint(host: "0.0.0.0", port: 8080)
    sip = Endpoint(host: "0.0.0.0", port: 5060)
    sips = Endpoint(host: "0.0.0.0", port: 5061)
    media = Endpoint(host: "0.0.0.0", port: 10_000)
    metrics = Endpoint(host: "127.0.0.1", port: 9464)
    advertise = []
    redirect = []
    mediaMode = .singlePort
    voicePorts = nil
    mediaThreads = 1
    transcodeBudget = 2
    watermark = true
    unmarkedOrganisations = []
    twoPersons = []
    logLevel = "info"
    logFormat = "text"
  }

  private static let defaultID: DeviceID = {
    guard let id = DeviceID("34020000002000000001") else {
      preconditionFailure("the default code is well formed")
    }
    return id
  }()
}

/// One sentence that says what is wrong with the configuration and what to do.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }
}
