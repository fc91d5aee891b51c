import Recording

/// The rules of deleting as settings of the database, each with its history there.
///
/// `retention.maximum-days` and `retention.minimum-days` hold for every class that has none of its own under
/// `retention.<class>.…`. A maximum of 0 keeps recordings until space runs out.
enum RetentionSettings {
  /// The rules in force: settings over the defaults.
  ///
  /// - Parameter reserve: bytes to leave free where no setting says otherwise.
  static func policy(from settings: [String: String], reserve: Int64) -> RetentionPolicy {
    var policy = RetentionPolicy(reserveBytes: reserve)
    policy.ages = ages(settings, "retention", over: policy.ages)
    for retentionClass in RetentionClass.allCases {
      let own = ages(settings, "retention.\(retentionClass.name)", over: policy.ages)
      if own != policy.ages { policy.agesByClass[retentionClass] = own }
    }
    if let bytes = settings["retention.reserve-bytes"].flatMap({ Int64($0) }), bytes >= 0 {
      policy.reserveBytes = bytes
    }
    if settings["retention.exhaustion"] == "stop" { policy.exhaustion = .stop }
    return policy
  }

  /// The settings that mean `policy`.
  static func settings(of policy: RetentionPolicy) -> [String: String] {
    var settings = [
      "retention.reserve-bytes": String(policy.reserveBytes),
      "retention.exhaustion": policy.exhaustion.rawValue,
    ]
    for retentionClass in RetentionClass.allCases {
      let ages = policy.ages(of: retentionClass)
      let prefix = "retention.\(retentionClass.name)"
      settings["\(prefix).maximum-days"] = ages.maximum.map(days) ?? "0"
      settings["\(prefix).minimum-days"] = days(ages.minimum)
    }
    return settings
  }

  private static func ages(
    _ settings: [String: String], _ prefix: String, over ages: RetentionPolicy.Ages
  ) -> RetentionPolicy.Ages {
    var ages = ages
    if let days = settings["\(prefix).maximum-days"].flatMap({ Double($0) }), days >= 0 {
      ages.maximum = days > 0 ? .days(days) : nil
    }
    if let days = settings["\(prefix).minimum-days"].flatMap({ Double($0) }), days >= 0 {
      ages.minimum = .days(days)
    }
    return ages
  }

  private static func days(_ duration: Duration) -> String { String(duration.inDays) }
}
