import Glibc
import MPEGCore

/// What the worker process runs: decodes and encodes what it is sent until its input ends.
///
/// A camera's bytes meet a decoder only here. If they break it, this process
/// ends and the server goes on.
public enum TranscodeWorker {
  /// Bytes of address space the worker may use: enough for an 8K picture in flight, no more.
  static let addressSpace: UInt = 4 << 30

  /// Serves until the other side closes, then returns. Call it first thing in a process of its own.
  ///
  /// - Parameters:
  ///   - input: where messages come from, usually 0.
  ///   - output: where answers go, usually 1.
  ///   - confined: gives up what a decoder does not need: priority, new files, core dumps, memory without end.
  ///   With it, `input` and `output` must be 0…2: every other descriptor is closed.
  public static func run(input: Int32, output: Int32, confined: Bool = true) {
    if confined { confine() }
    let channel = WorkerChannel(input: input, output: output)
    var transcoder: VideoTranscoder?
    while let message = channel.read() {
      switch message {
      case .transcode(let source, let target):
        do {
          transcoder = try VideoTranscoder(source: source, target: target)
        } catch {
          _ = channel.write(.failed(error.context))
          return
        }
      case .unit(let unit):
        guard let transcoder else { continue }
        guard forward(unit, through: transcoder, to: channel) else { return }
      case .picture(let id, let format, let unit, let maxWidth):
        guard channel.write(picture(id, format, unit, maxWidth)) else { return }
      case .format, .pictureMade, .pictureFailed, .failed:
        // Only we say these; a server that does is broken.
        return
      }
    }
  }

  private static func forward(
    _ unit: AccessUnit, through transcoder: VideoTranscoder, to channel: WorkerChannel
  ) -> Bool {
    do {
      let result = try transcoder.transcode(unit)
      if let format = result.format, !channel.write(.format(format)) { return false }
      return result.units.allSatisfy { channel.write(.unit($0)) }
    } catch {
      _ = channel.write(.failed(error.context))
      return false
    }
  }

  private static func picture(
    _ id: UInt32, _ format: TrackFormat, _ unit: AccessUnit, _ maxWidth: Int
  ) -> WorkerMessage {
    do {
      return .pictureMade(id: id, jpeg: try PictureDecoder.jpeg(of: unit, format: format, maxWidth: maxWidth))
    } catch {
      return .pictureFailed(id: id, reason: error.context)
    }
  }

  private static func confine() {
    func limit(_ resource: __rlimit_resource_t, _ value: UInt) {
      var limits = rlimit(rlim_cur: value, rlim_max: value)
      setrlimit(resource, &limits)
    }
    limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
    limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), 0)
    limit(__rlimit_resource_t(RLIMIT_AS.rawValue), addressSpace)
    closefrom(3)
    // Nothing new may be opened: what the libraries need is open by now.
    limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), 3)
    // Live media comes first: the worker takes what is left of the processor.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
  }
}
