import Foundation
import Testing
import WebConsole

/// The table in the binary against the files of `Web/`.
struct AssetTableTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let web = root.appending(path: "Web").resolvingSymlinksInPath()

  private static func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: web.path) {
      let url = web.appending(path: path)
      guard !url.hasDirectoryPath, !url.lastPathComponent.hasPrefix("."),
        try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
      else { continue }
      files["/" + path] = [UInt8](try Data(contentsOf: url))
    }
    try #require(files.count > 20)
    return files
  }

  @Test("every file of Web/ is in the binary and nothing else: else run make-assets.py")
  func listing() throws {
    #expect(WebConsole.paths == (try Self.files()).keys.sorted())
  }

  @Test("the bytes in the binary are those of the files")
  func contents() throws {
    for (path, bytes) in try Self.files() {
      #expect(WebConsole.asset(path: path)?.bytes == bytes, "\(path) was embedded from an older file")
    }
  }

  @Test("the root is the console's page")
  func root() throws {
    let page = try #require(WebConsole.asset(path: "/"))
    #expect(page.path == "/index.html")
    #expect(page.contentType == "text/html; charset=utf-8")
    #expect(page.bytes.starts(with: Array("<!doctype html>".utf8)))
  }

  @Test("an address that is not in the table has no file")
  func unknown() {
    for path in [
      "", "index.html", "/js", "/js/", "/../Package.swift", "/js/%6dain.js", "/index.html?x", "//index.html",
    ] {
      #expect(WebConsole.asset(path: path) == nil, "\(path)")
    }
  }

  @Test("every file has a content type that a browser with nosniff accepts")
  func contentTypes() {
    let wanted = [
      "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
      "js": "text/javascript; charset=utf-8",
      "json": "application/json; charset=utf-8", "svg": "image/svg+xml",
    ]
    for path in WebConsole.paths {
      let suffix = String(path.split(separator: ".").last ?? "")
      #expect(WebConsole.asset(path: path)?.contentType == wanted[suffix], "\(path)")
    }
  }

  @Test("validators are quoted, stable and differ between files")
  func validators() throws {
    var seen: Set<String> = []
    for path in WebConsole.paths {
      let asset = try #require(WebConsole.asset(path: path))
      #expect(asset.etag.hasPrefix("\"") && asset.etag.hasSuffix("\"") && asset.etag.count > 4)
      #expect(asset.etag == WebConsole.asset(path: path)?.etag)
      #expect(seen.insert(asset.etag).inserted, "\(path) has the validator of another file")
    }
  }

  @Test("the page asks for every module ahead, so that the console opens in one round trip")
  func preloads() throws {
    let page = String(decoding: try #require(WebConsole.asset(path: "/")).bytes, as: UTF8.self)
    for path in WebConsole.paths where path.hasSuffix(".js") {
      #expect(page.contains("<link rel=\"modulepreload\" href=\"\(path)\">"), "\(path): run make-assets.py")
    }
    for path in WebConsole.paths where path.hasSuffix(".css") {
      #expect(page.contains("<link rel=\"stylesheet\" href=\"\(path)\">"), "\(path) is not loaded")
    }
  }

  @Test("nothing in the console asks another host for anything")
  func noForeignRequests() throws {
    for path in WebConsole.paths {
      let text = String(decoding: try #require(WebConsole.asset(path: path)).bytes, as: UTF8.self)
      let rest = text.replacing("http://www.w3.org/2000/svg", with: "")
      #expect(!rest.contains("http://") && !rest.contains("https://") && !rest.contains("@import"), "\(path)")
    }
  }

  @Test("no page or script needs inline code or inline style, which the security policy forbids")
  func nothingInline() throws {
    let page = String(decoding: try #require(WebConsole.asset(path: "/")).bytes, as: UTF8.self)
    #expect(!page.contains("style=") && !page.contains("onclick") && !page.contains("<script>"))
    for path in WebConsole.paths where path.hasSuffix(".js") {
      let text = String(decoding: try #require(WebConsole.asset(path: path)).bytes, as: UTF8.self)
      #expect(
        !text.contains("eval(") && !text.contains("new Function(") && !text.contains("setAttribute('style'"),
        "\(path)")
    }
  }
}
