import Cryptography
import HTTPAPI
import Logging
import MediaTime
import Recording
import Registry
import SegmentStore

/// What becomes of recordings when their disk comes or goes.
extension RecordingService {
  /// A disk changed its state: log and event say what it means and what to do.
  func diskChanged(_ event: RecorderEvent) async {
    switch event {
    case .diskLow(let disk):
      announce(
        .warn, disk, "Free space of \(disk.path) fell below its reserve; the oldest recordings on it go.")
    case .diskFull(let disk):
      announce(
        .fail, disk,
        disk.accepting > 0
          ? "\(disk.path) is full: recordings go to the other disks."
          : "\(disk.path) is full: nothing is recorded until there is space.")
    case .diskRecovered(let disk):
      announce(.ok, disk, "There is space on \(disk.path) again; recordings go there, too.")
    case .diskLost(let disk, let reason):
      let now =
        disk.accepting > 0
        ? "Recordings go to the other disks." : "Nothing is recorded: no other disk is there."
      announce(
        .fail, disk,
        "A disk of recordings is lost: \(reason). \(now) Mount it again, or replace it; what lies on it is kept in "
          + "the index.")
    case .diskReturned(let disk):
      announce(.ok, disk, "The disk at \(disk.path) is there again, and so are its recordings.")
      do { try await mend(on: disk.id) } catch {
        logger.error(
          "files that the disk's loss left open could not be mended; they are at the next start",
          metadata: ["disk.id": "\(disk.id)", "error": "\(error)"])
      }
    default: break
    }
  }

  /// Mends what a crash, or the loss of a disk, left open.
  ///
  /// - Parameter disk: nil takes all that are there.
  func mend(on disk: DiskID? = nil) async throws {
    var open = try await store.segments(state: .open, limit: .max)
    open.removeAll { recorder.isWriting($0.id) || (disk != nil && $0.disk != disk) }
    guard !open.isEmpty else { return }
    let (disks, left) = (disks, open)
    let result = await Task.detached(priority: .utility) { disks.mend(left, hash: { SHA256Stream() }) }.value
    for segment in result.mended { try await store.putSegment(segment) }
    try await store.removeSegments(result.gone)
    guard !result.mended.isEmpty || !result.gone.isEmpty else { return }
    logger.notice(
      "recordings that had been left open were mended",
      metadata: ["mended": "\(result.mended.count)", "empty": "\(result.gone.count)"])
  }

  /// What lies on disks that are away, as gaps of a timeline. They are not in the index: the files may come back.
  func unavailable(_ channel: ChannelKey, _ coverage: RecordedCoverage) -> [GapRecord] {
    coverage.away.flatMap { id, time in
      let reason = disks.absence(of: id) ?? "its disk came back this moment"
      return time.intervals.map {
        GapRecord(channel: channel, start: $0.start, end: $0.end, cause: .diskLost, detail: reason)
      }
    }
  }

  /// Why there is nothing to replay or export.
  func nothingReadable(_ channel: ChannelKey, _ range: WallInterval) async -> Problem {
    let gaps = try? await timeline(channel, range).gaps
    guard let gap = gaps?.first(where: { $0.cause == .diskLost }) else {
      return Problem.notFound("Nothing was recorded in that time; the timeline says why.")
    }
    return Problem.unavailable(
      "What was recorded in that time lies on a disk that is away: \(gap.detail).",
      fix: "Mount the disk again; its recordings are kept in the index.")
  }
}
