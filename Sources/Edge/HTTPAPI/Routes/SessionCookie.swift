import Access
import Foundation
import HTTPTypes
import Hummingbird

/// The browser's way to carry a session: out of reach of scripts, never sent from another site.
enum SessionCookie {
  static let name = "tributary_session"

  static func setting(_ signedIn: SignedIn, secure: Bool) -> String {
    "\(name)=\(signedIn.token); Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "")
  }

  static let clearing = "\(name)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"

  /// Whether the browser speaks TLS with the proxy in front of us. A lie here only harms the liar.
  static func isSecure(_ request: Request) -> Bool {
    guard let name = HTTPField.Name("X-Forwarded-Proto") else { return false }
    return request.headers[name]?.lowercased() == "https"
  }

  /// The token that a request carries in its cookies.
  static func token(in request: Request) -> String? { value(of: name, in: request) }

  /// The value of a cookie.
  static func value(of name: String, in request: Request) -> String? {
    for header in request.headers[values: .cookie] {
      for pair in header.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0].trimmingBlanks == name { return parts[1].trimmingBlanks }
      }
    }
    return nil
  }
}

/// Refuses what a browser sends on behalf of another site's page.
///
/// `SameSite=Strict` treats another port of the same host as the same site, so
/// requests that change something are checked again here. Programs send neither
/// header and pass; they carry a key that no browser adds by itself.
enum CrossSite {
  static func check(_ request: Request) throws(Problem) {
    if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
      guard site == "same-origin" || site == "none" else { throw .crossSite }
      return
    }
    guard let origin = request.headers[.origin] else { return }
    guard let separator = origin.range(of: "://") else { throw .crossSite }
    let host = origin[separator.upperBound...].lowercased()
    // Behind a proxy `Host` may be ours; a browser cannot forge the forwarded one across sites.
    let forwarded = HTTPField.Name("X-Forwarded-Host").flatMap { request.headers[$0] }
    let known = [request.head.authority, forwarded].compactMap { $0?.lowercased() }
    guard known.contains(host) else { throw .crossSite }
  }
}
