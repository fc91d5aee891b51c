/// Polls `condition` until it holds.
///
/// - Parameters:
///   - timeout: generous, because tests share a loaded machine; it is only used up by a failure.
///   - interval: pause between two looks.
/// - Returns: whether it held in time.
public func eventually(
  timeout: Duration = .seconds(25), interval: Duration = .milliseconds(10),
  isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Bool
) async rethrows -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + timeout
  while true {
    if try await condition() { return true }
    if clock.now >= deadline { return false }
    // A cancelled test stops waiting; the sleep then returns at once and the next look decides.
    do { try await Task.sleep(for: interval) } catch { return (try? await condition()) ?? false }
  }
}
