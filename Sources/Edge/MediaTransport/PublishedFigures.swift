import Synchronization

/// What the media threads last said about themselves, for whoever asks. Written at most once a second per thread.
final class PublishedFigures: Sendable {
  /// Diagnoses kept, those of closed streams included.
  static let maximumDiagnoses = 4_096
  /// Closed streams whose diagnosis stays.
  static let maximumClosed = 256

  private struct State {
    var streams: [[MediaSnapshot.Stream]]
    var threads: [MediaSnapshot.Thread]
    var diagnoses: [StreamID: IngestDiagnosis] = [:]
    var closed: [StreamID] = []
  }

  private let state: Mutex<State>

  init(threads: Int) {
    state = Mutex(
      State(
        streams: Array(repeating: [], count: threads),
        threads: Array(repeating: MediaSnapshot.Thread(), count: threads)))
  }

  func publish(thread: Int, streams: [MediaSnapshot.Stream], figures: MediaSnapshot.Thread) {
    state.withLock { state in
      state.streams[thread] = streams
      state.threads[thread] = figures
    }
  }

  func publish(_ diagnosis: IngestDiagnosis, of stream: StreamID) {
    state.withLock { state in
      guard state.diagnoses[stream] != nil || state.diagnoses.count < Self.maximumDiagnoses else { return }
      state.diagnoses[stream] = diagnosis
    }
  }

  /// The last words about a stream that is closed.
  func close(_ stream: StreamID, _ diagnosis: IngestDiagnosis) {
    publish(diagnosis, of: stream)
    state.withLock { state in
      state.closed.append(stream)
      if state.closed.count > Self.maximumClosed {
        state.diagnoses[state.closed.removeFirst()] = nil
      }
    }
  }

  func snapshot() -> MediaSnapshot {
    state.withLock { state in
      var snapshot = MediaSnapshot()
      snapshot.streams = state.streams.flatMap(\.self)
      snapshot.threads = state.threads
      return snapshot
    }
  }

  func diagnosis(_ stream: StreamID) -> IngestDiagnosis? { state.withLock { $0.diagnoses[stream] } }
}

/// Numbers that are never given twice.
final class Serials: Sendable {
  private let next = Atomic<UInt64>(1)

  func take() -> UInt64 { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}
