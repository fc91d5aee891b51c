import Foundation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import SIPCore

/// Upgrades of devices, kept over their time offline and over a restart of this server (2022, §13.4).
actor UpgradeService {
  /// Ended upgrades that are remembered.
  private static let remembered = 200

  nonisolated let shelf: FirmwareShelf
  private var sessions: [String: UpgradeSession] = [:]
  private let book: String
  private let questions: DeviceQuestions
  private let signalling: Signalling
  private let directory: DeviceDirectory
  private let address: ReachableAddress
  private let logger: Logger

  /// - Parameter folder: of the files; the list of upgrades lies beside them.
  init(
    folder: String, questions: DeviceQuestions, signalling: Signalling, directory: DeviceDirectory,
    address: ReachableAddress, logger: Logger
  ) {
    shelf = FirmwareShelf(folder: folder)
    book = folder + "/.upgrades.json"
    (self.questions, self.signalling, self.directory) = (questions, signalling, directory)
    (self.address, self.logger) = (address, logger)
    if let data = FileManager.default.contents(atPath: book),
      let known = try? JSONDecoder().decode([UpgradeSession].self, from: data)
    {
      sessions = Dictionary(known.map { ($0.id, $0) }, uniquingKeysWith: { _, new in new })
    }
  }

  // MARK: Ordering

  func begin(_ device: DeviceID, file name: String, firmware: String, by account: String) async throws
    -> UpgradeSession
  {
    guard shelf.file(name) != nil else {
      throw Problem.notFound("There is no file “\(name.prefix(100))”: place it under /api/v1/firmware first.")
    }
    guard !sessions.values.contains(where: { $0.device == device.text && !$0.state.isOver }) else {
      throw Problem.conflict("An upgrade of this device is under way.", fix: "Wait until it has ended.")
    }
    guard let registration = signalling.registration(of: device) else { throw Problem.deviceOffline(device) }
    let id = LookBook.token()
    update(
      UpgradeSession(
        id: id, device: device.text, file: name, firmware: firmware, by: account, now: SystemClock.wall()))
    let order = UpgradeOrder(
      firmware: firmware,
      url: address.url("/firmware/\(id)/\(name)", for: registration.source.remote.host),
      manufacturer: directory.device(device)?.dossier.manufacturer ?? "", session: id)
    do {
      // One that takes it without a word is believed: it will fetch the file or not.
      try await questions.order(.upgrade(order), device: device, target: device)
      change(id) { $0.accepted(now: SystemClock.wall()) }
    } catch {
      change(id) { $0.refused((error as? Problem)?.slug ?? "not-sent", now: SystemClock.wall()) }
      throw error
    }
    guard let session = sessions[id] else { throw Problem.internal }
    return session
  }

  /// Upgrades of a device, newest first.
  func upgrades(of device: DeviceID) -> [UpgradeSession] {
    sessions.values.filter { $0.device == device.text }.sorted { $0.started > $1.started }
  }

  // MARK: What the device does

  /// Opens the file for the device. Once it was fetched whole, it is not given again.
  func fetch(_ id: String) throws -> ExportContent {
    guard let session = sessions[id] else { throw Problem.notFound("There is no such session.") }
    guard session.mayFetch, let file = shelf.file(session.file) else {
      throw Problem.gone("This file is not given any more.")
    }
    change(id) { $0.began(now: SystemClock.wall()) }
    let shelf = shelf
    return ExportContent(
      fileName: session.file, contentType: "application/octet-stream", length: file.bytes, sha256: nil,
      read: { try shelf.read(session.file, $0) },
      finished: { [weak self] sent in await self?.fetched(id, sent: sent, of: file.bytes) })
  }

  private func fetched(_ id: String, sent: Int64, of length: Int64) {
    change(id) { $0.fetched(isWhole: sent >= length, now: SystemClock.wall()) }
  }

  /// The device registered anew.
  func returned(_ device: DeviceID) {
    for session in sessions.values where session.device == device.text {
      change(session.id) { $0.returned(now: SystemClock.wall()) }
    }
  }

  /// The device tells how it went.
  func ended(_ result: UpgradeResult, from device: DeviceID) {
    guard let session = sessions[result.session], session.device == device.text else { return }
    change(session.id) { $0.result(result, now: SystemClock.wall()) }
    // What it runs now is worth asking for.
    signalling.interrogate(device)
  }

  /// Call about once a minute.
  func tick() {
    for session in sessions.values where !session.state.isOver {
      let firmware = DeviceID(session.device).flatMap { directory.device($0)?.dossier.firmware }
      change(session.id) { $0.tick(now: SystemClock.wall(), firmware: firmware) }
    }
  }

  // MARK: Keeping

  private func change(_ id: String, _ body: (inout UpgradeSession) -> Void) {
    guard var session = sessions[id] else { return }
    let before = session.state
    body(&session)
    guard session.state != before else { return }
    logger.notice(
      "an upgrade went on",
      metadata: [
        "device.id": "\(session.device)", "state": "\(session.state.rawValue)",
        "cause": "\(session.reason ?? "")",
      ])
    update(session)
  }

  private func update(_ session: UpgradeSession) {
    sessions[session.id] = session
    let ended = sessions.values.filter(\.state.isOver).sorted { $0.started < $1.started }
    for old in ended.prefix(max(0, ended.count - Self.remembered)) { sessions[old.id] = nil }
    do {
      try FileManager.default.createDirectory(
        atPath: shelf.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try JSONEncoder().encode(Array(sessions.values)).write(to: URL(fileURLWithPath: book), options: .atomic)
    } catch {
      logger.error("the list of upgrades could not be written", metadata: ["error": "\(error)"])
    }
  }
}
