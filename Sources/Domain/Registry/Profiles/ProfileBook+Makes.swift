import GBCore

extension PeerProfile {
  /// The standard, and every spelling that does no harm: for whatever is not recognised.
  public static let standard = PeerProfile(
    id: "standard", name: "GB/T 28181",
    note:
      "Nothing is known of this make: the standard's way, and where it leaves a choice all that do no harm.",
    marks: Marks(), habits: PeerHabits())
}

extension ProfileBook {
  /// The makes whose habits the open field has told of (§14.2). A file can change each of them and add others.
  public static let makes: [PeerProfile] = [hikvision, dahua, uniview, tiandy, tplink, .standard]

  private static func profile(
    _ id: String, _ name: String, _ note: String, _ marks: PeerProfile.Marks,
    _ set: (inout PeerHabits) -> Void
  ) -> PeerProfile {
    var habits = PeerHabits()
    set(&habits)
    return PeerProfile(id: id, name: name, note: note, marks: marks, habits: habits)
  }

  private static let hikvision = profile(
    "hikvision", "Hikvision",
    "Takes the standard's stream number, gets both spellings of the key frame's order, and is armed before it is "
      + "asked for alarms: it reports none before.",
    PeerProfile.Marks(
      manufacturers: ["hikvision", "海康"], models: ["ds-2", "ds-7", "ds-8", "ds-9", "ids-"],
      userAgents: ["embedded net dvr", "ip camera"])
  ) {
    $0.streamSelector = .streamNumber
    $0.keyFrameSpelling = .both
    $0.armsGuard = true
  }

  private static let dahua = profile(
    "dahua", "Dahua", "Takes a=streamprofile, and gets both spellings of the key frame's order.",
    PeerProfile.Marks(
      manufacturers: ["dahua", "大华"], models: ["dh-", "ipc-hfw", "ipc-hdw"], userAgents: ["sip uas v20"])
  ) {
    $0.streamSelector = .streamProfile
    $0.keyFrameSpelling = .both
  }

  private static let tplink = profile(
    "tp-link", "TP-Link, Mercury", "Takes a=streamMode:main or sub.",
    PeerProfile.Marks(manufacturers: ["tp-link", "tplink", "mercury", "普联", "水星"], userAgents: ["tp-link"])
  ) {
    $0.streamSelector = .streamMode
  }

  private static let uniview = profile(
    "uniview", "Uniview",
    "Keeps to the standard in what is asked of it; its cameras have codes of the types 119 to 129.",
    PeerProfile.Marks(manufacturers: ["uniview", "宇视"], userAgents: ["uniview"])
  ) { _ in }

  private static let tiandy = profile(
    "tiandy", "Tiandy",
    "Keeps to the standard in what is asked of it; its stream maps have wrong lengths, which every stream may have.",
    PeerProfile.Marks(manufacturers: ["tiandy", "天地伟业"], userAgents: ["tiandy"])
  ) { _ in }
}
