public import MPEGCore

/// Why a stream is over.
public enum StreamEnd: Sendable, Hashable {
  /// We closed it: nobody watches any more, or the plan ended.
  case closed
  /// The sender hung up (BYE, or end of file).
  case senderEnded
  /// Nothing arrived for the loss time-out.
  case silent
  /// The media connection broke and did not come back.
  case connectionLost
}

/// A consumer of a stream inside this process: the recorder, an HLS window, a transcoder, a test.
///
/// Called on the stream's media thread. An implementation takes references and
/// returns at once; it must not block, wait or do I/O there.
public protocol StreamSink: AnyObject, Sendable {
  /// The tracks, before the first unit and again whenever one changes. Units after this call belong to them.
  func formatsChanged(_ formats: [TrackFormat])
  /// Units in decoding order, video and audio interleaved as they arrived.
  func receive(_ units: [AccessUnit])
  /// Nothing more will come.
  func ended(_ reason: StreamEnd)
}
