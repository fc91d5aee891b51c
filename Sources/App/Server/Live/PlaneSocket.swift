import Glibc

/// What can be done with a viewer's socket that no stream takes.
enum PlaneSocket {
  /// Says that there is no picture and closes. The peer sees 503 or the end of its handshake.
  static func refuse(_ socket: Int32) {
    let text = """
      HTTP/1.1 503 Service Unavailable\r
      Content-Type: application/problem+json\r
      Connection: close\r
      Retry-After: 2\r
      \r
      {"type":"/problems/no-picture","title":"No picture","status":503}
      """
    _ = text.withCString { send(socket, $0, strlen($0), Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
    close(socket)
  }
}
