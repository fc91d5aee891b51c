public import Codec
import MPEGCore
public import MediaTransport

extension AACEncoder: AudioTranscoding {}

/// G.711 to AAC, for browsers: what the media plane and HLS windows ask for when they need it.
enum SoundConversion {
  static let make: @Sendable (TrackFormat) -> (any AudioTranscoding)? = { try? AACEncoder(source: $0) }
}
