import Federation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry

/// What superiors ask about things they see: passed to the device with its own code, and answered with theirs and
/// their number (§11.1, §11.5).
extension SuperiorService {
  func answer(_ document: UpwardDocument, _ act: UpwardAct, _ permit: UpwardPermit) async {
    do {
      switch act {
      case .deviceInfo: answerInfo(document, permit.channel)
      case .deviceStatus: await answerStatus(document, permit.channel)
      case .records: await answerRecords(document, permit)
      case .presets: try await answerPresets(document, permit.channel)
      case .homeQuery, .cruises, .cruise, .ptzPosition, .cards:
        try await pass(document, permit.channel, since: .v2022)
      case .configuration: try await answerConfiguration(document, permit.channel)
      default: decline(document)
      }
    } catch {
      logger.notice(
        "a question of a superior has no answer",
        metadata: [
          "superior.id": "\(document.superior.id)", "channel.id": "\(permit.channel)",
          "command": "\(document.message.cmdType)", "error": "\((error as? Problem)?.detail ?? "\(error)")",
        ])
      decline(document)
    }
  }

  // MARK: From what is known here

  private func answerInfo(_ document: UpwardDocument, _ key: ChannelKey) {
    let (device, channel) = (directory.device(key.device), directory.channel(key))
    let isDevice = key.channel == key.device
    var info = DeviceInfoReply()
    info.name = channel?.name ?? device?.name
    info.manufacturer = channel?.manufacturer ?? device?.dossier.manufacturer
    info.model = channel?.model ?? device?.dossier.model
    info.firmware = device?.dossier.firmware
    info.channels = isDevice ? directory.read { $0.channels(of: key.device).count } : 1
    send(.deviceInfo(sn: document.sn, from: document.code, info), to: document.superior) { _ in }
  }

  /// A device is asked; what hangs at it rarely answers, and its state is known here.
  private func answerStatus(_ document: UpwardDocument, _ key: ChannelKey) async {
    var status = DeviceStatusReply(deviceTime: GBTime.text(SystemClock.wall()))
    let isReachable = directory.reachable(key.device) != nil
    if key.channel == key.device {
      status.isOnline = isReachable
      if isReachable, let told = try? await house.care.status(of: key.device, again: false) {
        status = told
        var inputs: [DeviceStatusReply.AlarmInput] = []
        for input in told.alarmInputs {
          let source = ChannelKey(device: key.device, channel: input.id)
          if let code = await views.code(document.superior.id, source) {
            inputs.append(.init(id: code, duty: input.duty))
          }
        }
        status.alarmInputs = inputs
      }
    } else {
      status.isOnline = isReachable && directory.channel(key)?.status != .off
      status.isRecording = await house.recording.states[key].map { $0 == .recording }
    }
    status.isOK = true
    send(.deviceStatus(sn: document.sn, from: document.code, status), to: document.superior) { _ in }
  }

  private func answerPresets(_ document: UpwardDocument, _ key: ChannelKey) async throws {
    let presets = try await house.cameras.presets(of: key, again: false)
    guard presets.isListed || !presets.entries.isEmpty else { return decline(document) }
    let answer = PresetReply(presets: presets.entries.map(\.preset))
    reply(to: document, answer.fields(for: edition(of: document.superior)))
  }

  // MARK: From the device

  private func answerConfiguration(_ document: UpwardDocument, _ key: ChannelKey) async throws {
    let words = document.message.element.value("ConfigType")?.split(separator: "/") ?? []
    let kinds = words.compactMap { ConfigurationKind(name: String($0).trimmed) }
    guard !kinds.isEmpty, kinds.count == words.count else { return decline(document) }
    let blocks = try await house.care.configuration(
      kinds, device: key.device, target: key.channel, again: false)
    guard !blocks.isEmpty else { return decline(document) }
    reply(to: document, [XMLElement("Result", "OK")] + blocks.map { $0.element(isAnswer: true) })
  }

  /// Asks the device the same, and tells its answer as it came, part by part.
  private func pass(_ document: UpwardDocument, _ key: ChannelKey, since edition: GBVersion) async throws {
    var exchange = Exchange(
      command: document.message.cmdType, device: key.device, target: key.channel, fields: document.fields,
      patience: DeviceQuestions.patience)
    exchange.isComplete = { UpwardParts.isWhole($0) }
    let replies = try await house.questions.ask(exchange, since: edition, again: false)
    let parts = replies.messages.map { message in
      MANSCDPDocument(
        .response, message.cmdType, sn: document.sn, deviceID: document.code, fields: message.ownFields)
    }
    _ = await tell(parts, to: document.superior)
  }
}

/// Answers of several parts whose kind need not be known.
enum UpwardParts {
  /// Whether as much came as was announced; without a total the first part is the whole answer.
  static func isWhole(_ messages: [MANSCDPMessage]) -> Bool {
    guard let total = messages.lazy.compactMap({ $0.element.integer("SumNum") }).first else {
      return !messages.isEmpty
    }
    let count = messages.reduce(0) { sum, message in
      sum
        + message.element.children.reduce(0) { $0 + ($1.attribute("Num") == nil ? 0 : $1.children.count) }
    }
    return count >= total
  }
}
