public import GBCore

/// Which records of the registry are not on disk yet.
///
/// Holds names, never contents: what is written is the state at the time of
/// writing, so that a thousand changes of one record cost one write, and the
/// memory is bounded by the number of records however long a disk is away.
///
/// ```text
///   changed ──► backlog ──take()──► being written ──► on disk
///                  ▲                      │ failed
///                  └──────putBack()───────┘
/// ```
public struct RegistryBacklog: Sendable, Hashable {
  /// Devices of which anything may have changed.
  public private(set) var devices: Set<DeviceID> = []
  /// Devices of which only the contact changed: what every refresh of a registration does.
  public private(set) var contacts: Set<DeviceID> = []
  public private(set) var channels: Set<ChannelKey> = []
  public private(set) var deletedChannels: Set<ChannelKey> = []
  public private(set) var quarantine: Set<DeviceID> = []
  /// Devices whose list of unreadable catalog items changed.
  public private(set) var problems: Set<DeviceID> = []

  public init() {}

  public var isEmpty: Bool { count == 0 }

  /// Records that wait.
  public var count: Int {
    devices.count + contacts.count + channels.count + deletedChannels.count + quarantine.count
      + problems.count
  }

  // MARK: Changes

  public mutating func changed(_ device: DeviceID) {
    contacts.remove(device)
    devices.insert(device)
  }

  public mutating func contactChanged(_ device: DeviceID) {
    if !devices.contains(device) { contacts.insert(device) }
  }

  public mutating func changed(_ channel: ChannelKey) {
    deletedChannels.remove(channel)
    channels.insert(channel)
  }

  public mutating func deleted(_ channel: ChannelKey) {
    channels.remove(channel)
    deletedChannels.insert(channel)
  }

  public mutating func quarantineChanged(_ device: DeviceID) { quarantine.insert(device) }

  public mutating func quarantineEnded(_ device: DeviceID) { quarantine.remove(device) }

  public mutating func problemsChanged(_ device: DeviceID) { problems.insert(device) }

  /// The device was removed from the store with everything below it: nothing of it is left to write.
  public mutating func forget(_ device: DeviceID) {
    devices.remove(device)
    contacts.remove(device)
    problems.remove(device)
    channels = channels.filter { $0.device != device }
    deletedChannels = deletedChannels.filter { $0.device != device }
  }

  // MARK: Writing

  /// What is to be written next, which waits no more: everything but channels beyond `most`, which wait on.
  ///
  /// A county's catalog in one transaction would keep everybody else from the store for seconds.
  public mutating func take(channels most: Int = .max) -> RegistryBacklog {
    var taken = self
    self = RegistryBacklog()
    guard taken.channels.count > most else { return taken }
    let now = Set(taken.channels.prefix(most))
    channels = taken.channels.subtracting(now)
    taken.channels = now
    return taken
  }

  /// What was taken could not be written and waits again. What happened since then goes first.
  public mutating func putBack(_ taken: RegistryBacklog) {
    for device in taken.devices { changed(device) }
    for device in taken.contacts { contactChanged(device) }
    for channel in taken.channels where !deletedChannels.contains(channel) { channels.insert(channel) }
    for channel in taken.deletedChannels where !channels.contains(channel) {
      deletedChannels.insert(channel)
    }
    quarantine.formUnion(taken.quarantine)
    problems.formUnion(taken.problems)
  }
}

/// Records as they are to be written, all or none.
public struct RegistryChanges: Sendable, Hashable {
  /// Stored devices of which everything is written.
  public var devices: [Device] = []
  /// Stored devices of which only ``Device/contact`` is written.
  public var contacts: [Device] = []
  public var channels: [Channel] = []
  public var deletedChannels: [ChannelKey] = []
  public var quarantine: [QuarantinedDevice] = []
  /// Replaces the lists of these devices.
  public var problems: [DeviceID: [CatalogProblemRecord]] = [:]

  public init() {}

  public var isEmpty: Bool {
    devices.isEmpty && contacts.isEmpty && channels.isEmpty && deletedChannels.isEmpty && quarantine.isEmpty
      && problems.isEmpty
  }
}
