import NIOCore
import NIOPosix

/// As much HTTP as a camera needs: one request on a connection of its own, over plain TCP.
enum SmallHTTP {
  enum Method {
    case get
    case put([UInt8])
  }

  struct Answer: Sendable, Hashable {
    var status: Int
    var body: [UInt8]
  }

  /// The longest body that is taken, in bytes.
  static let longest = 64 << 20
  private static let patience: TimeAmount = .seconds(20)

  /// Sends a request.
  ///
  /// - Parameter completion: called once on `loop` with the answer, or nil when there is none.
  static func request(
    _ method: Method, _ url: String, on loop: any EventLoop, _ completion: @escaping (Answer?) -> Void
  ) {
    guard let target = Target(url) else { return completion(nil) }
    let promise = loop.makePromise(of: Answer.self)
    let bytes = head(method, target)
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(5))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AnswerReader(promise))
        }
      }
      .connect(host: target.host, port: target.port)
      .whenComplete { result in
        switch result {
        case .success(let channel):
          channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
          let late = loop.scheduleTask(in: patience) { channel.close(promise: nil) }
          channel.closeFuture.whenComplete { _ in late.cancel() }
        case .failure(let error): promise.fail(error)
        }
      }
    let bound = NIOLoopBound(completion, eventLoop: loop)
    promise.futureResult.whenComplete { result in
      bound.value(try? result.get())
    }
  }

  private static func head(_ method: Method, _ target: Target) -> [UInt8] {
    var (verb, body, more) = ("GET", [UInt8](), "")
    if case .put(let bytes) = method {
      (verb, body) = ("PUT", bytes)
      more = "Content-Type: image/jpeg\r\nContent-Length: \(bytes.count)\r\n"
    }
    let text =
      "\(verb) \(target.path) HTTP/1.1\r\nHost: \(target.host):\(target.port)\r\n\(more)Connection: close\r\n\r\n"
    return Array(text.utf8) + body
  }

  /// `http://host:port/path`; nothing else.
  struct Target: Hashable {
    var host: String
    var port: Int
    var path: String

    init?(_ url: String) {
      guard url.hasPrefix("http://") else { return nil }
      let rest = url.dropFirst(7)
      let authority = rest.prefix { $0 != "/" }
      path = String(rest.dropFirst(authority.count))
      if path.isEmpty { path = "/" }
      guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
        (host, port) = (String(authority), 80)
        return
      }
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number)
      else {
        return nil
      }
      (host, port) = (String(authority[..<colon].filter { $0 != "[" && $0 != "]" }), number)
    }
  }
}

/// Collects an answer until the peer closes or its length is reached.
private final class AnswerReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private struct NoAnswer: Error {}

  private let promise: EventLoopPromise<SmallHTTP.Answer>
  private var bytes: [UInt8] = []
  private var isDone = false

  init(_ promise: EventLoopPromise<SmallHTTP.Answer>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
    if bytes.count > SmallHTTP.longest { return context.close(promise: nil) }
    if let answer = parse(isOver: false) { finish(answer, context) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    if let answer = parse(isOver: true) { promise.succeed(answer) } else { promise.fail(NoAnswer()) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func finish(_ answer: SmallHTTP.Answer, _ context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    promise.succeed(answer)
    context.close(promise: nil)
  }

  private func parse(isOver: Bool) -> SmallHTTP.Answer? {
    let separator: [UInt8] = [13, 10, 13, 10]
    guard bytes.count >= 12, let end = bytes.firstRange(of: separator) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, let status = Int(words[1]) else { return nil }
    let length = lines.dropFirst().lazy.compactMap { line -> Int? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
      return Int(parts[1].filter { $0 != " " })
    }.first
    let body = Array(bytes[end.upperBound...])
    guard let length else { return isOver ? SmallHTTP.Answer(status: status, body: body) : nil }
    return body.count >= length ? SmallHTTP.Answer(status: status, body: Array(body.prefix(length))) : nil
  }
}
