import HTTPAPI
import MediaTime
import Recording
import SegmentStore
import StoreSQLite

/// The disks of recordings in health.
extension Platform {
  /// Every disk, those that are away included.
  func storage(_ recorder: RecorderSnapshot, _ policy: RetentionPolicy) async -> [API.StorageHealth] {
    let known = (try? await services.store.disks()) ?? []
    let used = Dictionary(known.map { ($0.id, $0) }) { first, _ in first }
    var result = recorder.disks.map { disk in
      API.StorageHealth(
        path: disk.path, total: disk.figures?.total ?? 0, free: disk.figures?.free ?? 0,
        reserve: disk.hasOwnReserve ? disk.reserveBytes : policy.reserveBytes,
        used: used[disk.id]?.bytes ?? 0,
        disk: disk.id.text, files: used[disk.id]?.segments ?? 0, writing: disk.writing,
        lost: disk.loss)
    }
    result += services.disks.unconfigured.map { disk in
      API.StorageHealth(
        path: disk.directory, total: 0, free: 0, reserve: 0, used: disk.bytes, disk: disk.id.text,
        files: disk.segments, writing: 0, lost: services.disks.absence(of: disk.id))
    }
    return result
  }

  func storageChecks(_ recorder: RecorderSnapshot, _ policy: RetentionPolicy) -> [API.Check] {
    let lost = lossChecks(recorder)
    let present = recorder.present
    guard !present.isEmpty else {
      return lost.isEmpty
        ? [
          API.Check(
            name: "storage", status: .fail, text: "The disks of recordings have not been looked at.",
            fix: "Check that \(configuration.data) exists and is readable.")
        ] : lost
    }
    return lost + [spaceCheck(recorder, present, policy)]
  }

  /// One for each disk that is away.
  private func lossChecks(_ recorder: RecorderSnapshot) -> [API.Check] {
    let rest =
      recorder.present.isEmpty ? "Nothing is recorded." : "Recordings go to the other disks."
    let lost = recorder.disks.compactMap { disk in
      disk.loss.map { loss in
        API.Check(
          name: "storage", status: .fail, text: "A disk of recordings is lost: \(loss). \(rest)",
          fix:
            "Mount disk \(disk.id) at \(disk.path) again. If it is gone for good, put another in its place and "
            + "see 'tributary disks'.")
      }
    }
    let unlisted = services.disks.unconfigured.map { disk in
      API.Check(
        name: "storage", status: .warn,
        text:
          "\(disk.segments) recorded files cannot be shown: \(services.disks.absence(of: disk.id) ?? "").",
        fix:
          "Add the directory of disk \(disk.id) to 'recordings', or give it up with 'tributary disks forget'."
      )
    }
    return lost + unlisted
  }

  private func spaceCheck(
    _ recorder: RecorderSnapshot, _ present: [DiskSnapshot], _ policy: RetentionPolicy
  ) -> API.Check {
    if recorder.isFull {
      return API.Check(
        name: "storage", status: .fail, text: "No disk has space: nothing is recorded.",
        fix: "Free space or shorten the retention.")
    }
    let full = present.filter(\.isFull).map(\.path)
    if !full.isEmpty {
      return API.Check(
        name: "storage", status: .warn,
        text: "Full: \(full.joined(separator: ", ")). Recordings go to the other disks.",
        fix: "Free space there or shorten the retention.")
    }
    let low = present.filter { disk in
      (disk.figures?.free ?? 0) < (disk.hasOwnReserve ? disk.reserveBytes : policy.reserveBytes)
    }
    if !low.isEmpty {
      return API.Check(
        name: "storage", status: .warn,
        text: "Free space of \(low.map(\.path).joined(separator: ", ")) is below the reserve; the oldest "
          + "recordings there go.",
        fix: "Add disk, or shorten the retention on purpose.")
    }
    let forecast = DiskForecast(
      room: recorder.room(policy), recordedBytes: 0, bytesPerSecond: recorder.bytesPerSecond)
    if let time = forecast.timeToFull, time < .seconds(2 * 86_400) {
      return API.Check(
        name: "storage", status: .warn,
        text:
          "At the present rate \(recorder.subject) full in \(Int(time.inSeconds / 3_600)) hours; then the oldest "
          + "recordings go.",
        fix: "That is normal when the retention is meant to be limited by space.")
    }
    return API.Check(name: "storage", status: .ok, text: "There is room for recordings.")
  }
}
