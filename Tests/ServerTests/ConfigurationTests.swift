import Foundation
import GBCore
import SIPCore
import Testing

@testable import Server

@Suite("Configuration")
struct ConfigurationTests {
  private func file(_ text: String) throws -> ServerConfiguration {
    var configuration = ServerConfiguration()
    try configuration.apply(yaml: text, named: "file")
    return configuration
  }

  private func message(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch let error as ConfigurationError { return error.description } catch {
      return "another error: \(error)"
    }
    return "no error"
  }

  @Test("a nested file, dotted keys and lists set everything")
  func wholeFile() throws {
    let configuration = try file(
      """
      platform:
        id: "34010000002000000009"
        name: 城东
      data: /srv/tributary
      listen.http: "[::1]:8081"
      listen:
        sip: 0.0.0.0:5070
        media: 10.0.0.1:9000
        metrics: off
      advertise: [203.0.113.7, 10.0.0.1]
      media:
        mode: ports
        ports: 31000-31010
        threads: 4
        transcode: 0
      log:
        level: debug
        format: json
      """)
    #expect(configuration.platform.id.text == "34010000002000000009")
    #expect(configuration.platform.name == "城东" && configuration.platform.realm == "3401000000")
    #expect(configuration.http == .init(host: "::1", port: 8081) && configuration.http.text == "[::1]:8081")
    #expect(configuration.sip.port == 5070 && configuration.media.host == "10.0.0.1")
    #expect(configuration.metrics == nil && configuration.advertise == ["203.0.113.7", "10.0.0.1"])
    #expect(configuration.mediaMode == .ports(31000...31010))
    #expect(configuration.mediaThreads == 4 && configuration.transcodeBudget == 0)
    #expect(configuration.logLevel == "debug" && configuration.logFormat == "json")
  }

  @Test("codes need no quotes: YAML makes no numbers of them")
  func unquotedCodes() throws {
    let configuration = try file("platform:\n  id: 34020000002000000007\n  realm: 0402000000\n")
    #expect(configuration.platform.id.text == "34020000002000000007")
    #expect(configuration.platform.realm == "0402000000")
  }

  @Test("an empty file changes nothing")
  func emptyFile() throws {
    for text in ["", "# only a comment\n", "---\n"] { #expect(try file(text) == ServerConfiguration()) }
  }

  @Test("the environment wins over the file, flags win over both, and each names itself when it is wrong")
  func precedence() throws {
    let path = NSTemporaryDirectory() + "tributary-\(UUID().uuidString).yaml"
    try "log: {level: debug}\nmedia: {threads: 2}\ndata: /a\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let environment = ["TRIBUTARY_MEDIA_THREADS": "3", "TRIBUTARY_DATA": "/b", "PATH": "/bin"]
    let configuration = try ServerConfiguration.load(
      file: path, environment: environment, overrides: [("data", "/c")])
    #expect(
      configuration.logLevel == "debug" && configuration.mediaThreads == 3 && configuration.data == "/c")
    let wrong = message {
      try ServerConfiguration.load(file: nil, environment: ["TRIBUTARY_MEDIA_THREADS": "x"])
    }
    #expect(wrong.contains("TRIBUTARY_MEDIA_THREADS") && wrong.contains("1 to 64"))
    let flag = message {
      try ServerConfiguration.load(file: nil, environment: [:], overrides: [("log.level", "loud")])
    }
    #expect(flag.contains("command line") && flag.contains("loud"))
    #expect(
      message { try ServerConfiguration.load(file: nil, environment: ["TRIBUTARY_LOG_LEVLE": "debug"]) }
        == "environment: unknown variable 'TRIBUTARY_LOG_LEVLE'; did you mean 'TRIBUTARY_LOG_LEVEL'?")
    #expect(throws: Never.self) {
      try ServerConfiguration.load(file: nil, environment: ["TRIBUTARY_URL": "http://127.0.0.1"])
    }
    let missing = message { try ServerConfiguration.load(file: "/nowhere/x.yaml", environment: [:]) }
    #expect(missing.contains("cannot read the configuration file '/nowhere/x.yaml'"))
  }

  @Test("an unknown key names the nearest one, tls says what to do instead")
  func unknownKeys() {
    #expect(message { try file("listen: {htpp: \"1:2\"}") }.contains("did you mean 'listen.http'?"))
    #expect(message { try file("dat: /x") }.contains("did you mean 'data'?"))
    for text in ["tls: true", "tls: {ca: a.pem}", "tls: {}"] {
      #expect(message { try file(text) }.contains("tls: { certificate: FILE, key: FILE }"))
    }
  }

  @Test(
    "every bad value is one sentence that names its key",
    arguments: [
      ("platform.id", "123"), ("platform.id", "3402000000200000000x"), ("platform.realm", "\"\""),
      ("platform.realm", "a\"b"), ("data", "\"\""), ("listen.http", "8080"), ("listen.http", ":8080"),
      ("listen.sip", "host:99999"), ("listen.media", "host:-1"), ("listen.metrics", "on"),
      ("advertise", "two words"), ("media.mode", "many"), ("media.ports", "10"), ("media.ports", "20-10"),
      ("tls.key", "\"\""), ("tls.certificate", "\"\""), ("redirect", "34020000002000000002"),
      ("redirect", "a@b:1"),
      ("redirect", "34020000002000000002@h:0"), ("redirect", "34020000002000000002@h:1=0"),
      ("redirect", "34020000002000000002@h:1,34020000002000000002@i:2"), ("listen.sips", "5061"),
      ("media.ports", "0-10"), ("media.ports", "1-70000"), ("media.threads", "0"), ("media.threads", "65"),
      ("media.transcode", "-1"), ("media.transcode", "65"), ("log.level", "loud"), ("log.format", "xml"),
    ])
  func badValues(key: String, value: String) {
    let text = message { try file("\(key): \(value)") }
    #expect(text.hasPrefix("file: \(key)") && !text.contains("\n"), "\(text)")
  }

  @Test("values that are missing or of the wrong shape are explained")
  func shapes() {
    #expect(message { try file("data:") }.contains("'data' has no value"))
    #expect(message { try file("- a") }.contains("must be a YAML mapping"))
    #expect(message { try file("a: [") }.contains("not valid YAML"))
    #expect(message { try file("advertise: [{a: b}]") }.contains("list of plain values"))
  }

  @Test("TLS takes both files, redirect takes servers, and IPv6 for SIP needs IPv6 for media")
  func together() throws {
    let text = """
      tls: {certificate: /a.pem, key: /b.pem}
      listen: {sips: "[::]:5062", sip: "[::]:5060", media: "[::]:10000"}
      advertise: ["[2001:db8::1]", 203.0.113.5]
      redirect: ["34020000002000000002@[2001:db8::2]:5060", 34020000002000000003@192.0.2.3:5070=3]
      """
    let configuration = try file(text)
    #expect(configuration.tls == .init(certificate: "/a.pem", key: "/b.pem"))
    #expect(configuration.sips == .init(host: "::", port: 5062))
    #expect(configuration.advertise == ["2001:db8::1", "203.0.113.5"])
    #expect(configuration.redirect.map(\.address.host) == ["2001:db8::2", "192.0.2.3"])
    #expect(configuration.redirect.map(\.weight) == [1, 3])
    #expect(configuration.firewallTable.contains { $0.hasPrefix("5062") && $0.contains("SIP over TLS") })
    for (variables, expected) in [
      (["TRIBUTARY_TLS_KEY": "/k"], "tls.key needs tls.certificate"),
      (["TRIBUTARY_TLS_CERTIFICATE": "/k"], "tls.certificate needs tls.key"),
      (["TRIBUTARY_LISTEN_SIP": "[::]:5060"], "use [::]:10000"),
    ] {
      #expect(message { try ServerConfiguration.load(file: nil, environment: variables) }.contains(expected))
    }
  }

  @Test("the listing reads back as the same configuration")
  func listing() throws {
    for text in [
      "",
      "tls: {certificate: /a, key: /b}\nredirect: [34020000002000000002@192.0.2.2:5060=2]\nlisten: {sips: '[::]:1'}",
      "profiles: /etc/profiles.yaml",
      "media: {mode: ports, ports: 5-6}\nlisten: {metrics: off}\nadvertise: a,b\nplatform: {realm: x}",
    ] {
      let configuration = try file(text)
      let again = try ServerConfiguration.load(file: nil, environment: [:], overrides: configuration.listing)
      #expect(again == configuration)
    }
  }

  @Test("the firewall table has a row for each port")
  func firewall() throws {
    let rows = ServerConfiguration().firewallTable
    #expect(rows.count == 4 && rows[0].hasPrefix("8080 ") && rows[1].contains("UDP, TCP"))
    let range = try file("media: {ports: 30000-30010}\nlisten: {metrics: off}").firewallTable
    #expect(range.count == 3 && range[2].hasPrefix("30000-30010"))
  }

  @Test("docs/ref/configuration.md has the table that the program prints")
  func reference() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/ref/configuration.md"), encoding: .utf8)
    #expect(page.contains("\n" + ServerConfiguration.referenceTable + "\n"))
  }
}
