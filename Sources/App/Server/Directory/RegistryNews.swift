import Federation
import GBCore
import Registry
import Synchronization

/// What changed in the registry since somebody last looked. Names only: what is told is the state at that time.
struct RegistryNews: Sendable {
  var devices: Set<DeviceID> = []
  /// New, changed or gone.
  var channels: Set<ChannelKey> = []
  var removed: Set<DeviceID> = []

  mutating func forget(_ device: DeviceID) {
    devices.remove(device)
    channels = channels.filter { $0.device != device }
    removed.insert(device)
  }
}

extension DeviceDirectory {
  /// Begins or ends keeping news. The registry's whole state is theirs who begin.
  func follow(_ isFollowed: Bool) {
    state.withLock { $0.news = isFollowed ? $0.news ?? RegistryNews() : nil }
  }

  /// Everything there is, as a beginning.
  func everything() -> [ShareInput] {
    state.withLock { state in
      state.directory.devices.map(ShareInput.device)
        + [.channels(saved: state.directory.channels, removed: [])]
    }
  }

  /// What is new since the last call, in an order that can be taken over.
  func takeNews() -> [ShareInput] {
    state.withLock { state in
      guard let news = state.news else { return [] }
      state.news = RegistryNews()
      var inputs = news.removed.map(ShareInput.deviceRemoved)
      inputs += news.devices.compactMap { state.directory[$0] }.map(ShareInput.device)
      var (saved, removed): ([Channel], [ChannelKey]) = ([], [])
      for key in news.channels {
        if let channel = state.directory[key] { saved.append(channel) } else { removed.append(key) }
      }
      if !saved.isEmpty || !removed.isEmpty { inputs.append(.channels(saved: saved, removed: removed)) }
      return inputs
    }
  }
}
