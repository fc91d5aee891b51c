import HTTPAPI
import MediaTransport
import WebConsole

/// Takes viewers' sockets from the front door and hands them to the desk; microphones to the voices.
struct MediaDoor: Sendable {
  let desk: MediaDesk
  let voice: VoiceService

  var handler: MediaHandler {
    let (desk, voice) = (desk, voice)
    return { request, socket in
      if request.kind == .voice {
        guard voice.find(request.session) != nil else {
          return .refused(Problem.gone("This voice session is over or never existed; open a new one."))
        }
        Task { await voice.attach(request.session, socket: socket, preamble: request.preamble) }
        return .accepted
      }
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
