import Access
import GBCore
import HTTPAPI
import SIPCore
import SegmentStore

/// Every key of the configuration, with how its text becomes a value.
///
/// The reference page docs/ref/configuration.md is printed from this table.
struct ConfigurationKey: Sendable {
  let name: String
  let summary: String
  let apply: @Sendable (String, inout ServerConfiguration) throws -> Void

  /// `listen.http` → `TRIBUTARY_LISTEN_HTTP`.
  var environmentName: String {
    "TRIBUTARY_" + name.uppercased().replacing(".", with: "_").replacing("-", with: "_")
  }

  /// `listen.http` → `TRIBUTARY_LISTEN_`.
  var environmentSection: String {
    "TRIBUTARY_" + name.prefix { $0 != "." }.uppercased() + "_"
  }

  static let all: [ConfigurationKey] = [
    ConfigurationKey(name: "platform.id", summary: "this platform's 20-digit code, type 200") {
      text, target in
      guard let id = DeviceID(text), id.isStandard else {
        throw ConfigurationError("platform.id must be 20 digits, found '\(text)'")
      }
      let followsID = target.platform.realm == target.platform.id.domain
      target.platform.id = id
      if followsID { target.platform.realm = id.domain ?? target.platform.realm }
    },
    ConfigurationKey(name: "platform.name", summary: "name shown in the console and to other platforms") {
      target, configuration in configuration.platform.name = target
    },
    ConfigurationKey(name: "platform.realm", summary: "digest realm; default: first ten digits of the code") {
      text, target in
      guard !text.isEmpty, !text.contains("\"") else {
        throw ConfigurationError("platform.realm must not be empty or contain a quote")
      }
      target.platform.realm = text
    },
    ConfigurationKey(name: "data", summary: "folder for database, keys and recordings") { text, target in
      guard !text.isEmpty else { throw ConfigurationError("data must name a folder") }
      target.data = text
    },
    ConfigurationKey(
      name: "recordings",
      summary:
        "directories of recordings, one per disk, each PATH or PATH=RESERVE (such as `/srv/disk1=50GiB`); "
        + "default: `recordings` below `data`"
    ) { text, target in target.recordings = try directories(text) },
    ConfigurationKey(
      name: "profiles",
      summary: "YAML file with profiles of makes of devices, besides the built-in ones (docs/ref/profiles.md)"
    ) { text, target in
      guard !text.isEmpty else { throw ConfigurationError("profiles must name a YAML file") }
      target.profiles = text
    },
    ConfigurationKey(name: "listen.http", summary: "console and API") { text, target in
      target.http = try endpoint(text, "listen.http")
    },
    ConfigurationKey(name: "listen.sip", summary: "SIP over UDP and TCP") { text, target in
      target.sip = try endpoint(text, "listen.sip")
    },
    ConfigurationKey(
      name: "listen.sips",
      summary: "SIP over TLS; nothing listens here without `tls.certificate` and `tls.key`"
    ) { text, target in target.sips = try endpoint(text, "listen.sips") },
    ConfigurationKey(name: "listen.media", summary: "RTP over UDP and TCP") { text, target in
      target.media = try endpoint(text, "listen.media")
    },
    ConfigurationKey(name: "listen.metrics", summary: "Prometheus text on a port of its own, or 'off'") {
      text, target in
      // YAML reads a bare off as false.
      target.metrics = text == "off" || text == "false" ? nil : try endpoint(text, "listen.metrics")
    },
    ConfigurationKey(name: "advertise", summary: "addresses told to devices instead of the routed one") {
      text, target in
      let addresses = text.split(separator: ",").map { IPText.unbracketed(String($0).trimmed) }
        .filter { !$0.isEmpty }
      // They are written into SIP headers and SDP lines.
      let bad = addresses.first {
        $0.utf8.contains { $0 <= 32 || $0 >= 127 || [34, 44, 47, 59, 60, 62, 64].contains($0) }
      }
      guard bad == nil else {
        throw ConfigurationError("advertise must be addresses separated by commas, found '\(bad ?? "")'")
      }
      target.advertise = addresses
    },
    ConfigurationKey(
      name: "tls.certificate",
      summary:
        "PEM file with the platform's certificate and those that lead to a trusted one; turns SIP over TLS on "
        + "(console and API stay plain HTTP: put a TLS proxy before `listen.http`)"
    ) { text, target in
      guard !text.isEmpty else { throw ConfigurationError("tls.certificate must name a PEM file") }
      target.tls = .init(certificate: text, key: target.tls?.key ?? "")
    },
    ConfigurationKey(
      name: "tls.key", summary: "PEM file with the key of `tls.certificate`, without a password"
    ) {
      text, target in
      guard !text.isEmpty else { throw ConfigurationError("tls.key must name a PEM file") }
      target.tls = .init(certificate: target.tls?.certificate ?? "", key: text)
    },
    ConfigurationKey(
      name: "redirect",
      summary:
        "servers that registering devices are sent to (302), each CODE@HOST:PORT or CODE@HOST:PORT=WEIGHT; "
        + "this platform's own code keeps a share here; default: none, all register here"
    ) { text, target in target.redirect = try targets(text) },
    ConfigurationKey(name: "media.mode", summary: "single-port, or ports (see media.ports)") { text, target in
      switch text {
      case "single-port": target.mediaMode = .singlePort
      case "ports":
        if case .singlePort = target.mediaMode { target.mediaMode = .ports(30_000...30_500) }
      default: throw ConfigurationError("media.mode must be 'single-port' or 'ports', found '\(text)'")
      }
    },
    ConfigurationKey(name: "media.ports", summary: "range for media.mode ports, for example 30000-30500") {
      text, target in
      let parts = text.split(separator: "-").compactMap { UInt16($0) }
      guard parts.count == 2, parts[0] > 0, parts[0] <= parts[1] else {
        throw ConfigurationError("media.ports must be FIRST-LAST, for example 30000-30500, found '\(text)'")
      }
      target.mediaMode = .ports(parts[0]...parts[1])
    },
    ConfigurationKey(
      name: "media.voice-ports",
      summary: "range for voices to devices, for example 30600-30649; default: any free port"
    ) { text, target in
      let parts = text.split(separator: "-").compactMap { UInt16($0) }
      guard parts.count == 2, parts[0] > 0, parts[0] <= parts[1] else {
        throw ConfigurationError(
          "media.voice-ports must be FIRST-LAST, for example 30600-30649, found '\(text)'")
      }
      target.voicePorts = parts[0]...parts[1]
    },
    ConfigurationKey(name: "media.threads", summary: "media threads, 1 to 64") { text, target in
      target.mediaThreads = try number(text, 1...64, "media.threads")
    },
    ConfigurationKey(
      name: "media.transcode", summary: "H.265 streams transcoded at once for browsers that need it, 0 to 64"
    ) { text, target in
      target.transcodeBudget = try number(text, 0...64, "media.transcode")
    },
    ConfigurationKey(
      name: "rights.watermark",
      summary: "the viewer's name and the time over live and recorded pictures: on or off"
    ) { text, target in
      // YAML reads a bare on as true.
      guard let value = ["on": true, "true": true, "off": false, "false": false][text] else {
        throw ConfigurationError("rights.watermark must be on or off, found '\(text)'")
      }
      target.watermark = value
    },
    ConfigurationKey(
      name: "rights.unmarked",
      summary: "organisations, by id, whose people see pictures without their name over them; default: none"
    ) { text, target in
      target.unmarkedOrganisations = Set(
        text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty })
    },
    ConfigurationKey(
      name: "rights.two-persons",
      summary:
        "actions that one person proposes and another confirms: grants, accounts, holds, retention, log-erasure; "
        + "default: none"
    ) { text, target in
      let words = text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
      guard words.allSatisfy({ SecondPersonKind(rawValue: $0) != nil }) else {
        let known = SecondPersonKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ConfigurationError("rights.two-persons must be of \(known), found '\(text)'")
      }
      target.twoPersons = Set(words.compactMap { SecondPersonKind(rawValue: $0) })
    },
    ConfigurationKey(
      name: "oidc.issuer", summary: "OpenID Connect provider that people may sign in through; https"
    ) {
      text, target in
      guard text.hasPrefix("https://") || text.hasPrefix("http://127.0.0.1") else {
        throw ConfigurationError("oidc.issuer must begin with https://, found '\(text)'")
      }
      target.openID = target.openID ?? .init()
      target.openID?.rules.issuer = text
    },
    ConfigurationKey(name: "oidc.client", summary: "this platform's client id at `oidc.issuer`") {
      text, target in
      target.openID = target.openID ?? .init()
      target.openID?.rules.client = text
    },
    ConfigurationKey(
      name: "oidc.secret-file", summary: "file with the client's secret; default: a public client, PKCE alone"
    ) { text, target in
      target.openID = target.openID ?? .init()
      target.openID?.secretFile = text
    },
    ConfigurationKey(
      name: "oidc.address",
      summary: "what browsers call this console, such as `https://video.example`; the provider "
        + "must know ADDRESS/api/v1/session/external/callback"
    ) { text, target in
      target.openID = target.openID ?? .init()
      target.openID?.publicAddress = text.hasSuffix("/") ? String(text.dropLast()) : text
    },
    ConfigurationKey(
      name: "oidc.roles",
      summary:
        "which group has which role, each GROUP=ROLE; the first that fits counts, who has none is not let in"
    ) { text, target in
      target.openID = target.openID ?? .init()
      target.openID?.rules.roles = try mappings(text)
    },
    ConfigurationKey(
      name: "oidc.groups-claim", summary: "the claim that lists a person's groups; default: groups"
    ) {
      text, target in
      target.openID = target.openID ?? .init()
      target.openID?.groupsClaim = text
    },
    ConfigurationKey(
      name: "oidc.name-claim", summary: "the claim that names the account; default: preferred_username"
    ) { text, target in
      target.openID = target.openID ?? .init()
      target.openID?.nameClaim = text
    },
    ConfigurationKey(name: "oidc.label", summary: "what the button on the sign-in page says") {
      text, target in
      target.openID = target.openID ?? .init()
      target.openID?.label = text
    },
    ConfigurationKey(name: "log.level", summary: "trace, debug, info, notice, warning, error or critical") {
      text, target in
      let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
      guard levels.contains(text) else {
        throw ConfigurationError(
          "log.level must be one of \(levels.joined(separator: ", ")), found '\(text)'")
      }
      target.logLevel = text
    },
    ConfigurationKey(name: "log.format", summary: "text or json") { text, target in
      guard text == "text" || text == "json" else {
        throw ConfigurationError("log.format must be 'text' or 'json', found '\(text)'")
      }
      target.logFormat = text
    },
  ]

  private static func endpoint(_ text: String, _ key: String) throws -> ServerConfiguration.Endpoint {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port), colon != text.startIndex
    else { throw ConfigurationError("\(key) must be HOST:PORT, for example 0.0.0.0:8080, found '\(text)'") }
    let host = text[..<colon].trimmingPrefix("[")
    return .init(host: String(host.hasSuffix("]") ? host.dropLast() : host), port: port)
  }

  private static func directories(_ text: String) throws -> [RecordingDirectory] {
    var directories: [RecordingDirectory] = []
    for part in text.split(separator: ",").map({ String($0).trimmed }) where !part.isEmpty {
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let path = String(pieces[0]).trimmed
      guard path.hasPrefix("/") else {
        throw ConfigurationError("recordings must be absolute paths, for example /srv/disk1, found '\(part)'")
      }
      let reserve = pieces.count > 1 ? ByteSize(pieces[1].trimmed) : nil
      guard pieces.count == 1 || reserve != nil else {
        throw ConfigurationError(
          "the reserve of \(path) in recordings must be bytes or a size such as 50GiB, found '\(pieces[1])'")
      }
      var directory = RecordingDirectory(path: path, reserveBytes: reserve?.bytes)
      while directory.path.count > 1, directory.path.hasSuffix("/") { directory.path.removeLast() }
      guard !directories.contains(where: { $0.path == directory.path }) else {
        throw ConfigurationError("recordings names \(path) twice; name each directory once")
      }
      directories.append(directory)
    }
    return directories
  }

  private static func targets(_ text: String) throws -> [RedirectTarget] {
    var targets: [RedirectTarget] = []
    for part in text.split(separator: ",").map({ String($0).trimmed }) where !part.isEmpty {
      guard let target = RedirectTarget(part) else {
        throw ConfigurationError(
          "redirect must be 20-digit codes with addresses, for example 34020000002000000002@192.0.2.9:5060, "
            + "found '\(part)'")
      }
      guard !targets.contains(where: { $0.id == target.id }) else {
        throw ConfigurationError("redirect names \(target.id) twice; give it a weight instead, such as =2")
      }
      targets.append(target)
    }
    return targets
  }

  private static func mappings(_ text: String) throws -> [IdentityRules.Mapping] {
    try text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
      .map { part in
        guard let sign = part.lastIndex(of: "="), sign != part.startIndex,
          let role = Role(rawValue: String(part[part.index(after: sign)...]).trimmed), role != .machine
        else {
          let known = Role.allCases.filter { $0 != .machine }.map(\.rawValue).joined(separator: ", ")
          throw ConfigurationError("oidc.roles must be GROUP=ROLE with a role of \(known), found '\(part)'")
        }
        return IdentityRules.Mapping(group: String(part[..<sign]).trimmed, role: role)
      }
  }

  private static func number(_ text: String, _ range: ClosedRange<Int>, _ key: String) throws -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw ConfigurationError(
        "\(key) must be a number from \(range.lowerBound) to \(range.upperBound), found '\(text)'")
    }
    return value
  }
}

extension StringProtocol {
  /// Without leading and trailing white space.
  var trimmed: String {
    var view = self[...]
    while let first = view.first, first.isWhitespace { view = view.dropFirst() }
    while let last = view.last, last.isWhitespace { view = view.dropLast() }
    return String(view)
  }
}
