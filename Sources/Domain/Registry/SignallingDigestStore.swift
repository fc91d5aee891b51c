public import GBCore

/// Where the signalling digests that were agreed with devices survive a restart (GB/T 28181 §8.3).
public protocol SignallingDigestStore: Sendable {
  /// Stores or (nil) removes the digest of a known device, its seed encrypted at rest. Unknown codes are ignored.
  func setSignallingDigest(_ digest: SignallingDigest?, of id: DeviceID) async throws
  /// The digests of all devices that have one.
  func signallingDigests() async throws -> [DeviceID: SignallingDigest]
}
