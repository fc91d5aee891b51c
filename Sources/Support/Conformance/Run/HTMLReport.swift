import Foundation

/// The report for people: one file that needs nothing else, light or dark, in English and Chinese.
public enum HTMLReport {
  public static func page(_ report: RunReport) -> String {
    var html = head
    html += "<body><header><h1>GB/T 28181 conformance · 一致性测试</h1>"
    html += "<p>\(escaped(report.server)) · \(escaped(report.lower)) · "
    html += "\(report.started.formatted(.iso8601)) · \(Int(report.seconds)) s</p>"
    html += summary(report.counts)
    html += filters
    html += "</header><main>"
    for list in CaseList.allCases {
      let cases = report.cases.filter { $0.list == list }
      if !cases.isEmpty { html += table(list, cases) }
    }
    return html + "</main>\(script)</body></html>\n"
  }

  private static func summary(_ counts: RunCounts) -> String {
    """
    <p class="counts"><b class="pass">\(counts.pass) passed 通过</b> <b class="fail">\(counts.fail) failed 失败 \
    (\(counts.mandatoryFailures) mandatory 必选)</b> <b class="skip">\(counts.skip) skipped 跳过</b></p>
    """
  }

  private static let filters = """
    <p class="filters"><label>Result 结果 <select id="result"><option value="">all 全部</option>
    <option value="fail">failed 失败</option><option value="pass">passed 通过</option>
    <option value="skip">skipped 跳过</option></select></label>
    <label>Edition 版本 <select id="edition"><option value="">all 全部</option><option>2016</option>
    <option>2022</option></select></label>
    <label>Search 搜索 <input id="search" type="search"></label></p>
    """

  private static func table(_ list: CaseList, _ cases: [CaseReport]) -> String {
    let title =
      switch list {
      case .upLink: "U · the lower platform under test 上联"
      case .downLink: "D · the server under test 下联"
      case .robustness: "R · robustness and security 健壮性与安全"
      }
    let rows = cases.map(row).joined()
    return "<section><h2>\(title)</h2>\(rows)</section>"
  }

  private static func row(_ test: CaseReport) -> String {
    let result = test.outcome.result.rawValue
    var html =
      "<details class=\"case \(result)\" data-result=\"\(result)\" data-edition=\"\(test.edition.rawValue)\">"
    html +=
      "<summary><span class=\"result\">\(result)</span> <b>\(test.id)</b> <i>\(test.edition.rawValue)</i> "
    html += "\(escaped(test.title)) <span lang=\"zh\">\(escaped(test.titleChinese))</span>"
    if !test.isMandatory { html += " <small>optional 可选</small>" }
    if let cause = test.outcome.cause { html += "<p class=\"cause\">\(escaped(cause))</p>" }
    html += "</summary><dl>"
    let facts: [(String, String?)] = [
      ("Clause 条款", test.clause), ("Tester plays 测试方角色", test.role.rawValue), ("Sends 发送", test.sends),
      ("Expects 期望", test.expects), ("Peer 被测方", test.peer), ("Expected here 此处应为", test.outcome.expected),
      ("Came 实际", test.outcome.came), ("Took 用时", "\(test.seconds) s"),
    ]
    for case (let name, let value?) in facts { html += "<dt>\(name)</dt><dd>\(escaped(value))</dd>" }
    return html + "</dl>\(ladder(test.ladder))</details>"
  }

  private static func ladder(_ entries: [LadderEntry]) -> String {
    var html = "<ol class=\"ladder\">"
    for entry in entries {
      let arrow =
        switch entry.direction {
        case .sent: "→"
        case .received: "←"
        case .note: "·"
        }
      let head = "<time>\(entry.time)</time> \(arrow) \(escaped(entry.party)) \(entry.transport) "
      html += "<li class=\"\(entry.direction.rawValue)\">"
      if entry.direction == .note {
        html += head + "<em>\(escaped(entry.text))</em></li>"
      } else {
        html += "<details><summary>\(head)\(escaped(entry.summary))</summary>"
        html += "<pre>\(escaped(entry.text))</pre></details></li>"
      }
    }
    return html + "</ol>"
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\r": continue
      case _ where scalar.value < 32: result += "�"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static let head = """
    <!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>GB/T 28181 conformance</title><style>
    :root { color-scheme: light dark; --line: #8884; --pass: #1a7f37; --fail: #cf222e; --skip: #9a6700; }
    @media (prefers-color-scheme: dark) { :root { --pass: #3fb950; --fail: #f85149; --skip: #d29922; } }
    body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem; }
    .case { border-bottom: 1px solid var(--line); padding: .35rem 0; }
    .case > summary { cursor: pointer; } .result { display: inline-block; min-width: 3rem; font-weight: 600; }
    .pass .result, b.pass { color: var(--pass); } .fail .result, b.fail { color: var(--fail); }
    .skip .result, b.skip { color: var(--skip); } .cause { margin: .2rem 0 .2rem 3.3rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin-left: 3.3rem; }
    dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
    .ladder { list-style: none; padding: 0 0 0 3.3rem; } .ladder time { opacity: .6; }
    pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; padding: .5rem; }
    .filters label { margin-right: 1rem; } [hidden] { display: none; }
    </style></head>
    """

  private static let script = """
    <script>
    const fields = ["result", "edition", "search"].map(id => document.getElementById(id));
    function filter() {
      const [result, edition, search] = fields.map(field => field.value.toLowerCase());
      for (const row of document.querySelectorAll(".case")) {
        const text = row.firstElementChild.textContent.toLowerCase();
        row.hidden = (result && row.dataset.result !== result) || (edition && row.dataset.edition !== edition)
          || (search && !text.includes(search));
      }
    }
    for (const field of fields) field.addEventListener("input", filter);
    </script>
    """
}
