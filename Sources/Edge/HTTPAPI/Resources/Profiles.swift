extension API {
  /// How one make of devices is spoken to.
  public struct Profile: Codable, Sendable, Hashable {
    /// What recognises the make: words that occur in what a device says of itself.
    public struct Marks: Codable, Sendable, Hashable {
      public var manufacturers: [String]
      public var models: [String]
      public var userAgents: [String]

      public init(manufacturers: [String] = [], models: [String] = [], userAgents: [String] = []) {
        self.manufacturers = manufacturers
        self.models = models
        self.userAgents = userAgents
      }
    }

    public var id: String
    public var name: String
    /// Why it is so.
    public var note: String
    public var marks: Marks
    /// By the names of docs/ref/profiles.md.
    public var habits: [String: String]

    public init(id: String, name: String, note: String, marks: Marks, habits: [String: String]) {
      self.id = id
      self.name = name
      self.note = note
      self.marks = marks
      self.habits = habits
    }
  }

  /// Every profile, and every habit that a device may have of its own.
  public struct ProfileList: Codable, Sendable, Hashable {
    public struct Habit: Codable, Sendable, Hashable {
      public var name: String
      public var values: String
      public var summary: String

      public init(name: String, values: String, summary: String) {
        self.name = name
        self.values = values
        self.summary = summary
      }
    }

    public var items: [Profile]
    public var habits: [Habit]

    public init(items: [Profile], habits: [Habit]) {
      self.items = items
      self.habits = habits
    }
  }

  /// How one device is spoken to, and why.
  public struct DeviceProfile: Codable, Sendable, Hashable {
    public struct Habit: Codable, Sendable, Hashable {
      public var name: String
      /// Nil: the standard's way.
      public var value: String?
      /// `device`, `profile` or `standard`.
      public var from: String

      public init(name: String, value: String?, from: String) {
        self.name = name
        self.value = value
        self.from = from
      }
    }

    /// The profile that holds.
    public var profile: String
    public var name: String
    public var note: String
    /// What the choice rests on: `setting`, `manufacturer`, `model`, `user-agent` or `none`.
    public var ground: String
    public var habits: [Habit]

    public init(profile: String, name: String, note: String, ground: String, habits: [Habit]) {
      self.profile = profile
      self.name = name
      self.note = note
      self.ground = ground
      self.habits = habits
    }
  }

  /// What is given is changed.
  public struct DeviceProfileChange: Codable, Sendable, Hashable {
    /// The id of a profile, or `auto`: go by what the device says of itself.
    public var profile: String?
    /// Values by name; an empty value leaves that habit to the profile again.
    public var habits: [String: String]?

    public init(profile: String? = nil, habits: [String: String]? = nil) {
      self.profile = profile
      self.habits = habits
    }
  }
}
