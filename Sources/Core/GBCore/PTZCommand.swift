import WireBytes

/// Eight bytes that move a camera (§4.9.1, GB/T 28181-2022 Annex A.3).
public struct PTZCommand: Sendable, Hashable {
  /// Byte 4.
  public var code: UInt8
  /// Byte 5.
  public var data1: UInt8
  /// Byte 6.
  public var data2: UInt8
  /// High half of byte 7, 0…15.
  public var data3: UInt8
  /// 12 bits; receivers ignore it because DeviceID selects the camera.
  public var address: UInt16

  public init(code: UInt8, data1: UInt8 = 0, data2: UInt8 = 0, data3: UInt8 = 0, address: UInt16 = 1) {
    (self.code, self.data1, self.data2, self.data3) = (code, data1, data2, data3 & 15)
    self.address = address & 0xFFF
  }

  /// The eight bytes.
  public var bytes: [UInt8] {
    // Byte 2: version 0, and a check of byte 1 and itself: (A + 5 + 0) mod 16 = F.
    var bytes: [UInt8] = [
      0xA5, 0x0F, UInt8(truncatingIfNeeded: address), code, data1, data2,
      data3 << 4 | UInt8(truncatingIfNeeded: address >> 8),
    ]
    bytes.append(bytes.reduce(0, &+))
    return bytes
  }

  /// Sixteen upper-case hexadecimal digits, as `PTZCmd` carries them.
  public var hex: String { Hex.lowercase(bytes).uppercased() }

  /// Reads `PTZCmd`. Vendors fill bytes 2 and 3 as they like, so only length and start byte decide.
  /// - Returns: the command and whether its checksum is right, or nil.
  public static func parse(_ text: some StringProtocol) -> (command: PTZCommand, isChecksumRight: Bool)? {
    guard text.utf8.count <= 64, let bytes = Hex.decode(String(text).trimmed), bytes.count == 8,
      bytes[0] == 0xA5
    else { return nil }
    let command = PTZCommand(
      code: bytes[3], data1: bytes[4], data2: bytes[5], data3: bytes[6] >> 4,
      address: UInt16(bytes[6] & 15) << 8 | UInt16(bytes[2]))
    return (command, bytes[..<7].reduce(0, &+) == bytes[7])
  }
}

extension PTZCommand {
  /// Ends every movement, cruise and scan.
  public static let stop = PTZCommand(code: 0)

  public enum Pan: UInt8, Sendable {
    case right = 1
    case left = 2
  }
  public enum Tilt: UInt8, Sendable {
    case down = 4
    case up = 8
  }
  public enum Zoom: UInt8, Sendable {
    case zoomIn = 0x10
    case zoomOut = 0x20
  }

  /// Starts moving; directions combine, and it goes on until ``stop``.
  /// - Parameters:
  ///   - panSpeed: 0…255.
  ///   - tiltSpeed: 0…255.
  ///   - zoomSpeed: 0…15.
  public static func move(
    pan: Pan? = nil, tilt: Tilt? = nil, zoom: Zoom? = nil, panSpeed: UInt8 = 0, tiltSpeed: UInt8 = 0,
    zoomSpeed: UInt8 = 0
  ) -> PTZCommand {
    let code = (pan?.rawValue ?? 0) | (tilt?.rawValue ?? 0) | (zoom?.rawValue ?? 0)
    return PTZCommand(code: code, data1: panSpeed, data2: tiltSpeed, data3: zoomSpeed)
  }

  public enum Focus: UInt8, Sendable {
    case far = 1
    case near = 2
  }
  public enum Iris: UInt8, Sendable {
    case open = 4
    case close = 8
  }

  /// Starts focus or iris; neither ends both. Speeds 0…255.
  public static func lens(
    focus: Focus? = nil, iris: Iris? = nil, focusSpeed: UInt8 = 0, irisSpeed: UInt8 = 0
  ) -> PTZCommand {
    let code = 0x40 | (focus?.rawValue ?? 0) | (iris?.rawValue ?? 0)
    return PTZCommand(code: code, data1: focusSpeed, data2: irisSpeed)
  }

  public enum PresetAction: UInt8, Sendable {
    case set = 0x81
    case call = 0x82
    case delete = 0x83
  }

  /// Presets 1…255; 0 is reserved.
  public static func preset(_ action: PresetAction, _ number: UInt8) -> PTZCommand {
    PTZCommand(code: action.rawValue, data2: number)
  }

  public enum CruiseAction: Sendable, Hashable {
    case add(preset: UInt8)
    case delete(preset: UInt8)
    /// Removes the whole cruise.
    case deleteAll
    /// 0…4 095
    case speed(Int)
    /// Seconds at each point, 0…4 095.
    case stay(Int)
    case start
  }

  /// Cruise `group`; ``stop`` ends a running one.
  public static func cruise(_ group: UInt8, _ action: CruiseAction) -> PTZCommand {
    switch action {
    case .add(let preset): PTZCommand(code: 0x84, data1: group, data2: preset)
    case .delete(let preset): PTZCommand(code: 0x85, data1: group, data2: preset)
    case .deleteAll: PTZCommand(code: 0x85, data1: group)
    case .speed(let value): twelveBits(0x86, group, value)
    case .stay(let value): twelveBits(0x87, group, value)
    case .start: PTZCommand(code: 0x88, data1: group)
    }
  }

  public enum ScanAction: Sendable, Hashable {
    case start, setLeft, setRight
    /// 0…4 095
    case speed(Int)
  }

  /// Automatic scan `group`; ``stop`` ends a running one.
  public static func scan(_ group: UInt8, _ action: ScanAction) -> PTZCommand {
    switch action {
    case .start: PTZCommand(code: 0x89, data1: group)
    case .setLeft: PTZCommand(code: 0x89, data1: group, data2: 1)
    case .setRight: PTZCommand(code: 0x89, data1: group, data2: 2)
    case .speed(let value): twelveBits(0x8A, group, value)
    }
  }

  /// Auxiliary switch `number` on or off; 1 is the wiper.
  public static func auxiliary(_ number: UInt8, isOn: Bool) -> PTZCommand {
    PTZCommand(code: isOn ? 0x8C : 0x8D, data1: number)
  }

  private static func twelveBits(_ code: UInt8, _ group: UInt8, _ value: Int) -> PTZCommand {
    let value = min(max(value, 0), 0xFFF)
    return PTZCommand(code: code, data1: group, data2: UInt8(value & 0xFF), data3: UInt8(value >> 8))
  }
}
