import Foundation
import Glibc
import MPEGCore
import MediaTime
public import Recording
import Registry
public import SegmentStore
import Streaming

/// The process that is killed: repairs what the last one left, then records as a server would, until it is ended.
public struct RecorderUnderFire {
  /// What the one that kills knows of a life: pictures begin at `life` × this.
  static let numbersPerLife = 1_000_000
  /// 2 Mbit/s at 25 pictures per second, a key frame every second.
  private static let setting = (group: 25, keyPieces: 2_400, otherPieces: 540)

  private let folder: String
  private let streams: Int
  private let life: Int
  private let store: any RecordingStore
  private let hash: HashFactory

  /// - Parameters:
  ///   - folder: holds the recordings and the journal.
  ///   - life: counts the processes.
  public init(
    folder: String, streams: Int, life: Int, store: any RecordingStore, hash: @escaping HashFactory
  ) {
    (self.folder, self.streams, self.life) = (folder, streams, life)
    (self.store, self.hash) = (store, hash)
  }

  static func recordings(_ folder: String) -> String { folder + "/recordings" }
  static func journal(_ folder: String, life: Int) -> String { folder + "/journal-\(life)" }

  /// Returns only when something is wrong.
  public func run() async throws {
    let root = Self.recordings(folder)
    let repair = SegmentRepair(root: root, hash: hash)
    _ = try await repair.resume(store, now: Self.wall())
    let (events, continuation) = AsyncStream.makeStream(of: RecorderEvent.self)
    let recorder = Recorder(
      RecorderConfiguration(root: root), hash: hash, now: { Self.wall() },
      events: { continuation.yield($0) })
    try recorder.start()
    let store = store
    // As the server does it: the index follows the recorder, one entry after the other.
    Task.detached {
      for await event in events {
        switch event {
        case .opened(let segment), .progress(let segment), .closed(let segment):
          try? await store.putSegment(segment)
        case .gap(let gap): try? await store.putGap(gap)
        case .ended, .failed, .diskLow, .diskFull, .diskRecovered, .diskLost, .diskReturned: break
        }
      }
    }
    try feed(recorder)
  }

  /// Gives every stream its pictures in real time, and notes each key frame once it has been handed over.
  private func feed(_ recorder: Recorder) throws {
    let sinks = (0..<streams).map { recorder.makeSink(for: SoakIdentity.channel($0)) }
    for sink in sinks { sink.formatsChanged([TaggedPicture.Variant.small.format]) }
    let journal = open(Self.journal(folder, life: life), O_WRONLY | O_CREAT, 0o640)
    guard journal >= 0 else { throw SoakError("the journal cannot be written") }
    let begin = Self.monotonic()
    for number in 0..<Self.numbersPerLife {
      let due = begin + Int64(number) * 40_000_000
      let pause = due - Self.monotonic()
      if pause > 0 { usleep(UInt32(pause / 1_000)) }
      let isKey = number % Self.setting.group == 0
      let clock = MediaTicks(Int64(life) << 33 + Int64(number) * 3_600)
      for (stream, sink) in sinks.enumerated() {
        let tag = TaggedPicture.Tag(stream: stream, number: life * Self.numbersPerLife + number)
        let picture = TaggedPicture.make(
          tag, variant: .small, isKey: isKey,
          pieces: isKey ? Self.setting.keyPieces : Self.setting.otherPieces, time: clock, arrival: Self.wall()
        )
        sink.receive([picture])
        if isKey { note(number, of: stream, in: journal) }
      }
    }
  }

  private func note(_ number: Int, of stream: Int, in journal: Int32) {
    var value = Int64(number)
    pwrite(journal, &value, 8, off_t(stream * 8))
  }

  /// The number of each stream's last key frame that was handed over in a life; nil before the first.
  static func handedOver(_ folder: String, life: Int, streams: Int) -> [Int?] {
    let bytes = (try? Data(contentsOf: URL(filePath: journal(folder, life: life)))) ?? Data()
    return (0..<streams).map { stream in
      guard bytes.count >= (stream + 1) * 8 else { return nil }
      return Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: stream * 8, as: Int64.self) })
    }
  }

  static var group: Int { setting.group }

  private static func monotonic() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }
  static func wall() -> WallTime { WallTime(nanoseconds: nanoseconds(CLOCK_REALTIME)) }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var moment = timespec()
    clock_gettime(clock, &moment)
    return Int64(moment.tv_sec) * 1_000_000_000 + Int64(moment.tv_nsec)
  }
}

/// Why a run cannot go on: one sentence.
public struct SoakError: Error, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
