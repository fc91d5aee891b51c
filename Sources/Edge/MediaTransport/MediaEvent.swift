public import MPEGCore
public import Streaming

/// What happened on the media plane. Delivered on a media thread, at most a few per stream and second.
public enum MediaEvent: Sendable {
  /// The first accepted packet of a stream, and where it came from.
  case firstPacket(StreamID, MediaAddress)
  /// The first complete key frame.
  case firstPicture(StreamID, [TrackFormat])
  /// The tracks, when they become known and whenever one changes.
  case formatsChanged(StreamID, [TrackFormat])
  /// Pictures were lost: ask the device for a key frame. At most once a second per stream.
  case keyFrameWanted(StreamID)
  /// No packet came for the first-packet or loss time-out. The stream stays open; packets may still come.
  case silent(StreamID)
  /// The stream is over and its identifier means nothing any more.
  case ended(StreamID, StreamEnd)
  case viewerClosed(ViewerID, StreamID, bytesSent: UInt64, ViewerEnd)
  /// A packet that belongs to no stream, or comes from a machine that the stream does not expect.
  /// A security matter; at most one per second and stream.
  case foreignSource(StreamID?, ssrc: UInt32, MediaAddress)
  /// The TCP media connection of a stream stands.
  case tcpConnected(StreamID)
  /// The TCP connection of a relay stands.
  case relayConnected(RelayID)
  /// A relay is over, after so many RTP packets and bytes.
  case relayEnded(RelayID, packets: UInt64, bytes: UInt64, RelayEnd)
  /// What arrives cannot be used (private format, encrypted stream). Once per stream and reason.
  case unsupported(StreamID, String)
}

/// Why a viewer is gone.
public enum ViewerEnd: Sendable, Hashable {
  /// The viewer closed its connection.
  case left
  /// ``MediaPlane/detachViewer(_:)``.
  case detached
  /// The stream ended and everything was delivered, or the time for that ran out.
  case streamEnded
  /// It took no bytes for too long.
  case stuck
  /// It broke the WebSocket protocol.
  case protocolViolation
}
