import Foundation
import Testing

@testable import Conformance

/// The whole program against itself, in a few quick cases of every list; the whole run is CI's.
@Suite("The tester against this program")
struct SelfTests {
  @Test("Quick cases of all lists pass in both editions, a line of JSON each, and the exit code says so")
  func quick() throws {
    let program = try #require(Self.program, "the program is not built")
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["conform", "--peer", "self", "--cases", "U1,U9,U12,D1,D2,D5,D8,R2-R4,R14", "--json"]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let lines = text.split(separator: "\n").map(String.init)
    let cases = lines.dropLast()
    #expect(cases.count == 22)
    #expect(cases.allSatisfy { $0.contains(#""result":"pass""#) }, "\(text)")
    #expect(lines.last == #"{"fail":0,"mandatoryFailures":0,"mandatorySkips":0,"pass":22,"skip":0}"#)
    #expect(process.terminationStatus == 0)
  }

  /// Beside the test bundle, or beside the bundle's folder.
  private static var program: String? {
    let bundle = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
    return [bundle, bundle.deletingLastPathComponent()]
      .map { $0.appendingPathComponent("tributary").path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
