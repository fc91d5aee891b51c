// swift-tools-version: 6.2
//
// The fuzzer: one libFuzzer executable over all targets of Sources/Support/FuzzTargets. A package of its own, so that
// nothing but the parsers is built with instrumentation. `Sources/Core` and `Sources/FuzzTargets` are links.
import PackageDescription

let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Spans of our own memory, as in the main package.
let spans: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

func core(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Core/\(name)", swiftSettings: house + spans)
}

let package = Package(
  name: "tributary-fuzz",
  targets: [
    core("WireBytes"),
    core("MediaTime"),
    core("LogTree", "WireBytes"),
    core("SIPCore", "WireBytes"),
    core("SDPCore", "WireBytes"),
    core("GBCore", "SIPCore", "SDPCore", "WireBytes", "MediaTime"),
    core("LevelCore", "GBCore", "WireBytes", "MediaTime"),
    core("RTPCore", "WireBytes", "MediaTime"),
    core("MPEGCore", "WireBytes", "MediaTime"),
    core("MP4Core", "MPEGCore", "WireBytes", "MediaTime"),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "SIPCore", "SDPCore", "GBCore", "RTPCore", "MPEGCore", "MP4Core", "LogTree", "LevelCore",
        "WireBytes", "MediaTime",
      ],
      path: "Sources/FuzzTargets", swiftSettings: house),
    // libFuzzer brings `main`.
    .executableTarget(
      name: "Fuzz", dependencies: ["FuzzTargets"], path: "Sources/Fuzz",
      swiftSettings: house + [.unsafeFlags(["-parse-as-library"])]),
  ]
)
