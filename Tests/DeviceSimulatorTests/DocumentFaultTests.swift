import GBCore
import MediaTime
import SIPCore
import Testing

@testable import DeviceSimulator

@Suite("Faults of documents, as the wire shows them")
struct DocumentFaultTests {
  /// What a fault must look like in the bytes of a catalog.
  struct Sign: Sendable, CustomStringConvertible {
    let kind: FaultKind
    let holds: @Sendable ([UInt8]) -> Bool
    var number = 0
    var description: String { kind.rawValue }

    init(_ kind: FaultKind, number: Int = 0, _ holds: @escaping @Sendable ([UInt8]) -> Bool) {
      (self.kind, self.number, self.holds) = (kind, number, holds)
    }

    init(_ kind: FaultKind, text: String) {
      self.init(kind) { String(decoding: $0, as: UTF8.self).contains(text) }
    }
  }

  static let signs = [
    Sign(.bareAmpersand, text: " & Sons</Name>"), Sign(.bareLessThan, text: " < 5 m</Name>"),
    Sign(.nulTail) { $0.suffix(3) == [0, 0, 0] },
    Sign(.byteOrderMark) { $0.starts(with: [0xEF, 0xBB, 0xBF]) },
    Sign(.wrongCase, text: "<cmdType>Catalog</cmdType>"),
    Sign(.twoRoots) { count("<Response>", in: $0) == 2 },
    Sign(.undeclaredUTF8) { count("北门", in: $0) == 2 && count("encoding=\"GB2312\"", in: $0) == 1 },
    Sign(.serialMissing) { count("<SN>", in: $0) == 0 },
    Sign(.sumWrong, number: 3) { count("<SumNum>5</SumNum>", in: $0) == 1 },
    Sign(.channelIDIsDeviceID) { count("<DeviceID>\(FaultyFleet.device)</DeviceID>", in: $0) == 3 },
    Sign(.statusWord, text: "<Status>OK</Status>"),
    Sign(.parentTwice, text: "<ParentID>\(FaultyFleet.device)/\(FaultyFleet.device)</ParentID>"),
    Sign(.civilCodeMissing, text: "<CivilCode></CivilCode>"),
  ]

  private static func count(_ text: String, in bytes: [UInt8]) -> Int {
    String(decoding: bytes, as: UTF8.self).ranges(of: text).count
  }

  /// Chinese text in another encoding than UTF-8: what it is does not matter here.
  private static let notUTF8 = TextCodec(
    decode: { String(decoding: $0, as: UTF8.self) },
    encode: { text, name in
      name == .utf8 ? Array(text.utf8) : text.unicodeScalars.map { $0.isASCII ? UInt8($0.value) : 0xB1 }
    })

  @Test("a garbled catalog is garbled in the bytes, and a sound one is not", arguments: signs)
  func catalog(sign: Sign) async throws {
    try await FaultyFleet.with([], codec: Self.notUTF8) { world in
      let sound = try await world.answers(.catalog)[0]
      #expect(!sign.holds(sound))
    }
    let fault = PlannedFault(sign.kind, number: sign.number)
    try await FaultyFleet.with([fault], codec: Self.notUTF8) { world in
      let body = try await world.answers(.catalog)[0]
      #expect(sign.holds(body), "\(String(decoding: body, as: UTF8.self))")
      // Garbled as it is, the product's reader finds what is in it.
      let message = try MANSCDPMessage(parsing: body, codec: .utf8)
      #expect(message.cmdType == .catalog && CatalogReply(message)?.items.isEmpty == false)
    }
  }

  @Test("a brand is a row of habits that need no value, and introduces itself by its own words")
  func dialects() async throws {
    #expect(Set(Dialect.all.map(\.name)).count == Dialect.all.count)
    #expect(Dialect.all.flatMap(\.habits).allSatisfy { $0.parameter == .none && !$0.isEvent })
    for dialect in Dialect.all {
      try await FaultyFleet.with([], dialect: dialect) { world in
        let body = try await world.answers(.deviceInfo)[0]
        let info = DeviceInfoReply(try MANSCDPMessage(parsing: body, codec: .utf8))
        #expect(info?.manufacturer == dialect.manufacturer && info?.model == dialect.recorderModel)
        #expect(world.platform.requests(.register).allSatisfy { $0.userAgent == dialect.userAgent })
      }
    }
  }

  @Test("a heartbeat may lose its body")
  func emptyKeepalive() async throws {
    try await FaultyFleet.with([PlannedFault(.keepaliveEmpty)]) { world in
      #expect(await eventually { world.fleet.snapshot().keepalives >= 1 })
      #expect(world.platform.requests(.message).allSatisfy { $0.body.isEmpty })
    }
  }

  @Test("a catalog may never come")
  func noCatalog() async throws {
    try await FaultyFleet.with([PlannedFault(.noCatalog)]) { world in
      try world.platform.query(.catalog, of: FaultyFleet.device, sn: 1)
      // The answer to the next question shows that the first one was read.
      let bodies = try await world.answers(.deviceInfo)
      #expect(bodies.count == 1 && MANSCDPWords.text(bodies[0]).contains("DeviceInfo"))
    }
  }

  @Test("a private Contact, and a lifetime that stands only there")
  func contact() async throws {
    let faults = [PlannedFault(.contactPrivate), PlannedFault(.expiresInContact)]
    try await FaultyFleet.with(faults) { world in
      let register = try #require(world.platform.requests(.register).first)
      #expect(register.contact?.uri.host == "192.168.1.64")
      #expect(register.headers[.expires] == nil && register.contact?.parameters["expires"] == "3600")
      #expect(register.registrationExpires == 3_600)
    }
  }

  @Test("digest in another spelling is still right")
  func digest() async throws {
    try await FaultyFleet.with([PlannedFault(.digestSpelling)]) { world in
      let text = world.platform.requests(.register).compactMap { $0.headers[.authorization] }.last
      #expect(text?.contains("algorithm=md5") == true && text?.contains("nc=1") == true)
    }
  }

  @Test("a challenge without an algorithm gets no answer from a brand that wants one")
  func algorithm() async throws {
    let manner = TestPlatform.Manner(namesAlgorithm: false)
    try await FaultyFleet.with([], manner: manner) { #expect($0.fleet.snapshot().registered == 1) }
    try await FaultyFleet.with([], dialect: .dahua, manner: manner, registers: false) { world in
      #expect(await eventually { world.fleet.snapshot().refusedRegistrations >= 1 })
      #expect(world.platform.requests(.register).allSatisfy { $0.headers[.authorization] == nil })
    }
  }

  @Test("a clock that is a day off says so, until the platform tells the time, unless it does not listen")
  func clock() async throws {
    let offset = PlannedFault(.clockOffset, duration: .seconds(86_400))
    let now = LiveSceneEncoder.now()
    let manner = TestPlatform.Manner(date: GBTime.dateHeader(now))
    func error(_ faults: [PlannedFault], _ manner: TestPlatform.Manner) async throws -> Double {
      var seconds = 0.0
      try await FaultyFleet.with(faults, manner: manner) { world in
        let body = try await world.answers(.deviceStatus)[0]
        let message = try MANSCDPMessage(parsing: body, codec: .utf8)
        let text = try #require(message.element.value("DeviceTime"))
        seconds = (try #require(GBTime.parse(text)) - now).inSeconds
      }
      return seconds
    }
    #expect(try await error([offset], .init()) > 86_000)
    #expect(try await error([offset], manner) < 600)
    #expect(try await error([offset, PlannedFault(.dateIgnored)], manner) > 86_000)
    #expect(try await error([PlannedFault(.wrongYear, number: 1_970)], manner) < -1_000_000_000)
  }

  @Test("a clock drifts by so much in an hour")
  func drift() {
    let clock = DeviceClock(FaultPlan([PlannedFault(.clockDrift, duration: .seconds(6))]))
    let truth = WallTime(seconds: 1_767_225_600)
    #expect(clock.time(at: .seconds(3_600), truth: truth) - truth == .seconds(6))
    #expect(clock.time(at: .seconds(600), truth: truth) - truth == .seconds(1))
  }
}

/// Bytes of documents as text.
enum MANSCDPWords {
  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
