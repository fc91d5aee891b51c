// swift-tools-version: 6.2
//
// Micro-benchmarks of the parsers and writers that the hot paths consist of, and of decisions about
// access. A package of its own, so that nobody who builds the product needs the benchmark library. `Sources/Core` and
// `Sources/Domain` are links.
import PackageDescription

let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// As in the main package: spans of our own memory, and its release settings.
let coreSettings =
  house + [
    .enableExperimentalFeature("Lifetimes"),
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
  ]

func domain(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Domain/\(name)", swiftSettings: coreSettings)
}
func core(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Core/\(name)", swiftSettings: coreSettings)
}

let package = Package(
  name: "tributary-benchmarks",
  dependencies: [.package(url: "https://github.com/google/swift-benchmark", from: "0.1.2")],
  targets: [
    core("WireBytes"),
    core("MediaTime"),
    core("SIPCore", "WireBytes"),
    core("SDPCore", "WireBytes"),
    core("GBCore", "SIPCore", "SDPCore", "WireBytes", "MediaTime"),
    core("RTPCore", "WireBytes", "MediaTime"),
    core("MPEGCore", "WireBytes", "MediaTime"),
    core("MP4Core", "MPEGCore", "WireBytes", "MediaTime"),
    core("LevelCore", "GBCore", "WireBytes", "MediaTime"),
    domain("Access", "GBCore", "LevelCore", "MediaTime"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Access", "SIPCore", "SDPCore", "GBCore", "RTPCore", "MPEGCore", "MP4Core", "WireBytes", "MediaTime",
        .product(name: "Benchmark", package: "swift-benchmark"),
      ],
      swiftSettings: house),
  ]
)
