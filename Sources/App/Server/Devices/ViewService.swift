import GBCore
import HTTPAPI
import MediaTime
import Registry
import StoreSQLite

/// Presets, cruises, home and present position of cameras (§4.8).
struct ViewService: Sendable {
  /// The presets of a camera as far as they are known.
  struct Presets: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
      var preset: Preset
      /// Whether the device lists it; otherwise it was set from here.
      var isListed: Bool
    }
    var entries: [Entry]
    /// Whether the device answered.
    var isListed: Bool
    /// False when it announced more than it sent.
    var isComplete: Bool
  }

  let questions: DeviceQuestions
  let store: SQLiteStore

  // MARK: Presets

  /// Some models list presets only under the code of the device: that is asked when the channel's gets no answer.
  func presets(of channel: ChannelKey, again: Bool) async throws -> Presets {
    let names = try await names(of: channel)
    do {
      let replies: ExchangeReplies
      do {
        replies = try await ask(channel, channel.channel, again)
      } catch let problem as Problem where channel.channel != channel.device && problem.isNoAnswer {
        replies = try await ask(channel, channel.device, again)
      }
      return Self.merged(replies, names)
    } catch let problem as Problem where problem.isNoAnswer {
      // What was set from here is known all the same.
      let entries = names.sorted { $0.key < $1.key }.map {
        Presets.Entry(preset: Preset(number: $0.key, name: $0.value), isListed: false)
      }
      return Presets(entries: entries, isListed: false, isComplete: false)
    }
  }

  private func ask(_ channel: ChannelKey, _ target: DeviceID, _ again: Bool) async throws -> ExchangeReplies {
    var exchange = Exchange(
      command: .presetQuery, device: channel.device, target: target, patience: DeviceQuestions.patience)
    exchange.isComplete = { messages in
      let replies = messages.compactMap { PresetReply($0) }
      return Self.isWhole(replies.lazy.compactMap(\.total).first, replies.reduce(0) { $0 + $1.presets.count })
    }
    return try await questions.ask(exchange, since: .v2016, again: again)
  }

  /// Without a total the first message is the whole answer.
  static func isWhole(_ total: Int?, _ count: Int) -> Bool { total.map { count >= $0 } ?? true }

  static func merged(_ replies: ExchangeReplies, _ names: [Int: String]) -> Presets {
    var presets: [Int: Preset] = [:]
    for preset in replies.messages.compactMap({ PresetReply($0) }).flatMap(\.presets) {
      presets[preset.number] = preset
    }
    // Some list every slot they have; then only those with names, or set from here, mean anything.
    if presets.count >= 200 {
      presets = presets.filter { $0.value.name != nil || names[$0.key] != nil }
    }
    var entries = presets.values.map { preset in
      Presets.Entry(
        // The name that was given here, as for channels; the device's own otherwise.
        preset: Preset(number: preset.number, name: chosen(names[preset.number]) ?? preset.name),
        isListed: true)
    }
    entries.sort { $0.preset.number < $1.preset.number }
    return Presets(entries: entries, isListed: true, isComplete: replies.isComplete)
  }

  private static func chosen(_ name: String?) -> String? { name.flatMap { $0.isEmpty ? nil : $0 } }

  /// Names that were given here: 2016 cannot send them, and many devices forget them.
  private func names(of channel: ChannelKey) async throws -> [Int: String] {
    guard let text = try await store.setting(Self.key(channel)) else { return [:] }
    var names: [Int: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, let number = Int(parts[0]) { names[number] = String(parts[1]) }
    }
    return names
  }

  /// Remembers (or, with nil, forgets) a preset that was set from here.
  func remember(_ number: Int, name: String?, isSet: Bool, of channel: ChannelKey, by account: String)
    async throws
  {
    var names = try await names(of: channel)
    names[number] = isSet ? name ?? names[number] ?? "" : nil
    let lines = names.sorted { $0.key < $1.key }.map { number, name in
      "\(number)\t\(name.filter { $0 != "\n" && $0 != "\t" })"
    }
    try await store.set(
      Self.key(channel), to: lines.isEmpty ? nil : lines.joined(separator: "\n"), by: account,
      at: SystemClock.wall())
  }

  private static func key(_ channel: ChannelKey) -> String { "presets.\(channel)" }

  // MARK: Cruises and positions

  func cruises(of channel: ChannelKey, again: Bool) async throws -> [CruiseListReply.Track] {
    var exchange = exchange(.cruiseTrackListQuery, channel)
    exchange.isComplete = { messages in
      let replies = messages.compactMap { CruiseListReply($0) }
      return Self.isWhole(replies.lazy.compactMap(\.total).first, replies.reduce(0) { $0 + $1.tracks.count })
    }
    let replies = try await questions.ask(exchange, since: .v2022, again: again)
    return replies.messages.compactMap { CruiseListReply($0) }.flatMap(\.tracks).sorted {
      $0.number < $1.number
    }
  }

  func cruise(_ number: Int, of channel: ChannelKey, again: Bool) async throws -> CruiseReply {
    var exchange = exchange(.cruiseTrackQuery, channel)
    exchange.fields = [XMLElement("Number", String(number))]
    exchange.isComplete = { messages in
      let replies = messages.compactMap { CruiseReply($0) }
      return Self.isWhole(replies.lazy.compactMap(\.total).first, replies.reduce(0) { $0 + $1.points.count })
    }
    let parts = try await questions.ask(exchange, since: .v2022, again: again).messages.compactMap {
      CruiseReply($0)
    }
    guard var whole = parts.first else { throw unreadable(channel, .cruiseTrackQuery) }
    whole.points = parts.flatMap(\.points)
    return whole
  }

  func homePosition(of channel: ChannelKey, again: Bool) async throws -> HomePosition {
    let replies = try await questions.ask(exchange(.homePositionQuery, channel), since: .v2022, again: again)
    guard let home = replies.messages.lazy.compactMap({ HomePositionReply($0) }).first?.home else {
      throw unreadable(channel, .homePositionQuery)
    }
    return home
  }

  func position(of channel: ChannelKey, again: Bool) async throws -> PTZPosition {
    let replies = try await questions.ask(exchange(.ptzPosition, channel), since: .v2022, again: again)
    guard let position = replies.messages.lazy.compactMap({ PTZPosition($0) }).first else {
      throw unreadable(channel, .ptzPosition)
    }
    return position
  }

  private func exchange(_ command: CmdType, _ channel: ChannelKey) -> Exchange {
    Exchange(
      command: command, device: channel.device, target: channel.channel, patience: DeviceQuestions.patience)
  }

  private func unreadable(_ channel: ChannelKey, _ command: CmdType) -> Problem {
    .deviceRefused(channel.device, command.name, "a document without what was asked for")
  }
}

extension Problem {
  /// Whether a device said nothing of what it was asked, now or before.
  var isNoAnswer: Bool {
    ["device-does-not-answer", "device-does-not-know", "device-refused"].contains(slug)
  }
}
