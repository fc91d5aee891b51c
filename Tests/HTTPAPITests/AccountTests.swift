import Access
import Foundation
import Testing

@testable import HTTPAPI

@Suite struct AccountTests {
  static let login = #"{"user":"root","password":"correct horse"}"#

  @Test("A log-in gives a token and a cookie that scripts cannot read and other sites cannot send")
  func signIn() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let answer = try client.request("POST", "/api/v1/session", body: Self.login)
      #expect(answer.status == 201)
      let session = try answer.json(API.SignedInSession.self)
      #expect(session.user == .init(name: "root", role: "administrator"))
      let cookie = try #require(answer.header("set-cookie"))
      #expect(cookie == "tributary_session=\(session.token); Path=/; HttpOnly; SameSite=Strict")
      let secure = try client.request(
        "POST", "/api/v1/session", headers: ["X-Forwarded-Proto": "https"], body: Self.login)
      #expect(secure.header("set-cookie")?.hasSuffix("; Secure") == true)

      for headers in [
        ["Authorization": "Bearer \(session.token)"], ["Cookie": "a=b; tributary_session=\(session.token)"],
      ] {
        let me = try client.request("GET", "/api/v1/session", headers: headers)
        #expect(me.status == 200)
        #expect(try me.json(API.Session.self).permissions.count == Permission.allCases.count)
      }
      let out = try client.request(
        "DELETE", "/api/v1/session", headers: ["Cookie": "tributary_session=\(session.token)"])
      #expect(out.status == 204)
      #expect(out.header("set-cookie")?.contains("Max-Age=0") == true)
      let after = try client.request(
        "GET", "/api/v1/session", headers: ["Authorization": "Bearer \(session.token)"])
      #expect(after.status == 401)
    }
  }

  @Test("Failed log-ins say nothing about which half was wrong and are slowed down")
  func failures() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      var answers: [SocketClient.Answer] = []
      for name in ["root", "nobody", "root", "root", "root", "root", "root"] {
        answers.append(
          try client.request("POST", "/api/v1/session", body: #"{"user":"\#(name)","password":"wrong"}"#))
      }
      #expect(answers[0].status == 401 && answers[1].status == 401)
      #expect(answers[0].problem["detail"] as? String == answers[1].problem["detail"] as? String)
      let last = try #require(answers.last)
      #expect(last.status == 429)
      #expect(last.problemType == "/problems/too-many-requests")
      #expect(Int(last.header("retry-after") ?? "") ?? 0 >= 1)
      // Even the right password has to wait now.
      #expect(try client.request("POST", "/api/v1/session", body: Self.login).status == 429)
    }
  }

  @Test("A first-run link works once, opens an administrator's session and lets it set a password")
  func firstRun() async throws {
    let fixture = try await Fixture()
    let link = try await fixture.gate.issueFirstRun()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let body = #"{"firstRunToken":"\#(link)"}"#
      let answer = try client.request("POST", "/api/v1/session", body: body)
      #expect(answer.status == 201)
      let session = try answer.json(API.SignedInSession.self)
      #expect(session.user == .init(name: "admin", role: "administrator"))
      #expect(session.needsPassword)
      #expect(try client.request("POST", "/api/v1/session", body: body).status == 401)

      let bearer = ["Authorization": "Bearer \(session.token)"]
      let weak = try client.request(
        "POST", "/api/v1/session/password", headers: bearer, body: #"{"password":"short"}"#)
      #expect(weak.status == 422)
      let good = #"{"password":"long enough now"}"#
      #expect(
        try client.request("POST", "/api/v1/session/password", headers: bearer, body: good).status == 204)
      // From now on a change needs the present password.
      #expect(
        try client.request("POST", "/api/v1/session/password", headers: bearer, body: good).status == 422)
      let signIn = #"{"user":"admin","password":"long enough now"}"#
      #expect(try client.request("POST", "/api/v1/session", body: signIn).status == 201)
    }
  }

  @Test("What a browser sends for another site is refused, a program's requests are not")
  func crossSite() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let session = try client.request("POST", "/api/v1/session", body: Self.login).json(
        API.SignedInSession.self)
      let cookie = "tributary_session=\(session.token)"
      let foreign: [[String: String]] = [
        ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Origin": "http://evil.example"],
        ["Origin": "http://127.0.0.1:9999"], ["Origin": "null"],
      ]
      for headers in foreign {
        let all = headers.merging(["Cookie": cookie]) { $1 }
        let answer = try client.request("POST", "/api/v1/devices/x/refresh", headers: all, body: "{}")
        #expect(answer.status == 403, "\(headers)")
        #expect(answer.problemType == "/problems/cross-site")
        // The log-in itself must not be forged either.
        #expect(
          try client.request("POST", "/api/v1/session", headers: headers, body: Self.login).status == 403)
      }
      let own: [[String: String]] = [
        ["Sec-Fetch-Site": "same-origin"], ["Origin": "http://127.0.0.1"],
        ["Origin": "https://a.example", "X-Forwarded-Host": "a.example"], [:],
      ]
      for headers in own {
        let all = headers.merging(["Cookie": cookie]) { $1 }
        #expect(
          try client.request("POST", "/api/v1/devices/x/refresh", headers: all).status == 202, "\(headers)")
      }
      let program = ["Authorization": "Bearer \(session.token)", "Origin": "http://evil.example"]
      #expect(try client.request("POST", "/api/v1/devices/x/refresh", headers: program).status == 202)
    }
  }

  @Test("Accounts and keys are made, listed without secrets, and taken away at once")
  func accounts() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let bearer = fixture.bearer(.administrator)
      let new = #"{"name":"李 雷","role":"operator","password":"eleven chars"}"#
      #expect(try client.request("POST", "/api/v1/users", headers: bearer, body: new).status == 201)
      #expect(try client.request("POST", "/api/v1/users", headers: bearer, body: new).status == 409)
      let list = try client.request("GET", "/api/v1/users", headers: bearer)
      #expect(try list.json(API.Page<API.Account>.self).items.map(\.name).contains("李 雷"))
      #expect(!list.text.contains("hash:"))
      let path = "/api/v1/users/%E6%9D%8E%20%E9%9B%B7"
      #expect(try client.request("DELETE", path, headers: bearer).status == 204)
      #expect(try client.request("DELETE", path, headers: bearer).status == 404)
      #expect(try client.request("DELETE", "/api/v1/users/root", headers: bearer).status == 409)

      let issued = try client.request(
        "POST", "/api/v1/tokens", headers: bearer, body: #"{"name":"probe","role":"machine"}"#
      )
      .json(API.IssuedToken.self)
      let key = ["Authorization": "Bearer \(issued.token)"]
      #expect(try client.request("GET", "/api/v1/platform", headers: key).status == 200)
      #expect(!(try client.request("GET", "/api/v1/tokens", headers: bearer).text.contains(issued.token)))
      #expect(try client.request("DELETE", "/api/v1/tokens/\(issued.id)", headers: bearer).status == 204)
      #expect(try client.request("GET", "/api/v1/platform", headers: key).status == 401)
      let unknown = #"{"name":"x","role":"king"}"#
      #expect(try client.request("POST", "/api/v1/tokens", headers: bearer, body: unknown).status == 422)
    }
  }
}
