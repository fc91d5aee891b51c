import HTTPAPI
import MediaTransport
import WebConsole

/// Takes viewers' sockets from the front door and hands them to the desk.
struct MediaDoor: Sendable {
  let desk: MediaDesk

  var handler: MediaHandler {
    let desk = desk
    return { request, socket in
      guard desk.table.find(request.session) != nil else {
        return .refused(Problem.gone("This media session is over or never existed; open a new one."))
      }
      let framing: ViewerFraming =
        switch request.framing {
        case .webSocket: .webSocket
        case .chunked: .chunkedHTTP
        case .raw: .raw
        }
      Task {
        await desk.attach(request.session, socket: socket, framing: framing, preamble: request.preamble)
      }
      return .accepted
    }
  }
}

/// The console's files out of the program itself.
enum ConsoleFiles {
  static func asset(_ path: String) -> ConsoleAsset? {
    WebConsole.asset(path: path).map {
      ConsoleAsset(contentType: $0.contentType, etag: $0.etag, bytes: Array($0.bytes))
    }
  }
}
