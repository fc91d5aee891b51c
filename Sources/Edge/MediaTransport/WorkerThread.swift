import CMediaIO
import Glibc

/// A named POSIX thread that runs one closure and can be waited for.
struct WorkerThread: Sendable {
  private let handle: pthread_t

  private final class Body {
    let name: String
    let run: @Sendable () -> Void
    init(_ name: String, _ run: @escaping @Sendable () -> Void) { (self.name, self.run) = (name, run) }
  }

  init(name: String, _ run: @escaping @Sendable () -> Void) throws(MediaPlaneError) {
    let body = Unmanaged.passRetained(Body(name, run))
    var handle = pthread_t()
    let failure = pthread_create(
      &handle, nil,
      { argument in
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        tio_name_thread(body.name)
        body.run()
        return nil
      }, body.toOpaque())
    guard failure == 0 else {
      body.release()
      throw .system("cannot start a thread", failure)
    }
    self.handle = handle
  }

  /// Waits until the closure has returned. Call this or ``detach()``, once.
  func join() { pthread_join(handle, nil) }

  /// Lets the thread end by itself.
  func detach() { pthread_detach(handle) }
}
