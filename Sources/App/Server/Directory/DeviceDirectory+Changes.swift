import Federation
import GBCore
import MediaTime
import Registry
import Synchronization

extension DeviceDirectory {
  // MARK: People

  /// Adds or replaces a device that a person or program announced, with its password.
  func add(_ device: Device, password: String) async throws {
    try await writing.pass {
      try await store.save([device])
      try await store.setPassword(password, of: device.id)
      try await store.deleteQuarantine(device.id)
      state.withLock { state in
        var device = device
        device.hasCredential = true
        state.directory.save(device)
        state.passwords[device.id] = password
        state.news?.devices.insert(device.id)
        state.quarantine[device.id] = nil
        state.backlog.quarantineEnded(device.id)
      }
    }
  }

  /// Changes a known device; nil when it is not known.
  func change(_ id: DeviceID, password: String? = nil, _ body: (inout Device) -> Void) async throws -> Device?
  {
    try await writing.pass {
      let changed = state.withLock { state -> Device? in
        state.directory.update(id) { device in
          body(&device)
          if password != nil { device.hasCredential = true }
        }
        if let password, state.directory[id] != nil { state.passwords[id] = password }
        state.news?.devices.insert(id)
        return state.directory[id]
      }
      guard let changed else { return nil }
      try await store.save([changed])
      if let password { try await store.setPassword(password, of: id) }
      return changed
    }
  }

  /// Removes a device with everything below it.
  func remove(_ id: DeviceID) async throws {
    try await writing.pass {
      try await store.deleteDevice(id)
      state.withLock { Self.forget(id, &$0) }
    }
  }

  func dismiss(_ id: DeviceID) async throws {
    try await writing.pass {
      try await store.deleteQuarantine(id)
      state.withLock { state in
        state.quarantine[id] = nil
        state.backlog.quarantineEnded(id)
      }
    }
  }

  func rename(_ key: ChannelKey, to name: String?) -> Channel? {
    state.withLock { state in
      state.directory.update(key) { $0.chosenName = name }
      guard let channel = state.directory[key] else { return nil }
      state.changed(key)
      return channel
    }
  }

  // MARK: Signalling

  /// Changes what is known of a device, written behind. Nil when it is not known.
  @discardableResult
  func note(_ id: DeviceID, _ body: (inout Device) -> Void) -> Device? {
    state.withLock { state in
      guard let before = state.directory[id] else { return nil }
      var device = before
      body(&device)
      guard device != before else { return device }
      state.directory.save(device)
      state.changed(id)
      return device
    }
  }

  /// A device registered or refreshed its registration: the one change that comes from every device all the time.
  ///
  /// - Parameters:
  ///   - userAgent: nil when it did not say.
  ///   - version: nil when it did not say.
  func refresh(_ id: DeviceID, contact: DeviceContact, userAgent: String?, version: GBVersion?) {
    state.withLock { state in
      var isKnown = false
      var isMore = false
      state.directory.update(id) { device in
        isKnown = true
        let lastKeepalive = device.contact?.lastKeepalive
        device.contact = contact
        device.contact?.lastKeepalive = lastKeepalive
        if let userAgent, userAgent != device.dossier.userAgent {
          device.dossier.userAgent = userAgent
          isMore = true
        }
        if let version, version != device.dossier.version {
          device.dossier.version = version
          isMore = true
        }
      }
      guard isKnown else { return }
      if isMore { state.changed(id) } else { state.backlog.contactChanged(id) }
    }
  }

  /// A transport brought pictures from this device.
  func remember(_ path: MediaTransportChoice, for id: DeviceID) {
    note(id) { $0.settings.rememberedMediaTransport = path }
  }

  /// A device nobody announced. True when it was not waiting yet.
  func quarantine(_ entry: QuarantinedDevice) -> Bool {
    state.withLock { state in
      state.backlog.quarantineChanged(entry.id)
      if var known = state.quarantine[entry.id] {
        known.lastSeen = entry.lastSeen
        known.attempts += 1
        (known.address, known.transport) = (entry.address, entry.transport)
        state.quarantine[entry.id] = known
        return false
      }
      if state.quarantine.count >= Self.mostQuarantined,
        let oldest = state.quarantine.values.min(by: { $0.lastSeen < $1.lastSeen })
      {
        state.quarantine[oldest.id] = nil
        state.backlog.quarantineEnded(oldest.id)
      }
      state.quarantine[entry.id] = entry
      return true
    }
  }

  /// Takes over a catalog, or some buckets of one. Channels that are missing go only when it is complete.
  func apply(
    _ assembly: CatalogAssembly, of device: DeviceID, buckets: Set<Int>? = nil, now: WallTime
  ) -> CatalogChange {
    state.withLock { state in
      let known = state.directory.channels(of: device)
      let change =
        if let buckets {
          CatalogChange(assembly, buckets: buckets, of: device, known: known, seen: now)
        } else {
          CatalogChange(assembly, of: device, known: known, seen: now)
        }
      guard state.directory[device] != nil else { return change }
      state.directory.apply(change)
      for channel in change.saved { state.changed(channel.key) }
      for key in change.deleted { state.deleted(key) }
      if buckets == nil, state.problems[device] ?? [] != change.problems {
        state.problems[device] = change.problems
        state.backlog.problemsChanged(device)
      }
      return change
    }
  }

  /// Takes over what a catalog notification says.
  func apply(_ notice: CatalogReply, of device: DeviceID, now: WallTime) -> CatalogChange {
    state.withLock { state in
      let change = CatalogChange(notice, of: device, in: state.directory, seen: now)
      guard state.directory[device] != nil else { return change }
      state.directory.apply(change)
      for channel in change.saved { state.changed(channel.key) }
      for key in change.deleted { state.deleted(key) }
      return change
    }
  }

  /// Marks what a heartbeat calls faulty. Returns the channels that changed.
  func markFaulty(_ faulty: [DeviceID], of device: DeviceID, now: WallTime) -> [ChannelKey] {
    state.withLock { state in
      let changed = state.directory.markFaulty(faulty, of: device, now: now)
      for key in changed { state.changed(key) }
      return changed
    }
  }
}
