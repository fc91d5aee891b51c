import GBCore
import HTTPAPI
import Logging
import Registry
import Synchronization

/// Asks devices and orders them, and tells why when nothing comes of it.
///
/// What a device left unanswered is remembered until it comes back or has other firmware, so that nobody waits for
/// it twice (§14.2 #19).
final class DeviceQuestions: Sendable {
  /// What makes a device another one.
  private struct Identity: Hashable, Sendable {
    let firmware: String?
    let userAgent: String?
    let version: GBVersion?
  }

  private struct Silence: Hashable, Sendable {
    let target: DeviceID
    let command: CmdType
  }

  /// What a command or a query answers in time, single (§14.1).
  static let patience: Duration = .seconds(8)

  private let signalling: Signalling
  private let directory: DeviceDirectory
  private let silences = Mutex<[DeviceID: (identity: Identity, known: Set<Silence>)]>([:])

  init(signalling: Signalling, directory: DeviceDirectory) {
    (self.signalling, self.directory) = (signalling, directory)
  }

  /// The edition that a device speaks; one that never said is of 2016.
  func edition(of device: DeviceID) -> GBVersion {
    directory.edition(of: device, said: signalling.registration(of: device)?.version)
  }

  /// Queries about `target` that its device left unanswered.
  func unanswered(_ device: DeviceID, _ target: DeviceID) -> [CmdType] {
    let identity = identity(device)
    return silences.withLock { silences in
      guard let entry = silences[device], entry.identity == identity else { return [] }
      return entry.known.filter { $0.target == target }.map(\.command)
    }
  }

  /// The device came back: it may have learnt something.
  func forget(_ device: DeviceID) { silences.withLock { $0[device] = nil } }

  // MARK: Queries

  /// Asks for something that came with `edition`.
  ///
  /// - Parameter again: whether to ask although it was left unanswered before.
  /// - Throws: `Problem`.
  func ask(_ exchange: Exchange, since edition: GBVersion, again: Bool) async throws -> ExchangeReplies {
    let device = exchange.device
    let spoken = self.edition(of: device)
    guard spoken >= edition else {
      throw Problem.editionUnaware(device, exchange.command.name, speaks: spoken, since: edition)
    }
    let silence = Silence(target: exchange.target, command: exchange.command)
    if !again, unanswered(device, exchange.target).contains(exchange.command) {
      throw Problem.deviceUnwilling(device, exchange.command.name)
    }
    let replies: ExchangeReplies
    do {
      replies = try await signalling.exchange(exchange)
    } catch {
      if error == .noReply { note(silence, of: device, isSilent: true) }
      throw Self.problem(error, device, exchange.command.name, waited: exchange.patience)
    }
    note(silence, of: device, isSilent: false)
    if replies.messages.allSatisfy(\.isBareRefusal) {
      throw Problem.deviceRefused(device, exchange.command.name, "Result ERROR")
    }
    return replies
  }

  private func note(_ silence: Silence, of device: DeviceID, isSilent: Bool) {
    let identity = identity(device)
    silences.withLock { silences in
      var entry = silences[device] ?? (identity, [])
      if entry.identity != identity { entry = (identity, []) }
      if isSilent { entry.known.insert(silence) } else { entry.known.remove(silence) }
      silences[device] = entry.known.isEmpty ? nil : entry
    }
  }

  private func identity(_ device: DeviceID) -> Identity {
    let dossier = directory.device(device)?.dossier
    return Identity(firmware: dossier?.firmware, userAgent: dossier?.userAgent, version: dossier?.version)
  }

  // MARK: Orders

  /// Orders a device to do something.
  ///
  /// - Returns: whether it said that it did; nil when the command is not answered by a document; false when only its
  ///   SIP side took it.
  /// - Throws: `Problem`, also for a `Result` of ERROR.
  @discardableResult
  func order(_ control: DeviceControl, device: DeviceID, target: DeviceID, priority: Int? = nil) async throws
    -> Bool?
  {
    let spoken = edition(of: device)
    guard control.isKnown(to: spoken) else {
      throw Problem.editionUnaware(device, control.name, speaks: spoken, since: control.edition)
    }
    let fields = control.fields(for: spoken, priority: priority)
    do {
      guard control.isAnswered else {
        try await signalling.tell(.control, .deviceControl, device: device, target: target, fields: fields)
        return nil
      }
      return try await confirmed(.deviceControl, control.name, device, target, fields)
    } catch let error as ExchangeFailure {
      throw Self.problem(error, device, control.name, waited: Self.patience)
    }
  }

  /// Sets a configuration block.
  ///
  /// - Returns: whether the device confirmed it.
  func configure(_ block: ConfigurationBlock, device: DeviceID, target: DeviceID) async throws -> Bool {
    let spoken = edition(of: device)
    guard spoken >= block.kind.edition else {
      throw Problem.editionUnaware(device, block.kind.rawValue, speaks: spoken, since: block.kind.edition)
    }
    do {
      return try await confirmed(.deviceConfig, block.kind.rawValue, device, target, [block.element()])
    } catch let error as ExchangeFailure {
      throw Self.problem(error, device, block.kind.rawValue, waited: Self.patience)
    }
  }

  private func confirmed(
    _ command: CmdType, _ name: String, _ device: DeviceID, _ target: DeviceID, _ fields: [XMLElement]
  ) async throws -> Bool {
    let exchange = Exchange(
      root: .control, command: command, device: device, target: target, fields: fields,
      patience: Self.patience)
    do {
      let replies = try await signalling.exchange(exchange)
      if replies.messages.contains(where: { $0.isOK == false }) {
        throw Problem.deviceRefused(device, name, "Result ERROR")
      }
      return true
    } catch ExchangeFailure.noReply {
      // It took the command; that it does not say more is common and no failure of the command.
      return false
    }
  }

  static func problem(_ failure: ExchangeFailure, _ device: DeviceID, _ what: String, waited: Duration)
    -> Problem
  {
    switch failure {
    case .notRegistered: .deviceOffline(device)
    case .noAnswer: .deviceUnreached(device, what)
    case .noReply: .deviceSilent(device, what, waited: waited)
    case .refused(let status): .deviceRefused(device, what, "SIP status \(status)")
    case .declined: .deviceRefused(device, what, "Result ERROR")
    case .busy: .unavailable("Too many wait to ask \(device) for \(what).", retryAfter: 10)
    case .cancelled: .unavailable("The question to \(device) was given up.")
    }
  }
}

extension MANSCDPMessage {
  /// A document that says `Result` ERROR and nothing else.
  var isBareRefusal: Bool {
    let frame = ["CmdType", "SN", "DeviceID", "Result"]
    return isOK == false && element.children.allSatisfy { child in frame.contains { child.isNamed($0) } }
  }
}
