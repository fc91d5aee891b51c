import Foundation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import SIPCore

/// Pictures that cameras take themselves and bring by HTTP (2022, §13.3).
///
/// ```text
///  asked ──all arrived and reported──► complete
///    ├──reported, some missing; time over, some there──► partial
///    └──refused; time over, none there──► failed
/// ```
actor SnapshotService {
  struct Session: Sendable, Hashable {
    enum State: String, Sendable { case asked, complete, partial, failed }

    let id: String
    let channel: ChannelKey
    let by: String
    let started: WallTime
    let asked: Int
    /// Nothing is taken afterwards.
    let deadline: MonotonicTime
    var state = State.asked
    var arrived = 0
    var reported: Int?
    var reason: String?
  }

  struct File: Sendable, Hashable {
    let name: String
    let time: WallTime
    let bytes: Int
  }

  /// Time for the way of the last picture.
  private static let grace: Duration = .seconds(120)
  /// Orders that are remembered, and files that are kept of a channel.
  private static let mostSessions = 200
  static let mostFiles = 500
  static let longestAge: Duration = .seconds(30 * 86_400)

  private var sessions: [String: Session] = [:]
  private let folder: String
  private let questions: DeviceQuestions
  private let signalling: Signalling
  private let address: ReachableAddress
  private let logger: Logger

  init(
    folder: String, questions: DeviceQuestions, signalling: Signalling, address: ReachableAddress,
    logger: Logger
  ) {
    (self.folder, self.questions, self.signalling) = (folder, questions, signalling)
    (self.address, self.logger) = (address, logger)
  }

  // MARK: Asking

  func take(_ channel: ChannelKey, count: Int, interval: Int, by account: String) async throws -> Session {
    guard let registration = signalling.registration(of: channel.device) else {
      throw Problem.deviceOffline(channel.device)
    }
    let id = open(channel, count: count, interval: interval, by: account).id
    let block = ConfigurationBlock(
      .snapShotConfig,
      [
        "SnapNum": .integer(count), "Interval": .integer(interval),
        "UploadURL": .text(address.url("/upload/snapshots/\(id)", for: registration.source.remote.host)),
        "SessionID": .text(id),
      ])
    do {
      _ = try await questions.configure(block, device: channel.device, target: channel.channel)
    } catch {
      sessions[id]?.state = .failed
      sessions[id]?.reason = (error as? Problem)?.title ?? "not sent"
      throw error
    }
    guard let session = sessions[id] else { throw Problem.gone("The order is over.") }
    return session
  }

  /// Expects pictures under a new session.
  func open(_ channel: ChannelKey, count: Int, interval: Int, by account: String) -> Session {
    let session = Session(
      id: LookBook.token(), channel: channel, by: account, started: SystemClock.wall(), asked: count,
      deadline: SystemClock.monotonic() + .seconds(count * interval) + Self.grace)
    sessions[session.id] = session
    forgetOld()
    return session
  }

  /// Orders of a channel, newest first.
  func sessions(of channel: ChannelKey) -> [Session] {
    settle()
    return sessions.values.filter { $0.channel == channel }.sorted { $0.started > $1.started }
  }

  // MARK: What arrives

  /// - Throws: `Problem` unless a picture is expected under this session.
  func expects(_ id: String) throws -> Session {
    guard let session = sessions[id] else { throw Problem.notFound("There is no such session.") }
    guard SystemClock.monotonic() < session.deadline, session.state != .failed,
      session.arrived < session.asked
    else { throw Problem.gone("This session is over.") }
    return session
  }

  /// Keeps a picture. Only what begins and ends as a JPEG does is one.
  func store(_ id: String, _ bytes: [UInt8]) throws {
    let session = try expects(id)
    guard Self.isJPEG(bytes) else { throw Problem.unsupportedType("This is no JPEG picture.") }
    let index = session.arrived + 1
    let time = SystemClock.wall()
    let name = "\(time.milliseconds)-\(id.prefix(8))-\(index).jpg"
    let place = folder + "/" + session.channel.description
    do {
      try FileManager.default.createDirectory(
        atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(bytes).write(to: URL(fileURLWithPath: place + "/" + name), options: .atomic)
    } catch {
      logger.error("a picture could not be kept", metadata: ["error": "\(error)"])
      throw Problem.unavailable("The picture could not be kept.")
    }
    sessions[id]?.arrived = index
    conclude(id)
    clean(session.channel)
  }

  /// A JPEG begins with SOI and a marker; some cameras fill up behind EOI.
  static func isJPEG(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 16, bytes[0] == 0xFF, bytes[1] == 0xD8, bytes[2] == 0xFF else { return false }
    return bytes.suffix(4_096).firstRange(of: [0xFF, 0xD9]) != nil
  }

  /// The device says what it uploaded.
  func finished(_ notice: SnapshotsFinished, from device: DeviceID) {
    guard let session = sessions[notice.session], session.channel.device == device else { return }
    sessions[notice.session]?.reported = notice.files.count
    conclude(notice.session)
  }

  private func conclude(_ id: String) {
    guard let session = sessions[id], let reported = session.reported, session.state != .failed else {
      return
    }
    if session.arrived >= session.asked {
      sessions[id]?.state = .complete
    } else if reported < session.asked {
      sessions[id]?.state = session.arrived == 0 ? .failed : .partial
      sessions[id]?.reason = "the camera uploaded \(reported) of \(session.asked)"
    }
  }

  /// What waits for nothing any more.
  private func settle() {
    let now = SystemClock.monotonic()
    for (id, session) in sessions where session.state == .asked && session.deadline <= now {
      sessions[id]?.state =
        session.arrived == 0 ? .failed : session.arrived < session.asked ? .partial : .complete
      if session.arrived < session.asked { sessions[id]?.reason = "no more pictures came in time" }
    }
  }

  private func forgetOld() {
    settle()
    let old = sessions.values.filter { $0.state != .asked }.sorted { $0.started < $1.started }
    for session in old.prefix(max(0, sessions.count - Self.mostSessions)) { sessions[session.id] = nil }
  }

  // MARK: Files

  /// The pictures of a channel, newest first.
  func files(of channel: ChannelKey) -> [File] {
    let place = folder + "/" + channel.description
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return names.compactMap { name -> File? in
      guard name.hasSuffix(".jpg"), let stamp = name.split(separator: "-").first.flatMap({ Int64($0) }) else {
        return nil
      }
      let size = (try? FileManager.default.attributesOfItem(atPath: place + "/" + name))?[.size] as? Int
      return File(name: name, time: WallTime(milliseconds: stamp), bytes: size ?? 0)
    }
    .sorted { ($0.time, $0.name) > ($1.time, $1.name) }
  }

  /// One picture. The name comes from outside: it must be one of those that are there.
  func picture(_ name: String, of channel: ChannelKey) throws -> [UInt8] {
    guard files(of: channel).contains(where: { $0.name == name }),
      let data = FileManager.default.contents(atPath: folder + "/\(channel)/" + name)
    else { throw Problem.notFound("There is no such picture.") }
    return [UInt8](data)
  }

  private func clean(_ channel: ChannelKey) {
    let oldest = SystemClock.wall() - Self.longestAge
    for (index, file) in files(of: channel).enumerated() where index >= Self.mostFiles || file.time < oldest {
      try? FileManager.default.removeItem(atPath: folder + "/\(channel)/" + file.name)
    }
  }
}
