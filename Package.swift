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
]
/// Core and Domain also show every unsafe expression; the C-facing edges are unsafe by nature.
let pure: [SwiftSetting] = house + [.strictMemorySafety()]

enum Layer: String { case Core, Domain, Edge, App, Support }

func library(_ layer: Layer, _ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(layer.rawValue)/\(name)",
    swiftSettings: layer == .Core || layer == .Domain ? pure : house)
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
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
  ],
  targets: [
    // Core: bytes in, values out. No I/O, clock, log, Foundation or NIO.
    library(.Core, "WireBytes"),
    library(.Core, "MediaTime"),
    library(.Core, "SIPCore", "WireBytes"),
    library(.Core, "SDPCore", "WireBytes"),
    library(.Core, "GBCore", "SIPCore", "SDPCore", "WireBytes", "MediaTime"),
    library(.Core, "RTPCore", "WireBytes", "MediaTime"),
    library(.Core, "MPEGCore", "WireBytes", "MediaTime"),
    library(.Core, "MP4Core", "MPEGCore", "WireBytes", "MediaTime"),

    // Domain: what the network means. Decides, never performs.
    library(.Domain, "Registry", "GBCore", "MediaTime"),
    library(.Domain, "Access", "MediaTime"),
    library(.Domain, "Streaming", "GBCore", "Registry", "MPEGCore", "MediaTime"),
    library(.Domain, "Recording", "Registry", "MPEGCore", "MP4Core", "MediaTime"),

    // Edge: one outside thing each. Performs what Domain decided.
    library(.Edge, "SIPTransport", "SIPCore", "MediaTime", nio, posix, log),
    cLibrary(.Edge, "CMediaIO"),
    library(
      .Edge, "MediaTransport", "Streaming", "Registry", "RTPCore", "MPEGCore", "MP4Core", "WireBytes", "MediaTime", "CMediaIO"),
    library(.Edge, "SegmentStore", "Recording", "Streaming", "Registry", "GBCore", "MP4Core", "MPEGCore", "WireBytes", "MediaTime", "CMediaIO"),
    library(
      .Edge, "StoreSQLite", "Registry", "GBCore", "Access", "Recording", "MPEGCore", "MediaTime", grdb),
    .systemLibrary(name: "COpenSSL", path: "Sources/Edge/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    library(.Edge, "Cryptography", "COpenSSL"),
    library(.Edge, "CharacterSets"),
    .systemLibrary(
      name: "CFFmpeg", path: "Sources/Edge/CFFmpeg", pkgConfig: "libavformat libavcodec libswscale libswresample libavutil",
      providers: [.apt(["libavcodec-dev", "libavformat-dev", "libswscale-dev", "libswresample-dev"])]),
    library(.Edge, "Codec", "MPEGCore", "WireBytes", "MediaTime", "CFFmpeg"),
    .target(name: "CWebAssets", path: "Sources/Edge/CWebAssets", exclude: ["make-assets.py"]),
    library(.Edge, "WebConsole", "CWebAssets"),
    library(
      .Edge, "HTTPAPI", "Access", "MediaTime", hummingbird, hummingbirdCore, httpTypes, nio, posix, log),

    // App: wiring only. The one place that knows every module.
    library(
      .App, "Server", "SIPTransport", "MediaTransport", "SegmentStore", "StoreSQLite", "Cryptography", "CharacterSets",
      "Codec", "HTTPAPI", "WebConsole", "Registry", "Access", "Streaming", "Recording", "GBCore", "SIPCore", "SDPCore", "RTPCore",
      "MPEGCore", "MP4Core", "MediaTime", "WireBytes", lifecycle, log, nio, posix, yams),
    .executableTarget(
      name: "tributary",
      dependencies: [
        "Server", "DeviceSimulator", "LoadGenerator", "Codec", "HTTPAPI", "StoreSQLite", "SegmentStore", "Registry",
        "Access", "Recording", "Streaming", "MediaTransport", "GBCore", "MP4Core", "MPEGCore", "MediaTime", "WireBytes",
        "CharacterSets", "Cryptography", argumentParser, log, lifecycle,
      ],
      path: "Sources/App/tributary", swiftSettings: house),

    // Support: never linked into the server library.
    library(
      .Support, "DeviceSimulator", "GBCore", "SIPCore", "SDPCore", "RTPCore", "MPEGCore", "WireBytes", "MediaTime",
      nio, posix, log),
    cLibrary(.Support, "CLoad"),
    library(.Support, "LoadGenerator", "CLoad", "MPEGCore", "RTPCore", "WireBytes", "MediaTime"),
    library(.Support, "TestSupport", "MediaTime", "WireBytes"),
    library(
      .Support, "FuzzTargets", "SIPCore", "SDPCore", "GBCore", "RTPCore", "MPEGCore", "MP4Core", "WireBytes",
      "MediaTime"),

    tests("WireBytes"), tests("MediaTime"),
    tests("SIPCore", "TestSupport"), tests("SDPCore", "TestSupport"), tests("GBCore", "SIPCore", "SDPCore", "MediaTime", "TestSupport"),
    tests("RTPCore", "TestSupport"), tests("MPEGCore", "TestSupport"), tests("MP4Core", "TestSupport"),
    tests("Registry", "GBCore", "MediaTime", "TestSupport"), tests("Access", "MediaTime"), tests("Streaming", "GBCore", "MediaTime", "TestSupport"),
    tests("Recording", "TestSupport"),
    tests("SIPTransport", "SIPCore", "TestSupport"), tests("MediaTransport", "MPEGCore", "MediaTime", "RTPCore", "Streaming", "WireBytes", "TestSupport"),
    tests("SegmentStore", "TestSupport"), tests("StoreSQLite", "Registry", "GBCore", "Access", "Recording", "MPEGCore", "MediaTime", grdb),
    tests("Cryptography"), tests("CharacterSets"), tests("Codec", "MPEGCore", "MediaTime", "WireBytes"), tests("WebConsole"),
    tests("HTTPAPI", "Access", "MediaTime", log), tests("DeviceSimulator", "GBCore", "SIPCore", "SDPCore", "RTPCore", "MPEGCore", "WireBytes", "MediaTime"),
    tests("LoadGenerator"), tests("FuzzTargets", "TestSupport"), tests("Server", "DeviceSimulator", "TestSupport"),
  ],
  cLanguageStandard: .c2x
)
