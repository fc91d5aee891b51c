import ArgumentParser
import Foundation
import MediaTime
import Recording
import Registry
import Server

/// What must not be deleted, without a browser.
struct HoldsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "holds", abstract: "Keep recordings from being deleted; list and release such orders.",
    subcommands: [Place.self, List.self, Release.self])

  struct Place: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Protect an interval of a channel.")
    @OptionGroup var options: ConfigurationOptions
    @Option(help: "The channel: device_channel.") var channel: String
    @Option(help: "Beginning, RFC 3339 with a zone.") var from: String
    @Option(help: "End, RFC 3339 with a zone.") var to: String
    @Option(help: "Why: it stands in the list for good.") var reason: String
    @Option(help: "When it ends by itself; without it, when somebody releases it.") var until: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      guard let key = ChannelKey(channel) else {
        throw ConfigurationError("the channel '\(channel)' must be device_channel")
      }
      let interval = WallInterval(try time(from), try time(to))
      guard !interval.isEmpty else { throw ConfigurationError("a hold must end after it begins") }
      guard !reason.isEmpty else { throw ConfigurationError("say why this must be kept") }
      let folder = try Administration.folder(options)
      let hold = try await folder.recording.placeHold(
        Hold(
          number: HoldNumber(rawValue: 0), channel: key, interval: interval, reason: reason,
          by: "command line", placed: SystemClock.wall(), until: try until.map(time)))
      json ? sayJSON(HoldRow(hold)) : say(HoldRow(hold).line)
    }

    private func time(_ text: String) throws -> WallTime {
      guard let time = WallTime(rfc3339: text) else {
        throw ConfigurationError("'\(text)' is no time like 2026-11-22T08:00:00+08:00")
      }
      return time
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List holds, newest first.")
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Those that have ended, too.") var ended = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let folder = try Administration.folder(options)
      let rows = try await folder.recording.holds(activeAt: ended ? nil : SystemClock.wall())
        .map { HoldRow($0) }
      if json { return sayJSON(rows) }
      for row in rows { say(row.line) }
      if rows.isEmpty { say("nothing is held") }
    }
  }

  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a hold. It stays in the list.")
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Its number.") var number: Int64
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let folder = try Administration.folder(options)
      guard
        let hold = try await folder.recording.releaseHold(
          HoldNumber(rawValue: number), by: "command line", now: SystemClock.wall())
      else { throw ConfigurationError("there is no hold \(number)") }
      json ? sayJSON(HoldRow(hold)) : say(HoldRow(hold).line)
    }
  }
}

private struct HoldRow: Encodable {
  let id: Int64
  let channel: String
  let from: String
  let to: String
  let reason: String
  let by: String
  let until: String?
  let released: String?
  let releasedBy: String?

  init(_ hold: Hold) {
    (id, channel) = (hold.number.rawValue, hold.channel.description)
    (from, to) = (hold.interval.start.rfc3339, hold.interval.end.rfc3339)
    (reason, by) = (hold.reason, hold.by)
    (until, released, releasedBy) = (hold.until?.rfc3339, hold.released?.rfc3339, hold.releasedBy)
  }

  var line: String {
    let end = released.map { "released \($0) by \(releasedBy ?? "?")" } ?? until.map { "until \($0)" }
    return "\(id)  \(channel)  \(from) – \(to)  \(end ?? "until released")  \(by): \(reason)"
  }
}

/// How long recordings are kept.
struct RetentionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention", abstract: "The rules of deleting: show, try, change.",
    subcommands: [Show.self, Preview.self, Set.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The rules, and what they have deleted.")
    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
      let folder = try Administration.folder(options)
      sayRules(try await folder.retentionPolicy())
      for total in try await folder.recording.deletionTotals() {
        say("deleted by \(total.rule): \(total.files) files, \(total.bytes) bytes")
      }
    }
  }

  struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What changed rules would delete now. Nothing is deleted or changed.")
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var change: RetentionChange
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let folder = try Administration.folder(options)
      let preview = try await folder.previewRetention(try change.applied(to: folder.retentionPolicy()))
      let rows = preview.channels.sorted { $0.key < $1.key }.map { Loss($0.key.description, $0.value) }
      if json { return sayJSON(Answer(total: Loss("", preview.total), channels: rows)) }
      let more = preview.isComplete ? "" : " and more"
      say("would delete \(preview.total.files) files, \(preview.total.bytes) bytes\(more)")
      for row in rows { say(row.line) }
      if preview.breaksPromise { say("the promised minimum cannot be kept: the disk is too small") }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change the rules. Try them with preview first.")
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var change: RetentionChange

    func run() async throws {
      let folder = try Administration.folder(options)
      let policy = try change.applied(to: try await folder.retentionPolicy())
      try await folder.setRetention(policy)
      sayRules(policy)
    }
  }

  private struct Answer: Encodable {
    let total: Loss
    let channels: [Loss]
  }

  private struct Loss: Encodable {
    let channel: String
    let files: Int
    let bytes: Int64
    let oldest: String?
    let newest: String?

    init(_ channel: String, _ share: RetentionPreview.Share) {
      (self.channel, files, bytes) = (channel, share.files, share.bytes)
      (oldest, newest) = (share.oldest?.rfc3339, share.newest?.rfc3339)
    }

    var line: String { "\(channel)  \(files) files  \(bytes) bytes  \(oldest ?? "") – \(newest ?? "")" }
  }

  fileprivate static func sayRules(_ policy: RetentionPolicy) {
    for retentionClass in RetentionClass.allCases {
      let ages = policy.ages(of: retentionClass)
      let maximum = ages.maximum.map { "at most \($0.inDays) days" } ?? "until space runs out"
      say("\(retentionClass.name): at least \(ages.minimum.inDays) days, \(maximum)")
    }
    say("reserve: \(policy.reserveBytes) bytes; when promises cannot be kept: \(policy.exhaustion.rawValue)")
  }
}

/// What `preview` and `set` change; the rest stays.
struct RetentionChange: ParsableArguments {
  @Option(name: .customLong("class"), help: "expendable, normal or important: whose days are meant.")
  var name = "normal"
  @Option(help: "Older recordings are deleted; 0 keeps them until space runs out.") var maximumDays: Double?
  @Option(help: "Space alone does not delete younger recordings.") var minimumDays: Double?
  @Option(help: "Bytes of the disk that recordings leave free.") var reserve: Int64?
  @Option(help: "shed or stop, when even promised recordings would have to go.") var exhaustion: String?

  func applied(to policy: RetentionPolicy) throws -> RetentionPolicy {
    guard let retentionClass = RetentionClass(name: name) else {
      throw ConfigurationError("the class must be expendable, normal or important")
    }
    var policy = policy
    var ages = policy.ages(of: retentionClass)
    if let days = maximumDays { ages.maximum = days > 0 ? .days(days) : nil }
    if let days = minimumDays { ages.minimum = .days(days) }
    guard (minimumDays ?? 0) >= 0, (maximumDays ?? 0) >= 0,
      ages.maximum.map({ $0 >= ages.minimum }) ?? true
    else {
      throw ConfigurationError("the minimum must not be negative, and the maximum not shorter than it")
    }
    if maximumDays != nil || minimumDays != nil { policy.agesByClass[retentionClass] = ages }
    if let reserve {
      guard reserve >= 0 else { throw ConfigurationError("the reserve must not be negative") }
      policy.reserveBytes = reserve
    }
    if let exhaustion {
      guard let value = RetentionPolicy.Exhaustion(rawValue: exhaustion) else {
        throw ConfigurationError("--exhaustion must be shed or stop")
      }
      policy.exhaustion = value
    }
    return policy
  }
}
