public import NIOCore
import NIOSSL

/// The other side of SIP over TLS: for devices that are played by programs, and for tests.
public enum TLSClient {
  /// What makes the first handler of a connection to a platform.
  ///
  /// - Parameter trusted: path of the PEM file with the certificates to trust. Nil trusts whoever answers, as nearly
  ///   every device does.
  /// - Throws: the library's error when the file cannot be used.
  public static func handlers(trusting trusted: String? = nil) throws
    -> @Sendable () throws -> any ChannelHandler
  {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    // Platforms are known by address: a certificate that is trusted names the platform by being trusted.
    configuration.certificateVerification = trusted == nil ? .none : .noHostnameVerification
    if let trusted { configuration.trustRoots = .file(trusted) }
    let context = try NIOSSLContext(configuration: configuration)
    return { try NIOSSLClientHandler(context: context, serverHostname: nil) }
  }
}
