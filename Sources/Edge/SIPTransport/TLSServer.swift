import Glibc
import NIOCore
import NIOSSL

/// The platform's side of SIP over TLS: one certificate for every connection.
struct TLSServer: Sendable {
  private let context: NIOSSLContext

  /// Reads certificate and key and sees that they can be used today.
  init(_ files: SIPTLSConfiguration) throws(SIPEndpointError) {
    let chain = try Self.chain(files.certificate)
    let key = try Self.key(files.key)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    do { context = try NIOSSLContext(configuration: configuration) } catch {
      throw Self.unusable(
        "the key \(files.key) does not belong to the certificate \(files.certificate); name the pair that was made "
          + "together (\(error))")
    }
  }

  /// For one connection; the first in its pipeline.
  func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: context) }

  // MARK: Files

  private static func chain(_ path: String) throws(SIPEndpointError) -> [NIOSSLCertificate] {
    let bytes = try read(path, "certificate")
    guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), let own = chain.first else {
      throw unusable(
        "the certificate \(path) is no PEM file; it begins with -----BEGIN CERTIFICATE-----, the platform's own "
          + "certificate first")
    }
    let now = time(nil)
    guard own.notValidAfter > now else {
      throw unusable("the certificate \(path) expired on \(day(own.notValidAfter)); renew it and start again")
    }
    guard own.notValidBefore <= now else {
      throw unusable(
        "the certificate \(path) is valid only from \(day(own.notValidBefore)) on; set this machine's clock, or use "
          + "another certificate")
    }
    return chain
  }

  private static func key(_ path: String) throws(SIPEndpointError) -> NIOSSLPrivateKey {
    let bytes = try read(path, "key")
    // The closure is asked only for the password of an encrypted key, which nobody could type here.
    let found = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) {
      (setter: NIOSSLPassphraseSetter<[UInt8]>) in
      setter([])
    }
    guard let found else {
      throw unusable(
        "the key \(path) is no PEM file of a private key without a password; "
          + "'openssl pkey -in \(path) -out KEY.pem' makes one")
    }
    return found
  }

  private static func read(_ path: String, _ what: String) throws(SIPEndpointError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw unusable(
        "the \(what) \(path) cannot be read: \(String(cString: strerror(errno))); correct the path or the permissions"
      )
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count > 0 else { throw unusable("the \(what) \(path) is empty or no file") }
    return Array(bytes[..<count])
  }

  /// `2026-11-23`, UTC.
  private static func day(_ moment: time_t) -> String {
    var moment = moment
    var parts = tm()
    gmtime_r(&moment, &parts)
    func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  }

  private static func unusable(_ text: String) -> SIPEndpointError {
    SIPEndpointError(code: .badCertificate, description: text)
  }
}
