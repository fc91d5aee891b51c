import Foundation
import Glibc
import Server

/// The server that runs on a data folder, if one does.
struct RunningServer {
  let host: String
  let port: Int

  /// - Returns: nil unless a server announced itself in the folder and its process lives.
  init?(folder: String) {
    guard let data = FileManager.default.contents(atPath: folder + "/run.json"),
      let object = try? JSONDecoder().decode(RunFile.self, from: data), kill(object.process, 0) == 0
    else { return nil }
    (host, port) = (object.host, object.http)
  }
}
