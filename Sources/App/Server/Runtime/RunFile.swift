import Foundation

/// What a running server writes into its data folder, so that commands find it.
public struct RunFile: Codable, Sendable {
  public var process: Int32
  /// Where this machine reaches the HTTP interface.
  public var host: String
  public var http: Int

  static func write(_ file: RunFile, to folder: String) {
    guard let data = try? JSONEncoder().encode(file) else { return }
    try? data.write(to: URL(fileURLWithPath: folder + "/run.json"), options: .atomic)
  }

  static func remove(from folder: String) { unlink(folder + "/run.json") }
}
