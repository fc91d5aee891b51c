/// How one make of peers is spoken to, and how such a peer is recognised.
public struct PeerProfile: Sendable, Hashable, Identifiable {
  /// What a profile goes by: one word that must occur in what a device says of itself, whatever the letters' size.
  public struct Marks: Sendable, Hashable {
    /// In `Manufacturer` of DeviceInfo.
    public var manufacturers: [String]
    /// In `Model` of DeviceInfo.
    public var models: [String]
    /// In `User-Agent` of REGISTER.
    public var userAgents: [String]

    public init(manufacturers: [String] = [], models: [String] = [], userAgents: [String] = []) {
      (self.manufacturers, self.models, self.userAgents) = (manufacturers, models, userAgents)
    }
  }

  /// What `settings.profile` and files say: lower-case letters, digits and hyphens.
  public let id: String
  /// What people read.
  public var name: String
  /// Why it is so, in a sentence or two.
  public var note: String
  public var marks: Marks
  public var habits: PeerHabits

  public init(id: String, name: String, note: String, marks: Marks, habits: PeerHabits) {
    (self.id, self.name, self.note, self.marks, self.habits) = (id, name, note, marks, habits)
  }
}

/// Which profile a device has, and why.
public struct ProfileChoice: Sendable, Hashable {
  /// What the choice rests on, the surest first.
  public enum Ground: String, Sendable, Hashable, CaseIterable {
    /// A person set it.
    case setting
    case manufacturer
    case model
    case userAgent = "user-agent"
    /// Nothing was recognised.
    case none
  }

  public var profile: PeerProfile
  public var ground: Ground
}

/// All profiles, and the rule that finds the one of a device.
public struct ProfileBook: Sendable, Hashable {
  /// In the order in which they are tried.
  public private(set) var profiles: [PeerProfile]

  /// - Parameter profiles: those of a later one with the same `id` replace the earlier one's.
  public init(_ profiles: [PeerProfile] = ProfileBook.makes) {
    self.profiles = []
    for profile in profiles { put(profile) }
  }

  /// Adds a profile before all others, or in the place of the one with its `id`.
  public mutating func put(_ profile: PeerProfile) {
    if let index = profiles.firstIndex(where: { $0.id == profile.id }) {
      profiles[index] = profile
    } else if profile.id == PeerProfile.standard.id {
      profiles.append(profile)
    } else {
      profiles.insert(profile, at: 0)
    }
  }

  public subscript(id: String) -> PeerProfile? { profiles.first { $0.id == id } }

  /// The profile of a device: the one that was set, else the first that knows its manufacturer, its model or its
  /// User-Agent, in this order of trust, else the standard's.
  public func choice(setting: String?, dossier: DeviceDossier) -> ProfileChoice {
    if let setting, let profile = self[setting] { return ProfileChoice(profile: profile, ground: .setting) }
    let clues: [(ProfileChoice.Ground, String?, (PeerProfile.Marks) -> [String])] = [
      (.manufacturer, dossier.manufacturer, \.manufacturers), (.model, dossier.model, \.models),
      (.userAgent, dossier.userAgent, \.userAgents),
    ]
    for (ground, said, words) in clues {
      guard let said = said?.lowercased(), !said.isEmpty else { continue }
      if let profile = profiles.first(where: { words($0.marks).contains { said.contains($0.lowercased()) } })
      {
        return ProfileChoice(profile: profile, ground: ground)
      }
    }
    return ProfileChoice(profile: self[PeerProfile.standard.id] ?? .standard, ground: .none)
  }

  /// How a device is spoken to: what was set for it, over its profile.
  public func habits(settings: DeviceSettings, dossier: DeviceDossier) -> PeerHabits {
    settings.habits.over(choice(setting: settings.profile, dossier: dossier).profile.habits)
  }
}

extension DeviceSettings {
  /// What a person decided for this device alone.
  ///
  /// Arming and resetting can be switched on for a device, or are left to its make: setting `false` is as nil.
  public var habits: PeerHabits {
    get {
      var habits = furtherHabits
      habits.encoding = encoding
      habits.heartbeatInterval = heartbeatInterval
      habits.heartbeatCount = heartbeatCount
      if let fixedMediaTransport { habits.mediaTransports = [fixedMediaTransport] }
      habits.streamSelector = streamSelector
      habits.armsGuard = events.armsGuard ? true : nil
      habits.resetsAlarms = events.resetsAlarms ? true : nil
      return habits
    }
    set {
      encoding = newValue.encoding
      heartbeatInterval = newValue.heartbeatInterval
      heartbeatCount = newValue.heartbeatCount
      streamSelector = newValue.streamSelector
      events.armsGuard = newValue.armsGuard == true
      events.resetsAlarms = newValue.resetsAlarms == true
      let ways = newValue.mediaTransports ?? []
      fixedMediaTransport = ways.count == 1 ? ways[0] : nil
      furtherHabits = PeerHabits()
      furtherHabits.mediaTransports = ways.count > 1 ? ways : nil
      furtherHabits.edition = newValue.edition
      furtherHabits.keyFrameSpelling = newValue.keyFrameSpelling
      furtherHabits.timeOffset = newValue.timeOffset
      furtherHabits.talk = newValue.talk
      furtherHabits.voiceCoding = newValue.voiceCoding
    }
  }
}

extension PeerHabits {
  /// What is said here, as `edition=2016;media=udp,tcp-passive`; nil where nothing is.
  public var text: String? {
    let words = HabitKey.all.compactMap { key in key.text(self).map { "\(key.name)=\($0)" } }
    return words.isEmpty ? nil : words.joined(separator: ";")
  }

  /// Reads ``text``. What is not understood is left out: a newer version may have written it.
  public init(text: String) {
    self.init()
    for word in text.split(separator: ";") {
      guard let equals = word.firstIndex(of: "=") else { continue }
      _ = HabitKey.named(String(word[..<equals]))?.set(String(word[word.index(after: equals)...]), &self)
    }
  }
}
