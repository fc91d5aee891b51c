import Access
import GBCore
import HTTPAPI
import SegmentStore

extension ServerConfiguration {
  /// Key and value as a file would spell them.
  public var listing: [(String, String)] {
    var lines = [
      ("platform.id", platform.id.text), ("platform.name", platform.name), ("platform.realm", platform.realm),
      ("data", data), ("recordings", recordings.map(\.text).joined(separator: ",")),
      ("listen.http", http.text), ("listen.sip", sip.text), ("listen.sips", sips.text),
      ("listen.media", media.text),
      ("listen.metrics", metrics?.text ?? "off"), ("advertise", advertise.joined(separator: ",")),
    ]
    if let profiles { lines.append(("profiles", profiles)) }
    if !redirect.isEmpty { lines.append(("redirect", redirect.map(\.description).joined(separator: ","))) }
    if let tls { lines += [("tls.certificate", tls.certificate), ("tls.key", tls.key)] }
    switch mediaMode {
    case .singlePort: lines.append(("media.mode", "single-port"))
    case .ports(let range):
      lines.append(("media.mode", "ports"))
      lines.append(("media.ports", "\(range.lowerBound)-\(range.upperBound)"))
    }
    if let range = voicePorts {
      lines.append(("media.voice-ports", "\(range.lowerBound)-\(range.upperBound)"))
    }
    lines += [
      ("media.threads", "\(mediaThreads)"), ("media.transcode", "\(transcodeBudget)"),
      ("rights.watermark", watermark ? "on" : "off"),
      ("rights.unmarked", unmarkedOrganisations.sorted().joined(separator: ",")),
      ("rights.two-persons", twoPersons.map(\.rawValue).sorted().joined(separator: ",")),
      ("log.level", logLevel),
      ("log.format", logFormat),
    ]
    if let openID { lines += openID.listing }
    return lines
  }

  /// The Markdown table of docs/ref/configuration.md.
  public static var referenceTable: String {
    let defaults = Dictionary(uniqueKeysWithValues: ServerConfiguration().listing)
    var lines = ["| key | environment | default | what |", "|---|---|---|---|"]
    for key in ConfigurationKey.all {
      let value = defaults[key.name].map { $0.isEmpty ? "" : "`\($0)`" } ?? ""
      lines.append("| `\(key.name)` | `\(key.environmentName)` | \(value) | \(key.summary) |")
    }
    return lines.joined(separator: "\n")
  }

  /// One row for each port that a firewall must let through.
  public var firewallTable: [String] {
    func row(_ port: String, _ kind: String, _ from: String, _ what: String) -> String {
      port.padded(16) + kind.padded(10) + from.padded(16) + what
    }
    var rows = [
      row("\(http.port)", "TCP", "operators", "console and API"),
      row("\(sip.port)", "UDP, TCP", "devices", "SIP"),
    ]
    if tls != nil { rows.append(row("\(sips.port)", "TCP", "devices", "SIP over TLS")) }
    switch mediaMode {
    case .singlePort:
      rows.append(row("\(media.port)", "UDP, TCP", "devices", "media, one port for all streams"))
    case .ports(let range):
      rows.append(
        row("\(range.lowerBound)-\(range.upperBound)", "UDP, TCP", "devices", "media, one port a stream"))
    }
    if let range = voicePorts {
      rows.append(
        row("\(range.lowerBound)-\(range.upperBound)", "UDP, TCP", "devices", "voices to devices"))
    }
    if let metrics { rows.append(row("\(metrics.port)", "TCP", metrics.host, "Prometheus metrics")) }
    return rows
  }
}

extension ServerConfiguration.OpenID {
  var listing: [(String, String)] {
    [
      ("oidc.issuer", rules.issuer), ("oidc.client", rules.client), ("oidc.address", publicAddress),
      ("oidc.roles", rules.roles.map { "\($0.group)=\($0.role.rawValue)" }.joined(separator: ",")),
      ("oidc.groups-claim", groupsClaim), ("oidc.name-claim", nameClaim), ("oidc.label", label),
    ] + (secretFile.map { [("oidc.secret-file", $0)] } ?? [])
  }
}

extension RecordingDirectory {
  /// `path`, or `path=reserve`.
  var text: String { path + (reserveBytes.map { "=\($0)" } ?? "") }
}

extension ServerConfiguration.Endpoint {
  /// `host:port`, IPv6 in brackets.
  public var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension String {
  /// With blanks up to `width` characters.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(1, width - count))
  }
}
