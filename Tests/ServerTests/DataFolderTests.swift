import Foundation
import GBCore
import GRDB
import MediaTime
import Registry
import Testing

@testable import Server

@Suite("The data folder")
struct DataFolderTests {
  private func failure(_ path: String) -> String {
    do {
      try DataFolder(path: path).close()
      return "no error"
    } catch let error as StartError { return error.description } catch { return "another error: \(error)" }
  }

  @Test("it makes what is missing, keeps secrets to itself, and opens again")
  func opens() async throws {
    try await Folder.with { root in
      let path = root + "/a/b"
      let folder = try DataFolder(path: path)
      let device = try #require(DeviceID("34020000001180000001"))
      try await folder.registry.save([Device(id: device, name: "Gate", added: SystemClock.wall())])
      try await folder.registry.setPassword("pa55", of: device)
      folder.close()
      for name in ["/keys/secrets.key", "/tributary.db"] {
        let mode = try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int
        #expect(mode == 0o600, "\(name)")
      }
      let stored = try Data(contentsOf: URL(fileURLWithPath: path + "/tributary.db"))
      #expect(stored.range(of: Data("pa55".utf8)) == nil)
      let again = try DataFolder(path: path)
      #expect(try await again.registry.passwords() == [device: "pa55"])
      #expect(try await again.check().isEmpty)
      again.close()
    }
  }

  @Test("a folder that cannot be made, and one without permission, say what to do")
  func unwritable() async throws {
    try await Folder.with { root in
      #expect(FileManager.default.createFile(atPath: root + "/file", contents: Data()))
      for path in [root + "/file/data", root + "/file", "/proc/tributary"] {
        let text = failure(path)
        #expect(text.contains(path) && text.contains("--data") && !text.contains("\n"), "\(text)")
      }
    }
  }

  @Test("a damaged key file, a key of another installation and a newer database are refused")
  func refuses() async throws {
    try await Folder.with { root in
      try DataFolder(path: root).close()
      let key = root + "/keys/secrets.key"
      let good = try Data(contentsOf: URL(fileURLWithPath: key))
      try Data("short".utf8).write(to: URL(fileURLWithPath: key))
      #expect(failure(root).contains("key file"))
      try good.write(to: URL(fileURLWithPath: key))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
      try await DatabaseQueue(path: root + "/tributary.db").write { database in
        try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('999-from-the-future')")
      }
      #expect(failure(root).contains("later version"))
      try Data("this is no database at all".utf8).write(to: URL(fileURLWithPath: root + "/tributary.db"))
      #expect(failure(root).contains("tributary.db"))
    }
  }

  @Test("a change that is announced is seen by everybody who has the folder open")
  func generation() async throws {
    try await Folder.with { root in
      let server = try DataFolder(path: root)
      let command = try DataFolder(path: root)
      let before = try await server.generation()
      try await command.announceChange()
      let after = try await server.generation()
      #expect(before != after)
      try await command.announceChange()
      #expect(try await server.generation() != after)
      #expect(server.lastAlive() == nil)
      server.markAlive()
      #expect(try #require(command.lastAlive()) <= SystemClock.wall())
      server.close()
      command.close()
    }
  }
}
