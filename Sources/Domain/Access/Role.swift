/// What a person or a program is here for. One role per account.
public enum Role: String, Sendable, Hashable, CaseIterable, Codable {
  /// Everything, including accounts and keys.
  case administrator
  /// Watches live and recorded pictures, moves cameras, speaks through them, exports, reads why a picture does not
  /// come.
  case `operator`
  /// Reads who looked at what; sees no picture.
  case auditor
  /// Connects and maintains devices and plans; sees no picture.
  case deviceManager = "device-manager"
  /// A program with an API key: reads the registry and health, opens pictures; changes nothing.
  case machine
}

/// One thing an API route may ask for.
public enum Permission: String, Sendable, Hashable, CaseIterable, Codable {
  /// Read and end the own session, read what platform this is.
  case ownSession
  /// Read devices, channels and trees.
  case viewRegistry
  /// Add, change, approve and remove devices.
  case manageDevices
  /// Change recording plans and channel names.
  case manageRecording
  /// Open live pictures and stills.
  case watchLive
  /// Read timelines: which seconds are recorded, and why others are not.
  case viewTimeline
  /// Replay recordings.
  case watchRecordings
  /// Place and release holds: what must not be deleted.
  case holdRecordings
  /// Move cameras and command what hangs at a device: recording on board, guard, alarms, key frames.
  case control
  /// Speak through cameras and loudspeakers.
  case talk
  /// Set up devices from here: configuration blocks, storage cards, restarts and upgrades.
  case configure
  /// Place files of firmware for upgrades.
  case manageFirmware
  /// Take recordings away as files.
  case exportRecordings
  /// Read the alarms of devices.
  case viewAlarms
  /// Take note of alarms.
  case acknowledgeAlarms
  /// Read signalling ladders and media diagnoses.
  case diagnose
  /// Read the health page and metrics.
  case viewHealth
  /// Read who looked at what.
  case viewAccessLog
  /// Accounts and API keys.
  case manageAccounts
  /// Read the grants, and try what they would decide.
  case viewGrants
  /// Give and revoke grants, decide about requests, keep the list of purposes.
  case manageGrants
  /// Take access in an emergency, with a reason that is reviewed.
  case breakGlass
  /// Review emergencies.
  case reviewBreakGlass
}

/// The table of roles and permissions. What is not listed is denied.
public enum AccessPolicy {
  /// Everything `role` may do.
  public static func permissions(of role: Role) -> Set<Permission> {
    switch role {
    case .administrator:
      Set(Permission.allCases)
    case .operator:
      [
        .ownSession, .viewRegistry, .watchLive, .viewTimeline, .watchRecordings, .holdRecordings,
        .exportRecordings, .control, .talk, .viewAlarms, .acknowledgeAlarms, .diagnose, .viewHealth,
        .breakGlass,
      ]
    case .auditor:
      [
        .ownSession, .viewRegistry, .viewTimeline, .viewAlarms, .viewHealth, .viewAccessLog, .viewGrants,
        .reviewBreakGlass,
      ]
    case .deviceManager:
      [
        .ownSession, .viewRegistry, .manageDevices, .manageRecording, .configure, .viewTimeline, .viewAlarms,
        .diagnose,
        .viewHealth,
      ]
    case .machine:
      [
        .ownSession, .viewRegistry, .watchLive, .viewTimeline, .watchRecordings, .exportRecordings,
        .viewAlarms, .viewHealth,
      ]
    }
  }

  /// Whether `role` may do `permission`.
  public static func allows(_ role: Role, _ permission: Permission) -> Bool {
    permissions(of: role).contains(permission)
  }
}
