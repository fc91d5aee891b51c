import Access
import AccessLog
import Foundation
import HTTPAPI
import LogStore
import LogTree
import LogVerifier
import MediaTime
import Synchronization
import Testing

@testable import Server

@Suite("The access log of a running server", .serialized)
struct AccessLogTests {
  private static let channel = "34020000001110000001_34020000001310000001"

  private func look(_ user: String, _ kind: LookKind = .live) -> LookRecord {
    LookRecord(
      user: user, role: .operator, channel: Self.channel, kind: kind, purpose: "at the gate, =1+1",
      source: "192.0.2.7", started: SystemClock.wall())
  }

  private func list(_ server: RunningServer, _ query: String) async throws -> [API.LoggedEntry] {
    try await server.http.json("GET", "/api/v1/access-log?\(query)", as: API.Page<API.LoggedEntry>.self).items
  }

  private func keys(_ server: RunningServer) async throws -> [NoteVerifier] {
    let head = try await server.http.json("GET", "/api/v1/access-log/head", as: API.LogHead.self)
    return try head.keys.map { try #require(NoteVerifier(text: $0, hasher: LogSigner.hasher)) }
  }

  @Test("looks, changes and refusals are found, proved, put into the register and forgotten")
  func wholeWay() async throws {
    try await RunningServer.with { server in
      let id = try await server.services.looks.begin(look("wang"))
      await server.services.looks.end(id)
      _ = try await server.services.looks.begin(look("li", .export))
      try await server.http.send(
        "POST", "/api/v1/users", ["name": "new", "role": "operator", "password": "long enough 1"])
      let (secret, _) = try await server.services.gatekeeper.addToken(name: "eye", role: .auditor, by: "test")
      let eye = HTTPClient(port: server.http.port, token: secret)
      #expect(try await eye.send("POST", "/api/v1/users", ["name": "x"]).status == 403)

      let watched = try await list(server, "channel=\(Self.channel)")
      #expect(watched.map(\.kind) == ["export", "look-end", "look-begin"])
      let begin = try #require(watched.last)
      #expect(begin.persons == ["user": "wang", "source": "192.0.2.7", "words": "at the gate, =1+1"])
      #expect(watched[1].facts["begin"] == String(begin.number) && watched[1].facts["seconds"] != nil)
      let change = try #require(try await list(server, "kind=configuration").first)
      #expect(
        change.facts["object"] == "users" && change.facts["operation"] == "POST"
          && change.persons["user"] == "test")
      let denial = try #require(try await list(server, "kind=denial&user=eye").first)
      #expect(denial.facts["reason"] == "permission:manageAccounts")
      #expect(try await list(server, "kind=start,key").map(\.kind) == ["key", "start", "key"])

      let proof = try await eye.request("GET", "/api/v1/access-log/entries/\(begin.number)/proof")
      let examination = try #require(
        ProofExamination(text: proof.text, keys: try await keys(server), tools: LogSigner.tools))
      #expect(examination.run().verdict == .good && examination.index == begin.number)

      let register = try await eye.request("GET", "/api/v1/access-log?format=register&language=zh").text
      let rows = register.split(separator: "\r\n")
      #expect(rows.count == 3 && rows[0].contains("调取人") && rows[1].contains("wang"))
      #expect(rows[1].contains("\"at the gate, =1+1\""))

      let path = "/api/v1/access-log/entries/\(begin.number)"
      #expect(try await eye.send("POST", path + "/erasure", ["reason": "asked for"]).status == 403)
      #expect(try await server.http.send("POST", path + "/erasure", ["reason": "asked for"]).status == 204)
      let erased = try await server.http.json("GET", path, as: API.LoggedEntry.self)
      #expect(erased.erased && erased.persons.isEmpty && erased.facts["channel"] == Self.channel)
      #expect(try await list(server, "user=wang").map(\.kind) == ["look-end"])
      #expect(try await server.http.send("GET", "/api/v1/access-log/entries/99999").status == 404)
      #expect(try await server.http.send("GET", "/api/v1/access-log?kind=nothing").status == 400)
    }
  }

  @Test("the log goes on over a restart, its copy verifies, and a changed copy does not")
  func restart() async throws {
    try await Folder.with { folder in
      var server = try await RunningServer.start(folder: folder)
      let early = try await server.http.request("GET", "/api/v1/access-log/checkpoint").text
      let head = try #require(SignedNote(text: early).flatMap { Checkpoint(body: $0.body) })
      let known = try await keys(server)
      try await server.stop()
      try FileManager.default.removeItem(atPath: folder + "/log-index.db")
      server = try await RunningServer.start(folder: folder)
      let growth = try await server.http.request("GET", "/api/v1/access-log/consistency?from=\(head.size)")
      let request = try #require(Witness.Request(text: growth.text))
      let now = try #require(Checkpoint(body: request.note.body))
      #expect(
        now.size > head.size
          && LogProof.isConsistent(
            from: head.size, root: head.root, to: now.size, root: now.root, proof: request.proof,
            hasher: LogSigner.hasher)
      )
      #expect(try await list(server, "kind=start").count == 2)
      try await server.stop()
      let earlier = SignedNote(text: early)
      func examine() -> LogReport {
        LogExamination(folder: folder + "/log", keys: known, earlier: earlier, tools: LogSigner.tools).run()
      }
      let report = examine()
      #expect(report.verdict == .good && report.earlierSize == head.size, "\(report.findings)")
      let url = URL(filePath: folder + "/log/entries")
      var bytes = try Data(contentsOf: url)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: url)
      #expect(examine().verdict == .integrity)
    }
  }

  @Test("when the log cannot be written nothing is done that must be logged")
  func unavailable() async throws {
    try await RunningServer.with { server in
      try server.services.accessLog.store.close()
      await #expect(throws: Problem.accessLogUnavailable) {
        try await server.services.looks.begin(look("wang"))
      }
      let answer = try await server.http.send(
        "POST", "/api/v1/users", ["name": "new", "role": "operator", "password": "long enough 1"])
      #expect(answer.status == 503 && answer.text.contains("/problems/access-log-unavailable"))
      #expect(!server.services.gatekeeper.accounts().contains { $0.name == "new" })
      #expect(try await server.http.send("GET", "/api/v1/access-log").status == 200)
    }
  }

  @Test("orders of one hand on one camera are one entry at its beginning and one with their count")
  func runs() async throws {
    try await RunningServer.with { server in
      let now = Mutex(MonotonicTime(nanoseconds: 0))
      let journal = ServerJournal(log: server.services.accessLog) { now.withLock { $0 } }
      let principal = Principal(name: "wang", role: .operator, kind: .user, credential: "c1", expires: nil)
      let order = JournalAction(
        principal: principal, source: "192.0.2.7", permission: .control, verb: "POST",
        path: "/api/v1/channels/\(Self.channel)/ptz", id: Self.channel)
      for _ in 0..<20 {
        try await journal.willDo(order)
        now.withLock { $0 = $0 + .milliseconds(250) }
      }
      await journal.settle()
      #expect(try await list(server, "kind=control").count == 1)
      now.withLock { $0 = $0 + .seconds(6) }
      await journal.settle()
      let entries = try await list(server, "kind=control")
      #expect(entries.count == 2 && entries[0].facts["count"] == "20" && entries[0].facts["seconds"] == "5")
      #expect(
        entries[0].facts["begin"] == String(entries[1].number) && entries[1].facts["operation"] == "ptz")
      try await journal.willDo(order)
      await journal.settle(all: true)
      #expect(try await list(server, "kind=control").count == 3)
    }
  }
}
