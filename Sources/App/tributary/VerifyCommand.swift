import AccessLog
import ArgumentParser
import Foundation
import LogTree
import LogVerifier
import MediaTime
import Server

/// Offline examination: needs no server, no network and no database, and writes nothing.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Examine what was handed out, without the server that made it.",
    subcommands: [Log.self])

  struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "log", abstract: "Examine a copy of an access log, or the proof of one entry.",
      discussion: """
        Exit codes: 0 good; 1 changed or damaged; 2 nothing changed, but something is not covered by the head; \
        3 the signatures cannot be trusted; 4 no access log.
        """)

    @Argument(help: "The folder of a log (data/log or a copy), or a file with the proof of one entry.")
    var path: String
    @Option(help: "The key that you trust, as the owner told you (name+number+key). May be repeated.")
    var key: [String] = []
    @Option(help: "A file with an earlier head: the log must go on from it.")
    var from: String?
    @Option(help: "en or zh; by default the terminal's.") var language: DoctorCommand.Speech = .ofTerminal
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let keys = try key.map(readKey)
      let earlier = try from.map(readHead)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw ConfigurationError("there is no '\(path)'")
      }
      let report: LogReport
      if isFolder.boolValue {
        report = LogExamination(folder: path, keys: keys, earlier: earlier, tools: LogSigner.tools).run()
      } else {
        report = try examineProof(keys)
      }
      if json {
        sayJSON(VerifiedLog(report))
      } else {
        for sentence in report.sentences(language == .zh ? .chinese : .english) { say(sentence) }
      }
      if report.verdict != .good { throw ExitCode(report.verdict.rawValue) }
    }

    private func readKey(_ text: String) throws -> NoteVerifier {
      guard let key = NoteVerifier(text: text, hasher: LogSigner.hasher) else {
        throw ConfigurationError(
          "'\(text)' is no key: name+number+key, as GET /api/v1/access-log/key shows it")
      }
      return key
    }

    private func readHead(_ file: String) throws -> SignedNote {
      guard let text = try? String(contentsOfFile: file, encoding: .utf8), let note = SignedNote(text: text)
      else {
        throw ConfigurationError("'\(file)' is no signed head of a log")
      }
      return note
    }

    private func examineProof(_ keys: [NoteVerifier]) throws -> LogReport {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= LogProofText.longest, let text = try? String(contentsOfFile: path, encoding: .utf8),
        let proof = ProofExamination(text: text, keys: keys, tools: LogSigner.tools)
      else {
        json
          ? sayJSON(["verdict": "malformed"])
          : say(language == .zh ? "✘ 不是日志证明文件。" : "✘ This is no proof of an entry.")
        throw ExitCode(LogReport.Verdict.malformed.rawValue)
      }
      if !json, let entry = proof.entry {
        say(language == .zh ? "第 \(proof.index) 条：" : "Entry \(proof.index):")
        say(String(decoding: entry, as: UTF8.self))
      }
      return proof.run()
    }
  }
}

/// What `--json` prints.
private struct VerifiedLog: Encodable {
  struct Finding: Encodable {
    let verdict: String
    let en: String
    let zh: String
  }
  struct Signer: Encodable {
    let name: String
    let witness: Bool
    let time: String?
  }

  let verdict: String
  let origin: String
  let entries: UInt64
  let headSize: UInt64
  let root: String?
  let first: String?
  let last: String?
  let erased: UInt64
  let earlierSize: UInt64?
  let keyGiven: Bool
  let kinds: [String: UInt64]
  let signers: [Signer]
  let findings: [Finding]
  let moreFindings: Int

  init(_ report: LogReport) {
    (verdict, origin, entries) = (report.verdict.name, report.origin, report.entries)
    (headSize, root, erased) = (report.headSize, report.root?.description, report.erased)
    (first, last) = (report.first?.rfc3339, report.last?.rfc3339)
    (earlierSize, keyGiven, kinds) = (report.earlierSize, report.isKeyGiven, report.kinds)
    signers = report.signers.map { Signer(name: $0.name, witness: $0.isWitness, time: $0.time?.rfc3339) }
    findings = report.findings.map { Finding(verdict: $0.verdict.name, en: $0.english, zh: $0.chinese) }
    moreFindings = report.moreFindings
  }
}
