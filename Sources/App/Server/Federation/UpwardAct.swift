import Access
import GBCore

/// Everything that a platform above may ask for, and what of it must have been granted.
///
/// The only table of this kind: requests are sorted by it, ``UpwardGate`` decides by it, and a test walks through it.
enum UpwardAct: String, Sendable, Hashable, CaseIterable {
  // What is told to whoever sees the thing.
  case catalog
  case catalogSubscription = "catalog-subscription"
  case deviceInfo = "device-info"
  case deviceStatus = "device-status"
  // Pictures.
  case live
  case keyFrame = "key-frame"
  case records, playback, download
  // Orders.
  case ptz
  case dragZoom = "drag-zoom"
  case precise
  case homePosition = "home-position"
  case record, `guard`
  case alarmReset = "alarm-reset"
  case presets
  case homeQuery = "home-query"
  case cruises, cruise
  case ptzPosition = "ptz-position"
  // What happens.
  case alarmSubscription = "alarm-subscription"
  case positionSubscription = "position-subscription"
  case ptzSubscription = "ptz-subscription"
  // Speech.
  case broadcast
  // Setting up.
  case reboot, cards, configuration, configure
  // Never, whatever was granted.
  case upgrade
  case formatCard = "format-card"
  case targetTrack = "target-track"
  case unknown

  /// What carries it: one of these operations must have been granted.
  enum Need: Sendable, Hashable {
    /// That the thing is seen is enough.
    case sight
    case anyOf([AccessOperation])
    case never
  }

  var need: Need {
    switch self {
    case .catalog, .catalogSubscription, .deviceInfo, .deviceStatus: .sight
    case .live, .keyFrame: .anyOf([.live])
    case .records: .anyOf([.replay, .download])
    case .playback: .anyOf([.replay])
    case .download: .anyOf([.download])
    case .ptz, .dragZoom, .precise, .homePosition, .record, .guard, .alarmReset: .anyOf([.control])
    case .presets, .homeQuery, .cruises, .cruise, .ptzPosition, .ptzSubscription: .anyOf([.control])
    // Where something is and what happens there is told to whoever may look at it.
    case .alarmSubscription, .positionSubscription: .anyOf([.live])
    case .broadcast: .anyOf([.audio])
    case .reboot, .cards, .configuration, .configure: .anyOf([.configure])
    case .upgrade, .formatCard, .targetTrack, .unknown: .never
    }
  }

  /// What must have been granted, when several would do the first; nil when nothing or never.
  var operation: AccessOperation? {
    if case .anyOf(let operations) = need { operations.first } else { nil }
  }

  /// Whether it lasts as a call that shows pictures.
  var isCall: Bool {
    switch self {
    case .live, .playback, .download: true
    default: false
    }
  }

  /// What a query, an order or a Broadcast is about; ``unknown`` for other documents.
  init(_ message: MANSCDPMessage) {
    switch message.root {
    case .query: self.init(query: message.cmdType)
    case .control: self.init(control: message)
    case .notify where message.cmdType == .broadcast: self = .broadcast
    case .notify, .response: self = .unknown
    }
  }

  /// What a query asks for.
  init(query command: CmdType) {
    self =
      switch command {
      case .catalog: .catalog
      case .deviceInfo: .deviceInfo
      case .deviceStatus: .deviceStatus
      case .recordInfo: .records
      case .presetQuery: .presets
      case .homePositionQuery: .homeQuery
      case .cruiseTrackListQuery: .cruises
      case .cruiseTrackQuery: .cruise
      case .ptzPosition: .ptzPosition
      case .sdCardStatus: .cards
      case .configDownload: .configuration
      default: .unknown
      }
  }

  /// What a control document orders.
  init(control message: MANSCDPMessage) {
    if message.cmdType == .deviceConfig {
      self = .configure
      return
    }
    self =
      switch DeviceControl(message) {
      case .ptz: .ptz
      case .keyFrame: .keyFrame
      case .record: .record
      case .guard: .guard
      case .resetAlarm: .alarmReset
      case .dragZoom: .dragZoom
      case .homePosition: .homePosition
      case .precise: .precise
      case .reboot: .reboot
      case .upgrade: .upgrade
      case .formatCard: .formatCard
      case .targetTrack: .targetTrack
      case nil: .unknown
      }
  }

  /// What an INVITE asks for.
  init(_ session: InviteOffer.Session) {
    self =
      switch session {
      case .live: .live
      case .playback: .playback
      case .download: .download
      }
  }

  init(_ kind: SubscriptionKind) {
    self =
      switch kind {
      case .catalog: .catalogSubscription
      case .alarm: .alarmSubscription
      case .position: .positionSubscription
      case .ptzPosition: .ptzSubscription
      }
  }
}
