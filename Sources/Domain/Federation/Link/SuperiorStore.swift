public import GBCore

/// A superior with the password of our account there.
public struct SuperiorAccount: Sendable, Hashable {
  public var superior: Superior
  public var password: String

  public init(_ superior: Superior, password: String) {
    (self.superior, self.password) = (superior, password)
  }
}

/// Where superiors are kept, and under which codes they know things.
public protocol SuperiorStore: Sendable {
  func superiors() async throws -> [SuperiorAccount]
  /// Inserts or replaces.
  func saveSuperior(_ account: SuperiorAccount) async throws
  /// Removes it with the codes it knows.
  func deleteSuperior(_ id: DeviceID) async throws
  func codes(of superior: DeviceID) async throws -> [CodeMap.Assignment]
  /// Writes changed rows; one without a code is removed.
  func saveCodes(_ rows: [CodeMap.Assignment], of superior: DeviceID) async throws
}

/// Where is kept what the links to neighbours below were declared with.
public protocol LinkStore: Sendable {
  func lowerLinks() async throws -> [DeviceID: LinkLedger.Declaration]
  /// Nil forgets it.
  func saveLowerLink(_ declaration: LinkLedger.Declaration?, of device: DeviceID) async throws
}
