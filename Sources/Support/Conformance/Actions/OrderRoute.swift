/// Where an order goes in Tributary's interface, below its channel or its device.
struct OrderRoute {
  let path: String
  let body: [String: any Sendable]
  var method = "POST"
  var isDevice = false

  private init(
    _ path: String, _ body: [String: any Sendable], method: String = "POST", isDevice: Bool = false
  ) {
    (self.path, self.body, self.method, self.isDevice) = (path, body, method, isDevice)
  }

  private static func ptz(_ action: String, _ more: [String: any Sendable] = [:]) -> OrderRoute {
    OrderRoute("ptz", more.merging(["action": action]) { $1 })
  }

  private static func control(_ command: String, isDevice: Bool = false) -> OrderRoute {
    OrderRoute("controls", ["command": command], isDevice: isDevice)
  }

  init(_ order: PeerOrder) {
    self =
      switch order {
      case .move(0, 0, 0, _): .ptz("stop")
      case .move(let pan, let tilt, let zoom, let speed): .ptz("move", Self.movement(pan, tilt, zoom, speed))
      case .focus(let way): .ptz("lens", ["focus": way])
      case .iris(let way): .ptz("lens", ["iris": way])
      case .lensStop: .ptz("stop")
      case .setPreset(let number, let name): .ptz("preset-set", ["number": number, "name": name])
      case .callPreset(let number): .ptz("preset-call", ["number": number])
      case .deletePreset(let number): .ptz("preset-delete", ["number": number])
      case .startCruise(let number): .ptz("cruise-start", ["group": number])
      case .startScan(let number): .ptz("scan-start", ["group": number])
      case .wiper(let isOn): .ptz("auxiliary", ["number": 1, "on": isOn])
      case .precise(let pan, let tilt, let zoom): .ptz("precise", ["pan": pan, "tilt": tilt, "zoom": zoom])
      case .dragZoomIn: .ptz("drag-zoom-in", ["box": Self.box])
      case .keyFrame: .control("key-frame")
      case .reboot: .control("reboot", isDevice: true)
      case .record(let isOn): .control(isOn ? "record-start" : "record-stop")
      case .guardDuty(let isOn): .control(isOn ? "guard-on" : "guard-off")
      case .resetAlarm: .control("alarm-reset")
      case .homePosition(let preset, let seconds):
        OrderRoute(
          "home-position", ["enabled": true, "preset": preset, "resetTime": seconds], method: "PUT")
      case .formatCard(let number):
        OrderRoute("controls", ["command": "format-card", "card": number], isDevice: true)
      case .snapshot: OrderRoute("snapshots", ["count": 1])
      case .broadcast: OrderRoute("voice", ["mode": "broadcast", "purpose": "conformance test"])
      }
  }

  private static func movement(_ pan: Int, _ tilt: Int, _ zoom: Int, _ speed: Int) -> [String: any Sendable] {
    let share = Double(speed) / 255
    return ["pan": Double(pan) * share, "tilt": Double(tilt) * share, "zoom": Double(zoom) * share]
  }

  private static var box: [String: any Sendable] {
    ["windowWidth": 704, "windowHeight": 576, "centreX": 352, "centreY": 288, "width": 100, "height": 80]
  }
}
