import Foundation
import LogTree
import TestSupport
import Testing

@testable import LogStore

/// A process that appends and is killed, again and again.
@Suite("Killed while it appends") struct KillTests {
  private static let childFolder = ProcessInfo.processInfo.environment["TRIBUTARY_TEST_LOG"]

  @Test("(child of the next test) appends until it is killed", .enabled(if: childFolder != nil))
  func appendsUntilKilled() async throws {
    let folder = try #require(Self.childFolder)
    let material = Material(at: folder)
    let store = try LogStore(material.configuration)
    let journal = Journal(try FileHandle(forWritingTo: URL(filePath: material.folder + ".journal")))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<100_000 {
            let word = "\(UInt64.random(in: 0 ... .max))"
            let index = try await store.append(LogRecord(entry: Array(word.utf8), beside: Array(word.utf8)))
            // Acknowledged: from now on it must be there.
            try await journal.write("\(index) \(word)\n")
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("kill -9 at any moment loses no acknowledged entry, forks nothing and leaves no head that is ahead")
  func killed() async throws {
    let material = Material()
    let journal = material.folder + ".journal"
    _ = FileManager.default.createFile(atPath: journal, contents: nil)
    defer {
      material.remove()
      try? FileManager.default.removeItem(atPath: journal)
    }
    var acknowledged: [UInt64: String] = [:]
    var before: (size: UInt64, root: LogHash)?
    for round in 0..<6 {
      try Data().write(to: URL(filePath: journal))
      let child = try start(material)
      func lines() -> [Substring] {
        let text = (try? String(contentsOfFile: journal, encoding: .utf8)) ?? ""
        return Array(text.split(separator: "\n", omittingEmptySubsequences: false).dropLast())
      }
      #expect(await eventually { lines().count > 20 + 31 * round })
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
      for line in lines() {
        let words = line.split(separator: " ")
        let index = try #require(UInt64(words[0]))
        #expect(acknowledged[index] == nil)
        acknowledged[index] = String(words[1])
      }
      let store = try material.open()
      for (index, word) in acknowledged {
        let record = try store.record(index)
        #expect(record.entry == Array(word.utf8) && record.beside == Array(word.utf8))
      }
      if let before { #expect(try store.root(of: before.size) == before.root) }
      before = (store.state.size, store.state.root)
      #expect(store.state.signedSize <= store.state.size)
    }
    #expect(acknowledged.count > 120)
  }

  private func start(_ material: Material) throws -> Process {
    let child = Process()
    child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = Self.childArguments
    child.environment = ProcessInfo.processInfo.environment.merging(["TRIBUTARY_TEST_LOG": material.folder]) {
      $1
    }
    child.standardOutput = FileHandle.nullDevice
    child.standardError = FileHandle.nullDevice
    try child.run()
    return child
  }

  /// This test runner again, for the one test above.
  private static var childArguments: [String] {
    var arguments: [String] = []
    var skipsNext = false
    for argument in CommandLine.arguments.dropFirst() {
      if skipsNext {
        skipsNext = false
      } else if ["--filter", "--skip"].contains(argument) {
        skipsNext = true
      } else {
        arguments.append(argument)
      }
    }
    return arguments + ["--filter", "appendsUntilKilled"]
  }
}

/// What was acknowledged, line by line.
private actor Journal {
  private let file: FileHandle
  init(_ file: FileHandle) { self.file = file }
  func write(_ line: String) throws { try file.write(contentsOf: Data(line.utf8)) }
}
