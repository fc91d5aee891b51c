/// Moving cameras and commanding what hangs at a device.

extension API {
  /// What a camera can be told (§4.9).
  public enum PTZActionName: String, Codable, Sendable, Hashable, CaseIterable {
    /// Pan, tilt and zoom until `stop` or until `hold` is over.
    case move
    /// Focus and iris, in the same way.
    case lens
    /// Ends every movement, cruise and scan.
    case stop
    case presetCall = "preset-call"
    case presetSet = "preset-set"
    case presetDelete = "preset-delete"
    case cruiseStart = "cruise-start"
    case cruiseStop = "cruise-stop"
    case cruiseAdd = "cruise-add"
    case cruiseRemove = "cruise-remove"
    case cruiseClear = "cruise-clear"
    case cruiseSpeed = "cruise-speed"
    case cruiseStay = "cruise-stay"
    case scanStart = "scan-start"
    case scanStop = "scan-stop"
    case scanLeft = "scan-left"
    case scanRight = "scan-right"
    case scanSpeed = "scan-speed"
    case auxiliary
    case dragZoomIn = "drag-zoom-in"
    case dragZoomOut = "drag-zoom-out"
    case precise
  }

  /// One order to a camera. Which values it needs depends on `action`.
  public struct PTZRequest: Codable, Sendable, Hashable {
    public var action: PTZActionName
    /// Of a movement: −1 (left) … 1 (right). Of `precise`: degrees 0…360.
    public var pan: Double?
    /// Of a movement: −1 (down) … 1 (up). Of `precise`: degrees −30…90, down positive.
    public var tilt: Double?
    /// Of a movement: −1 (out) … 1 (in). Of `precise`: times.
    public var zoom: Double?
    /// −1 (near) … 1 (far)
    public var focus: Double?
    /// −1 (close) … 1 (open)
    public var iris: Double?
    /// Milliseconds after which a movement ends unless it is renewed.
    public var hold: Int?
    /// Preset 1…255, or switch 0…255 (1 is the wiper).
    public var number: Int?
    /// Name of a preset that is set.
    public var name: String?
    /// Cruise or scan 0…255.
    public var group: Int?
    /// Speed of a cruise or scan, or seconds at each point: 0…4095.
    public var value: Int?
    /// Switch on or off.
    public var on: Bool?
    public var box: DragBox?

    public init(
      action: PTZActionName, pan: Double? = nil, tilt: Double? = nil, zoom: Double? = nil,
      focus: Double? = nil, iris: Double? = nil, hold: Int? = nil, number: Int? = nil, name: String? = nil,
      group: Int? = nil, value: Int? = nil, on: Bool? = nil, box: DragBox? = nil
    ) {
      (self.action, self.pan, self.tilt, self.zoom) = (action, pan, tilt, zoom)
      (self.focus, self.iris, self.hold, self.number) = (focus, iris, hold, number)
      (self.name, self.group, self.value, self.on, self.box) = (name, group, value, on, box)
    }
  }

  /// A rectangle drawn in a picture. Pixels, origin top left.
  public struct DragBox: Codable, Sendable, Hashable {
    public var windowWidth: Int
    public var windowHeight: Int
    public var centreX: Int
    public var centreY: Int
    public var width: Int
    public var height: Int

    public init(windowWidth: Int, windowHeight: Int, centreX: Int, centreY: Int, width: Int, height: Int) {
      (self.windowWidth, self.windowHeight) = (windowWidth, windowHeight)
      (self.centreX, self.centreY, self.width, self.height) = (centreX, centreY, width, height)
    }
  }

  /// Who moves a camera.
  public struct CameraGrip: Codable, Sendable, Hashable {
    public var by: String
    /// 1…254: the higher moves.
    public var priority: Int
    /// When it is free again unless another order comes.
    public var until: Time
    /// Whether it moves now.
    public var moving: Bool

    public init(by: String, priority: Int, until: Time, moving: Bool) {
      (self.by, self.priority, self.until, self.moving) = (by, priority, until, moving)
    }
  }

  /// What became of an order to a camera.
  public struct PTZAnswer: Codable, Sendable, Hashable {
    /// The element that was sent.
    public var command: String
    /// `PTZCmd` as it was sent, when it was one.
    public var hex: String?
    /// Until the device's SIP side took it.
    public var milliseconds: Int
    public var holder: CameraGrip?

    public init(command: String, hex: String? = nil, milliseconds: Int, holder: CameraGrip? = nil) {
      (self.command, self.hex, self.milliseconds, self.holder) = (command, hex, milliseconds, holder)
    }
  }

  /// What a console needs to know before it offers to move a camera.
  public struct CameraControl: Codable, Sendable, Hashable {
    /// The edition that the device speaks: `2.0`, `3.0` …
    public var edition: String
    /// `PTZType` of its catalog, 1…7; absent when it says none.
    public var ptzType: Int?
    /// Actions and queries that its edition does not know.
    public var unknown: [String]
    /// Queries that it left unanswered; asked again with `again=true`, or when it registers with other firmware.
    public var unanswered: [String]
    public var holder: CameraGrip?

    public init(
      edition: String, ptzType: Int? = nil, unknown: [String], unanswered: [String], holder: CameraGrip? = nil
    ) {
      (self.edition, self.ptzType, self.unknown) = (edition, ptzType, unknown)
      (self.unanswered, self.holder) = (unanswered, holder)
    }
  }

  /// Commands that go to a channel or its device.
  public enum ControlName: String, Codable, Sendable, Hashable, CaseIterable {
    case keyFrame = "key-frame"
    case homePosition = "home-position"
    case recordStart = "record-start"
    case recordStop = "record-stop"
    case guardOn = "guard-on"
    case guardOff = "guard-off"
    case alarmReset = "alarm-reset"
    case reboot
    case formatCard = "format-card"
    case upgrade
  }

  /// A command.
  public struct ControlRequest: Codable, Sendable, Hashable {
    public var command: ControlName
    /// `channel` or `device`: some recorders act only on their own code. Without it what is set for the device.
    public var target: String?
    /// Of `record-start`: 0 main, 1 first sub-stream (2022).
    public var stream: Int?
    /// Of `alarm-reset`: AlarmMethod, several joined with `/`.
    public var method: String?
    /// Of `alarm-reset`: AlarmType.
    public var type: String?
    /// Of `format-card`: from 1; 0 means all.
    public var card: Int?
    /// Of `upgrade`: the name of a file that was placed under /api/v1/firmware.
    public var file: String?
    /// Of `upgrade`: the version that the device will have.
    public var firmware: String?

    public init(
      command: ControlName, target: String? = nil, stream: Int? = nil, method: String? = nil,
      type: String? = nil, card: Int? = nil, file: String? = nil, firmware: String? = nil
    ) {
      (self.command, self.target, self.stream, self.method) = (command, target, stream, method)
      (self.type, self.card, self.file, self.firmware) = (type, card, file, firmware)
    }
  }

  /// What became of a command.
  public struct ControlAnswer: Codable, Sendable, Hashable {
    public var command: ControlName
    /// Whether the device said in a document that it did it. Absent for commands that none answers; false when the
    /// answer did not come, though the device took the command.
    public var confirmed: Bool?
    /// Until the device answered.
    public var milliseconds: Int
    /// Of `upgrade`: its session.
    public var session: String?

    public init(command: ControlName, confirmed: Bool? = nil, milliseconds: Int, session: String? = nil) {
      (self.command, self.confirmed) = (command, confirmed)
      (self.milliseconds, self.session) = (milliseconds, session)
    }
  }

  /// A stored position of a camera.
  public struct Preset: Codable, Sendable, Hashable {
    public var number: Int
    public var name: String?
    /// `device`: the device lists it. `platform`: it was set here, and the device cannot list its presets.
    public var source: String

    public init(number: Int, name: String? = nil, source: String) {
      (self.number, self.name, self.source) = (number, name, source)
    }
  }

  /// Another name for a preset.
  public struct PresetName: Codable, Sendable, Hashable {
    /// At most 32 letters or 16 Chinese characters; empty gives the device's own name back.
    public var name: String

    public init(name: String) { self.name = name }
  }

  /// The presets of a camera.
  public struct Presets: Codable, Sendable, Hashable {
    public var items: [Preset]
    /// False when the device did not answer and the list is what was set from here.
    public var listed: Bool
    /// False when the device announced more than it sent.
    public var complete: Bool

    public init(items: [Preset], listed: Bool, complete: Bool) {
      (self.items, self.listed, self.complete) = (items, listed, complete)
    }
  }

  /// The preset to which a camera returns by itself.
  public struct HomePosition: Codable, Sendable, Hashable {
    public var enabled: Bool
    /// Seconds.
    public var resetTime: Int?
    /// 0…255
    public var preset: Int?

    public init(enabled: Bool, resetTime: Int? = nil, preset: Int? = nil) {
      (self.enabled, self.resetTime, self.preset) = (enabled, resetTime, preset)
    }
  }

  /// Where a camera looks.
  public struct PTZPosition: Codable, Sendable, Hashable {
    public var pan: Double?
    public var tilt: Double?
    public var zoom: Double?
    public var horizontalFieldAngle: Double?
    public var verticalFieldAngle: Double?
    public var maxViewDistance: Double?

    public init(
      pan: Double? = nil, tilt: Double? = nil, zoom: Double? = nil, horizontalFieldAngle: Double? = nil,
      verticalFieldAngle: Double? = nil, maxViewDistance: Double? = nil
    ) {
      (self.pan, self.tilt, self.zoom) = (pan, tilt, zoom)
      (self.horizontalFieldAngle, self.verticalFieldAngle) = (horizontalFieldAngle, verticalFieldAngle)
      self.maxViewDistance = maxViewDistance
    }
  }

  /// A cruise that a device knows.
  public struct Cruise: Codable, Sendable, Hashable {
    public var number: Int
    public var name: String?
    /// Only when one cruise is asked for.
    public var points: [CruisePoint]?

    public init(number: Int, name: String? = nil, points: [CruisePoint]? = nil) {
      (self.number, self.name, self.points) = (number, name, points)
    }
  }

  /// One stop of a cruise.
  public struct CruisePoint: Codable, Sendable, Hashable {
    public var preset: Int
    /// Seconds.
    public var stay: Int?
    /// 1…15
    public var speed: Int?

    public init(preset: Int, stay: Int? = nil, speed: Int? = nil) {
      (self.preset, self.stay, self.speed) = (preset, stay, speed)
    }
  }
}
