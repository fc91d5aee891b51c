// swift-tools-version: 6.2
//
// Folders are layers; an arrow may only point down (ARCHITECTURE.md).
// `Scripts/check-layers.py` fails the build when one points up.
import PackageDescription

/// One list for every target of ours, so that a new target cannot forget a rule.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  // Streams are confined to their threads; asking at run time whether anybody else holds a property costs every
  // packet. Debug builds, and so all tests, still ask.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]
/// Core and Domain also show every unsafe expression; the C-facing edges are unsafe by nature.
let pure: [SwiftSetting] = house + [.strictMemorySafety()]

/// The folder of a target, below `Sources`.
enum Layer: String {
  case core = "Core"
  case domain = "Domain"
  case edge = "Edge"
  case app = "App"
  case support = "Support"
}

func library(_ layer: Layer, _ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(layer.rawValue)/\(name)",
    swiftSettings: layer == .core || layer == .domain ? pure : house)
}
/// A library whose own types hand out spans of their memory.
func spanLibrary(_ layer: Layer, _ name: String) -> Target {
  .target(
    name: name, path: "Sources/\(layer.rawValue)/\(name)",
    swiftSettings: pure + [.enableExperimentalFeature("Lifetimes")])
}
func cLibrary(_ layer: Layer, _ name: String) -> Target {
  .target(
    name: name, path: "Sources/\(layer.rawValue)/\(name)",
    cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])])
}
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, path: "Tests/\(name)Tests",
    swiftSettings: house)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let posix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let http1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let webSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let tls: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "tributary",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "tributary", targets: ["tributary"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
  ],
  targets: [
    // Core: bytes in, values out. No I/O, clock, log, Foundation or NIO.
    spanLibrary(.core, "WireBytes"),
    library(.core, "MediaTime"),
    library(.core, "LogTree", "WireBytes"),
    library(.core, "SIPCore", "WireBytes"),
    library(.core, "SDPCore", "WireBytes"),
    library(.core, "GBCore", "SIPCore", "SDPCore", "WireBytes", "MediaTime"),
    library(.core, "LevelCore", "GBCore", "WireBytes", "MediaTime"),
    library(.core, "RTPCore", "WireBytes", "MediaTime"),
    library(.core, "MPEGCore", "WireBytes", "MediaTime"),
    library(.core, "MP4Core", "MPEGCore", "WireBytes", "MediaTime"),

    // Domain: what the network means. Decides, never performs.
    library(.domain, "Registry", "GBCore", "MediaTime"),
    library(.domain, "Access", "GBCore", "LevelCore", "MediaTime"),
    library(.domain, "AccessLog", "LogTree", "MediaTime"),
    library(.domain, "Alarms", "Registry", "GBCore", "MediaTime"),
    library(.domain, "Streaming", "GBCore", "Registry", "MPEGCore", "MediaTime"),
    library(.domain, "Doctor", "GBCore"),
    library(.domain, "Voice", "GBCore", "RTPCore", "MPEGCore", "WireBytes", "MediaTime"),
    library(.domain, "Recording", "Registry", "MPEGCore", "MP4Core", "MediaTime"),
    library(.domain, "Federation", "Registry", "GBCore", "LevelCore", "SIPCore", "MediaTime"),

    // Edge: one outside thing each. Performs what Domain decided.
    cLibrary(.edge, "CDatagram"),
    library(.edge, "SIPTransport", "SIPCore", "MediaTime", "CDatagram", nio, posix, tls, log),
    library(
      .edge, "VoiceTransport", "Voice", "GBCore", "RTPCore", "MPEGCore", "MediaTime", nio, posix, webSocket),
    cLibrary(.edge, "CMediaIO"),
    library(
      .edge, "MediaTransport", "Streaming", "Registry", "RTPCore", "MPEGCore", "MP4Core", "WireBytes",
      "MediaTime", "CMediaIO"),
    library(
      .edge, "SegmentStore", "Recording", "Streaming", "Registry", "GBCore", "MP4Core", "MPEGCore",
      "WireBytes", "MediaTime", "CMediaIO"),
    library(
      .edge, "StoreSQLite", "Registry", "GBCore", "SIPCore", "Access", "AccessLog", "Alarms", "Federation",
      "Recording", "MPEGCore", "MediaTime", grdb),
    library(.edge, "LogStore", "LogTree"),
    library(.edge, "LogVerifier", "AccessLog", "LogTree", "MediaTime"),
    .systemLibrary(
      name: "COpenSSL", path: "Sources/Edge/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    library(.edge, "Cryptography", "COpenSSL"),
    library(.edge, "IdentityProvider", "Access", "MediaTime", nio, posix, http1, tls),
    library(.edge, "CharacterSets"),
    library(.edge, "PlanFile", "Federation", yams),
    .systemLibrary(
      name: "CFFmpeg", path: "Sources/Edge/CFFmpeg",
      pkgConfig: "libavformat libavcodec libswscale libswresample libavutil",
      providers: [.apt(["libavcodec-dev", "libavformat-dev", "libswscale-dev", "libswresample-dev"])]),
    library(.edge, "Codec", "MPEGCore", "WireBytes", "MediaTime", "CFFmpeg"),
    .target(name: "CWebAssets", path: "Sources/Edge/CWebAssets", exclude: ["make-assets.py"]),
    library(.edge, "WebConsole", "CWebAssets"),
    library(
      .edge, "HTTPAPI", "Access", "MediaTime", hummingbird, hummingbirdCore, httpTypes, nio, posix, log),

    // App: wiring only. The one place that knows every module.
    library(
      .app, "Server", "Alarms", "CMediaIO", "Federation", "SIPTransport", "MediaTransport", "SegmentStore",
      "StoreSQLite",
      "Cryptography", "IdentityProvider",
      "CharacterSets",
      "Codec", "HTTPAPI", "WebConsole", "Doctor", "Voice", "VoiceTransport", "Registry", "Access",
      "Streaming", "Recording", "GBCore", "LevelCore",
      "SIPCore",
      "SDPCore", "RTPCore",
      "AccessLog", "LogTree", "LogStore", "LogVerifier",
      "MPEGCore", "MP4Core", "MediaTime", "WireBytes", lifecycle, log, nio, posix, yams),
    library(
      .app, "Soak", "MediaTransport", "SegmentStore", "Recording", "Streaming", "Registry", "GBCore",
      "RTPCore", "SIPCore",
      "MPEGCore", "MP4Core", "WireBytes", "MediaTime"),
    .executableTarget(
      name: "tributary",
      dependencies: [
        "Server", "Soak", "SIPTransport", "DeviceSimulator", "SimulatorScenario", "Conformance",
        "LoadGenerator", "TestSupport", "SIPCore",
        "AccessLog", "LogTree", "LogStore", "LogVerifier",
        "Federation", "PlanFile",
        "Codec",
        "HTTPAPI",
        "StoreSQLite",
        "SegmentStore",
        "Registry",
        "Access", "Recording", "Streaming", "MediaTransport", "GBCore", "MP4Core", "MPEGCore", "MediaTime",
        "RTPCore", "WireBytes", "CharacterSets", "Cryptography", argumentParser, log, lifecycle,
      ],
      path: "Sources/App/tributary", swiftSettings: house),

    // Support: never linked into the server library.
    library(
      .support, "DeviceSimulator", "GBCore", "SIPCore", "SDPCore", "RTPCore", "MPEGCore", "WireBytes",
      "MediaTime",
      nio, posix, log),
    // The optimiser of Swift 6.3.1 stops with an ownership error at async cases that take a reply apart.
    .target(
      name: "Conformance",
      dependencies: [
        "GBCore", "SIPCore", "SDPCore", "RTPCore", "MPEGCore", "WireBytes",
        "MediaTime",
        nio, posix, log,
      ],
      path: "Sources/Support/Conformance",
      swiftSettings: house + [.unsafeFlags(["-Onone"], .when(configuration: .release))]),
    library(.support, "SimulatorScenario", "DeviceSimulator", "GBCore", "MPEGCore", yams),
    cLibrary(.support, "CLoad"),
    library(.support, "LoadGenerator", "CLoad", "MPEGCore", "RTPCore", "WireBytes", "MediaTime"),
    library(.support, "TestSupport", "MediaTime", "WireBytes"),
    cLibrary(.support, "CAllocationCounter"),
    library(
      .support, "FuzzTargets", "SIPCore", "SDPCore", "GBCore", "RTPCore", "MPEGCore", "MP4Core", "LogTree",
      "LevelCore", "WireBytes", "MediaTime"),

    tests("WireBytes"), tests("MediaTime"),
    tests("LogTree", "Cryptography", "TestSupport", "WireBytes"),
    tests("SIPCore", "TestSupport"), tests("SDPCore", "TestSupport"),
    tests("GBCore", "SIPCore", "SDPCore", "MediaTime", "WireBytes", "TestSupport"),
    tests("LevelCore", "GBCore", "MediaTime", "TestSupport"),
    tests("RTPCore", "TestSupport"), tests("MPEGCore", "TestSupport"), tests("MP4Core", "TestSupport"),
    tests("Registry", "GBCore", "MediaTime", "TestSupport"),
    tests("Access", "GBCore", "LevelCore", "MediaTime", "TestSupport"),
    tests("AccessLog", "Cryptography", "LogTree", "MediaTime", "TestSupport"),
    tests("Alarms", "Registry", "GBCore", "MediaTime", "TestSupport"),
    tests("Streaming", "GBCore", "MediaTime", "TestSupport"),
    tests("Doctor", "GBCore"),
    tests(
      "Voice", "GBCore", "SDPCore", "RTPCore", "MPEGCore", "WireBytes", "MediaTime", "TestSupport"),
    tests("VoiceTransport", "Voice", "GBCore", "RTPCore", "MPEGCore", "TestSupport", nio, posix, webSocket),
    tests("Federation", "Registry", "GBCore", "LevelCore", "SIPCore", "MediaTime", "TestSupport"),
    tests("PlanFile", "Federation"),
    tests("Recording", "TestSupport"),
    tests("SIPTransport", "SIPCore", "TestSupport", nio, posix),
    tests("MediaTransport", "MPEGCore", "MediaTime", "RTPCore", "Streaming", "WireBytes", "TestSupport"),
    tests("SegmentStore", "TestSupport"),
    tests("Soak", "MediaTransport", "Streaming", "RTPCore", "MPEGCore", "MediaTime", "WireBytes"),
    .testTarget(
      name: "AllocationTests",
      dependencies: [
        "CAllocationCounter", "MediaTransport", "Streaming", "RTPCore", "MPEGCore", "WireBytes", "MediaTime",
        "TestSupport",
      ], path: "Tests/AllocationTests", swiftSettings: house),
    tests(
      "StoreSQLite", "Registry", "GBCore", "Access", "AccessLog", "Alarms", "Federation", "Recording",
      "MPEGCore", "MediaTime", grdb),
    tests("LogStore", "Cryptography", "LogTree", "TestSupport"),
    tests("LogVerifier", "AccessLog", "Cryptography", "LogStore", "LogTree", "MediaTime", "TestSupport"),
    tests("Cryptography"), tests("CharacterSets"), tests("Codec", "MPEGCore", "MediaTime", "WireBytes"),
    tests("WebConsole"),
    tests("HTTPAPI", "Access", "MediaTime", log),
    tests("DeviceSimulator", "GBCore", "SIPCore", "SDPCore", "RTPCore", "MPEGCore", "WireBytes", "MediaTime"),
    tests("SimulatorScenario", "DeviceSimulator", "GBCore", "MPEGCore", "TestSupport"),
    tests(
      "Conformance", "GBCore", "MPEGCore", "SIPCore", "SDPCore", "Cryptography", "TestSupport", nio, posix),
    tests("LoadGenerator"), tests("FuzzTargets", "TestSupport"),
    tests(
      "Server", "AccessLog", "LogTree", "LogStore", "LogVerifier", "DeviceSimulator", "SimulatorScenario",
      "TestSupport", "COpenSSL"),
  ],
  cLanguageStandard: .c2x
)
