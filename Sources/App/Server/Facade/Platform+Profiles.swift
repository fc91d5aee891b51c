import Access
import GBCore
import HTTPAPI
import Logging
import Registry

/// How makes of devices, and single devices, are spoken to.
extension Platform {
  func profiles() async throws -> API.ProfileList {
    API.ProfileList(
      items: directory.profiles.profiles.map { profile in
        let marks = profile.marks
        return API.Profile(
          id: profile.id, name: profile.name, note: profile.note,
          marks: API.Profile.Marks(
            manufacturers: marks.manufacturers, models: marks.models, userAgents: marks.userAgents),
          habits: Dictionary(
            HabitKey.all.compactMap { key in key.text(profile.habits).map { (key.name, $0) } },
            uniquingKeysWith: { $1 }))
      },
      habits: HabitKey.all.map {
        API.ProfileList.Habit(
          name: $0.name, values: $0.values.filter { $0 != "`" }, summary: $0.summary.filter { $0 != "`" })
      })
  }

  func profile(device id: String) async throws -> API.DeviceProfile { profileResource(try deviceID(id)) }

  func changeProfile(
    device id: String, _ change: API.DeviceProfileChange, by caller: Caller
  ) async throws -> API.DeviceProfile {
    let id = try deviceID(id)
    let old = directory.device(id)?.settings ?? DeviceSettings()
    let new = try Self.settings(old, change, in: directory.profiles)
    let changed = try await directory.change(id) { device in
      (device.settings.profile, device.settings.habits) = (new.profile, new.habits)
    }
    if let changed { services.signalling.ruleChanged(changed) }
    services.subscriptions.settingsChanged(id)
    logger.info(
      "how a device is spoken to was changed",
      metadata: [
        "device.id": "\(id)", "user": "\(caller.principal.name)", "correlation": "\(caller.correlation)",
      ])
    return profileResource(id)
  }

  /// The settings of a device with a change of its profile.
  static func settings(
    _ old: DeviceSettings, _ change: API.DeviceProfileChange, in book: ProfileBook
  ) throws -> DeviceSettings {
    var new = old
    if let profile = change.profile {
      guard profile == "auto" || book[profile] != nil else {
        let known = book.profiles.map(\.id).joined(separator: ", ")
        throw Problem.invalid("There is no profile “\(profile.prefix(32))”.", fix: "Use auto, \(known).")
      }
      new.profile = profile == "auto" ? nil : profile
    }
    var habits = new.habits
    for (name, value) in (change.habits ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let key = HabitKey.named(name) else {
        let known = HabitKey.all.map(\.name).joined(separator: ", ")
        throw Problem.invalid("There is no habit “\(name.prefix(32))”.", fix: "Use \(known).")
      }
      guard value.isEmpty ? key.clear(&habits) : key.set(value, &habits) else {
        throw Problem.invalid("“\(name)” must be \(key.values.filter { $0 != "`" }).")
      }
    }
    new.habits = habits
    return new
  }

  private func profileResource(_ id: DeviceID) -> API.DeviceProfile {
    let device = directory.device(id) ?? Device(id: id, name: "", added: SystemClock.wall())
    let choice = directory.profile(of: device)
    let own = device.settings.habits
    let habits = HabitKey.all.map { key in
      let (mine, makes) = (key.text(own), key.text(choice.profile.habits))
      return API.DeviceProfile.Habit(
        name: key.name, value: mine ?? makes,
        from: mine != nil ? "device" : makes != nil ? "profile" : "standard")
    }
    return API.DeviceProfile(
      profile: choice.profile.id, name: choice.profile.name, note: choice.profile.note,
      ground: choice.ground.rawValue, habits: habits)
  }
}
