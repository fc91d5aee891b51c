import Foundation
import Testing

@testable import Conformance

@Suite("Reports and selections of the tester")
struct ReportTests {
  private func report(_ result: CaseOutcome.Result, mandatory: Bool = true, cause: String? = nil)
    -> CaseReport
  {
    CaseReport(
      id: "D1", list: .downLink, title: "Accept", titleChinese: "接受注册", clause: "9.1", isMandatory: mandatory,
      role: .device, sends: "REGISTER", expects: "200", edition: .edition2022, peer: "somebody",
      outcome: CaseOutcome(result: result, cause: cause), seconds: 1.5,
      ladder: [
        LadderEntry(
          time: 0.1, direction: .received, party: "device 1", transport: "udp",
          text: "MESSAGE sip:a SIP/2.0\r\n\r\n<Query><CmdType>Catalog</CmdType></Query>")
      ])
  }

  private func run(_ cases: [CaseReport]) -> RunReport {
    RunReport(
      server: "a <server>", lower: "b", started: Date(timeIntervalSince1970: 0), seconds: 2, cases: cases,
      counts: RunCounts(cases))
  }

  @Test("A line of JSON has the case, its result, its clause, and a cause that is null for a pass")
  func line() throws {
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(ReportLines.line(report(.pass)).utf8)) as? [String: Any])
    #expect(object["case"] as? String == "D1")
    #expect(object["result"] as? String == "pass")
    #expect(object["edition"] as? String == "2022")
    #expect(object["clause"] as? String == "9.1")
    #expect(object["cause"] is NSNull)
    let failed = ReportLines.line(report(.fail, cause: "no \"algorithm\""))
    #expect(failed.contains(#""cause":"no \"algorithm\"""#))
  }

  @Test("The exit code is 0 only when every mandatory case passed and some case ran")
  func exitCode() {
    #expect(run([report(.pass)]).exitCode == 0)
    #expect(run([report(.pass), report(.fail, mandatory: false)]).exitCode == 0)
    #expect(run([report(.pass), report(.skip, mandatory: false)]).exitCode == 0)
    #expect(run([report(.pass), report(.skip)]).exitCode == 1)
    #expect(run([report(.pass), report(.fail)]).exitCode == 1)
    #expect(run([report(.skip)]).exitCode == 1)
    #expect(run([]).exitCode == 1)
  }

  @Test("The last line has the counts")
  func counts() {
    let counts = RunCounts([report(.pass), report(.fail), report(.fail, mandatory: false), report(.skip)])
    #expect(
      ReportLines.last(counts) == #"{"fail":2,"mandatoryFailures":1,"mandatorySkips":1,"pass":1,"skip":1}"#)
  }

  @Test("The page escapes what peers say, shows every message, and needs no other file")
  func page() {
    let html = HTMLReport.page(run([report(.fail, cause: "came <script>alert(1)</script> & more")]))
    #expect(html.contains("came &lt;script&gt;alert(1)&lt;/script&gt; &amp; more"))
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("a &lt;server&gt;"))
    #expect(html.contains("MESSAGE sip:a SIP/2.0 · Catalog"))
    #expect(html.contains("&lt;Query&gt;&lt;CmdType&gt;Catalog"))
    #expect(html.contains("接受注册"))
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("src="))
  }

  @Test("The whole report survives JSON")
  func document() throws {
    let bytes = try ReportLines.document(run([report(.fail, cause: "why")]))
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let back = try decoder.decode(RunReport.self, from: Data(bytes))
    #expect(back.cases.first?.outcome.cause == "why")
    #expect(back.cases.first?.ladder.first?.direction == .received)
    #expect(back.counts.fail == 1)
  }

  @Test("Cases are chosen by number, by range and by list")
  func selection() throws {
    let chosen = try #require(CaseSelection("d1,D10-D12,R"))
    let ids = ConformCatalogue.all.filter { chosen.contains($0) }.map(\.id)
    #expect(ids.starts(with: ["D1", "D10", "D11", "D12"]))
    #expect(ids.dropFirst(4).allSatisfy { $0.hasPrefix("R") })
    let unwanted = try #require(CaseSelection("D11-D12,R2"))
    let rest = ConformCatalogue.all.filter { chosen.excluding(unwanted).contains($0) }
    #expect(rest.map(\.id) == ids.filter { !["D11", "D12", "R2"].contains($0) })
    for wrong in ["", "X1", "D5-D2", "D1-R2", "D0", "D1-", "Dx"] {
      #expect(CaseSelection(wrong) == nil, "\(wrong)")
    }
  }

  @Test("The lists are whole: U1 to U45, D1 to D30, R1 to R16")
  func lists() {
    let ids = Set(ConformCatalogue.all.map(\.id))
    #expect(ids == Set((1...45).map { "U\($0)" } + (1...30).map { "D\($0)" } + (1...16).map { "R\($0)" }))
  }

  @Test("Every case has a number of its own, both titles, a clause, and says what it sends and expects")
  func catalogue() {
    let all = ConformCatalogue.all
    #expect(Set(all.map(\.id)).count == all.count)
    for test in all {
      #expect(!test.title.isEmpty && !test.titleChinese.isEmpty && !test.clause.isEmpty, "\(test.id)")
      #expect(!test.sends.isEmpty && !test.expects.isEmpty && !test.editions.isEmpty, "\(test.id)")
    }
  }

  @Test("A long ladder keeps its beginning and its end and says how much is between")
  func ladder() {
    let ladder = Ladder()
    let count = Ladder.keptFirst + Ladder.keptLast + 50
    for number in 0..<count { ladder.add(.sent, "a", "udp", "message \(number)") }
    let entries = ladder.entries
    #expect(entries.count == Ladder.keptFirst + Ladder.keptLast + 1)
    #expect(entries.first?.text == "message 0")
    #expect(entries.last?.text == "message \(count - 1)")
    #expect(entries[Ladder.keptFirst].text == "50 messages left out")
  }

  @Test("A missing function fails a case, an action that nobody can do skips it")
  func outcomes() async {
    let missing = await ConformRun.outcome { throw ActionFailure.missing("no function for presets") }
    #expect(missing.result == .fail && missing.cause == "the peer has no function for presets")
    let nobody = await ConformRun.outcome { throw ActionFailure.notPossible("needs a person") }
    #expect(nobody.result == .skip && nobody.cause == "needs a person")
    let failed = await ConformRun.outcome { throw CaseFailure(cause: "late", expected: "a", came: "b") }
    #expect(failed == CaseOutcome(result: .fail, cause: "late", expected: "a", came: "b"))
    #expect(await ConformRun.outcome {}.result == .pass)
  }
}
