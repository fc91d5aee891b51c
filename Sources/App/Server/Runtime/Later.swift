import HTTPAPI
import Registry
import Streaming
import Synchronization

/// Joins the live service to those that are made after it, and keeps its reports in order.
final class Later: Sendable {
  private struct Change: Sendable {
    let camera: CameraStream
    let state: LivePull.State
    let failure: PullFailure?
  }

  private let changes: AsyncStream<Change>
  private let continuation: AsyncStream<Change>.Continuation

  init() {
    (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
  }

  func liveChanged(_ camera: CameraStream, _ state: LivePull.State, _ failure: PullFailure?) {
    continuation.yield(Change(camera: camera, state: state, failure: failure))
  }

  /// From now on changes reach the recording plan and everybody who has the picture open, until ``finish()``.
  func connect(recording: RecordingService, desk: MediaDesk, hub: EventHub) {
    let changes = changes
    Task {
      for await change in changes {
        let channel = change.camera.channel
        if change.camera.isMain { await recording.liveChanged(channel, change.state) }
        let (state, step, cause) = Platform.state(change.state, change.failure)
        for session in desk.table.sessions(of: channel)
        where session.kind == .live && session.camera == change.camera {
          hub.publish(
            .session(
              API.MediaSessionEvent(
                session: session.id, channel: channel.description, state: state, step: step,
                cause: cause, viewer: session.user)))
        }
      }
    }
  }

  /// Nothing more is reported; what was made is let go.
  func finish() { continuation.finish() }
}
