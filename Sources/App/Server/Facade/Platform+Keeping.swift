import Access
import HTTPAPI
import Logging
import MediaTime
import Recording
import Registry
import SegmentStore
import StoreSQLite

extension Platform {
  func retention() async throws -> API.Retention {
    let usage = try await services.store.usage()
    return API.Retention(
      rules: Self.rules(await services.retentionPolicy()),
      deleted: try await services.store.deletionTotals().map {
        API.DeletedRecordings(rule: $0.rule, files: $0.files, bytes: $0.bytes)
      }, files: usage.segments, bytes: usage.bytes, oldest: usage.oldest.map { API.Time($0) },
      newest: usage.newest.map { API.Time($0) })
  }

  func changeRetention(_ rules: API.RetentionRules, by caller: Caller) async throws -> API.Retention {
    let policy = try Self.policy(rules, over: await services.retentionPolicy())
    let now = SystemClock.wall()
    for (key, value) in RetentionSettings.settings(of: policy).sorted(by: { $0.key < $1.key }) {
      try await services.store.set(key, to: value, by: caller.principal.name, at: now)
    }
    logger.notice(
      "the rules of deleting were changed",
      metadata: ["user": "\(caller.principal.name)", "correlation": "\(caller.correlation)"])
    return try await retention()
  }

  func previewRetention(_ rules: API.RetentionRules) async throws -> API.RetentionPreview {
    let policy = try Self.policy(rules, over: await services.retentionPolicy())
    return Self.resource(try await services.retention.runner.preview(policy, now: SystemClock.wall()))
  }

  func holds(ended: Bool, for caller: Caller) async throws -> [API.Hold] {
    let now = SystemClock.wall()
    var result: [API.Hold] = []
    for hold in try await services.store.holds(activeAt: ended ? nil : now)
    where isShown(hold.channel, to: caller) {
      result.append(try await resource(hold, now))
    }
    return result
  }

  /// Footage may outlive its camera: then whoever keeps holds answers for it.
  private func isShown(_ channel: ChannelKey, to caller: Caller) -> Bool {
    guard directory.channel(channel) != nil else { return caller.principal.may(.holdRecordings) }
    return rights.shows(rights.facts(channel), to: caller.principal)
  }

  func placeHold(_ hold: API.NewHold, by caller: Caller) async throws -> API.Hold {
    let now = SystemClock.wall()
    // Footage may outlive the device it came from.
    guard let key = ChannelKey(hold.channel) else {
      throw Problem.notFound("There is no channel “\(hold.channel.prefix(80))”.")
    }
    if directory.channel(key) == nil,
      try await services.store.segments(key, in: WallInterval(hold.from.wall, hold.to.wall), limit: 1).isEmpty
    {
      throw Problem.notFound("There is neither a channel “\(key)” nor anything recorded of it then.")
    }
    if directory.channel(key) != nil { try await requireShown(channel: hold.channel, by: caller) }
    guard hold.from.wall < hold.to.wall else { throw Problem.invalid("A hold must end after it begins.") }
    guard (1...500).contains(hold.reason.trimmed.count) else {
      throw Problem.invalid("Say in at most 500 characters why this must be kept.")
    }
    if let until = hold.until, until.wall <= now {
      throw Problem.invalid("A hold that has ended already protects nothing.")
    }
    let placed = try await services.store.placeHold(
      Hold(
        number: HoldNumber(rawValue: 0), channel: key,
        interval: WallInterval(hold.from.wall, hold.to.wall), reason: hold.reason.trimmed,
        by: caller.principal.name, placed: now, until: hold.until?.wall))
    logger.notice(
      "a hold was placed",
      metadata: [
        "channel.id": "\(key)", "hold": "\(placed.number.rawValue)", "user": "\(caller.principal.name)",
        "correlation": "\(caller.correlation)",
      ])
    return try await resource(placed, now)
  }

  func releaseHold(_ id: String, by caller: Caller) async throws -> API.Hold {
    let now = SystemClock.wall()
    guard let number = Int64(id),
      let known = try await services.store.holds(activeAt: nil).first(where: { $0.number.rawValue == number }
      ),
      isShown(known.channel, to: caller),
      let hold = try await services.store.releaseHold(
        HoldNumber(rawValue: number), by: caller.principal.name, now: now)
    else { throw Problem.notFound("There is no hold “\(id.prefix(32))”.") }
    logger.notice(
      "a hold was released",
      metadata: [
        "channel.id": "\(hold.channel)", "hold": "\(number)", "user": "\(caller.principal.name)",
        "correlation": "\(caller.correlation)",
      ])
    return try await resource(hold, now)
  }

  // MARK: Index and files

  func indexCheck() async throws -> API.IndexCheck {
    let damaged = try await services.store.damagedSegments(limit: 100).map {
      API.DamagedRecording(
        channel: $0.id.channel.description, start: API.Time(WallTime(milliseconds: $0.id.startMilliseconds)),
        fault: $0.fault, seen: API.Time($0.seen))
    }
    let isRunning = await services.indexCheck.isRunning
    guard let report = try await services.store.lastCheck()?.report else {
      return API.IndexCheck(running: isRunning, damaged: damaged)
    }
    return API.IndexCheck(
      running: isRunning, started: API.Time(report.started), ended: report.ended.map { API.Time($0) },
      files: report.files, hashed: report.hashed, hashedBytes: report.hashedBytes, faults: report.faults,
      damaged: damaged)
  }

  func runIndexCheck(by caller: Caller) async throws -> API.IndexCheck {
    logger.notice(
      "a comparison of index and files was ordered", metadata: ["user": "\(caller.principal.name)"])
    await services.indexCheck.run(pace: false)
    return try await indexCheck()
  }

  // MARK: Between resources and values

  private func resource(_ hold: Hold, _ now: WallTime) async throws -> API.Hold {
    let extent = try await services.store.extent(hold.channel, in: hold.interval)
    return API.Hold(
      id: String(hold.number.rawValue), channel: hold.channel.description,
      from: API.Time(hold.interval.start), to: API.Time(hold.interval.end), reason: hold.reason, by: hold.by,
      placed: API.Time(hold.placed), until: hold.until.map { API.Time($0) },
      released: hold.released.map { API.Time($0) }, releasedBy: hold.releasedBy,
      active: hold.isActive(at: now), files: extent.files, bytes: extent.bytes)
  }

  static func rules(_ policy: RetentionPolicy) -> API.RetentionRules {
    API.RetentionRules(
      classes: RetentionClass.allCases.map { retentionClass in
        let ages = policy.ages(of: retentionClass)
        return API.RetentionClassRules(
          name: retentionClass.name, maximumDays: ages.maximum?.inDays, minimumDays: ages.minimum.inDays)
      }, reserveBytes: policy.reserveBytes, exhaustion: policy.exhaustion.rawValue)
  }

  /// - Parameter present: holds for classes that `rules` do not name.
  static func policy(_ rules: API.RetentionRules, over present: RetentionPolicy) throws -> RetentionPolicy {
    var policy = present
    for entry in rules.classes {
      guard let retentionClass = RetentionClass(name: entry.name) else {
        throw Problem.invalid("A class is expendable, normal or important, not “\(entry.name.prefix(32))”.")
      }
      guard entry.minimumDays >= 0, entry.maximumDays.map({ $0 > 0 && $0 >= entry.minimumDays }) ?? true
      else {
        throw Problem.invalid(
          "Of “\(entry.name)” the minimum must not be negative, and the maximum not shorter than it.")
      }
      policy.agesByClass[retentionClass] = RetentionPolicy.Ages(
        maximum: entry.maximumDays.map { .days($0) },
        minimum: .days(entry.minimumDays))
    }
    guard rules.reserveBytes >= 0 else { throw Problem.invalid("The reserve must not be negative.") }
    guard let exhaustion = RetentionPolicy.Exhaustion(rawValue: rules.exhaustion) else {
      throw Problem.invalid("“exhaustion” is shed or stop.")
    }
    policy.reserveBytes = rules.reserveBytes
    policy.exhaustion = exhaustion
    return policy
  }

  static func resource(_ preview: RetentionPreview) -> API.RetentionPreview {
    let channels = preview.channels.sorted { ($1.value.bytes, $0.key) < ($0.value.bytes, $1.key) }
    return API.RetentionPreview(
      files: preview.total.files, bytes: preview.total.bytes,
      oldest: preview.total.oldest.map { API.Time($0) },
      newest: preview.total.newest.map { API.Time($0) },
      rules: preview.rules.sorted { $0.key.rawValue < $1.key.rawValue }.map {
        API.DeletedRecordings(rule: $0.key.rawValue, files: $0.value.files, bytes: $0.value.bytes)
      },
      channels: channels.compactMap { key, share in
        guard let oldest = share.oldest, let newest = share.newest else { return nil }
        return API.ChannelLoss(
          channel: key.description, files: share.files, bytes: share.bytes, oldest: API.Time(oldest),
          newest: API.Time(newest))
      }, breaksPromise: preview.breaksPromise, missingBytes: preview.missingBytes,
      complete: preview.isComplete)
  }
}
