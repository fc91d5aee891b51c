public import GBCore

/// What happens at the peers of a fleet, on demand. Devices count from 0; others are ignored, and so is everything
/// while the fleet does not run.
extension SimulatedFleet {
  /// Raises an alarm in the way of the device (``EventHabits``). Without a time it has the present one.
  public func raise(_ alarm: AlarmNotice, device: Int) { perform(device) { $0.raise(alarm) } }

  /// Gives a camera another state, which is reported to whoever has subscribed to the catalog.
  public func setStatus(_ status: CatalogStatus, of camera: DeviceID, device: Int) {
    perform(device) { $0.setStatus(status, of: camera) }
  }

  /// Moves a mobile camera.
  public func move(_ camera: DeviceID, to position: GeoPosition, device: Int) {
    perform(device) { $0.move(camera, to: position) }
  }

  /// Turns a camera.
  public func look(_ camera: DeviceID, _ view: PTZPosition, device: Int) {
    perform(device) { $0.look(camera, view) }
  }

  /// What a device heard of the voices that were sent to it; nil while the fleet does not run.
  public func heardVoice(device: Int) async -> HeardVoice? { await inspect(device) { $0.voices.heard } }

  /// A device ends its voice sessions by itself.
  public func hangUpVoices(device: Int) { perform(device) { $0.voices.hangUp() } }

  /// Cuts the power for a moment: the device registers anew and knows of no subscription.
  public func restart(device: Int) {
    perform(device) { device in
      device.unplug()
      device.plug()
    }
  }
}
