import CFFmpeg
public import MPEGCore
import MediaTime
import Synchronization
import WireBytes

/// Turns G.711 into AAC-LC, which browsers play.
///
/// Samples are doubled from 8 to 16 kHz first: an AAC frame of 1 024 samples
/// then lasts 64 ms instead of 128, and every browser accepts the rate.
/// May be called from any thread, in the stream's order.
public final class AACEncoder: Sendable {
  /// Samples per second of what comes out.
  public static let sampleRate = 16_000

  /// The AAC track: 16 kHz, one channel.
  public let format: TrackFormat

  private let state: Mutex<AACEncoderState>

  /// - Parameter source: a G.711 track with one channel. Anything else is refused as unsupported.
  public init(source: TrackFormat) throws(CodecError) {
    let state = try AACEncoderState(source: source)
    format = TrackFormat(
      codec: .aac, sampleRate: Self.sampleRate, channels: 1, audioConfig: state.audioConfig)
    self.state = Mutex(state)
  }

  /// Encodes one block of samples.
  ///
  /// - Returns: the AAC frames that are complete now, often none: an encoder holds up to two frames back. Each
  ///   frame's `pts` is the time of its first sample on the source's clock. A jump of the source's clock of more
  ///   than 100 ms is followed; smaller deviations are jitter and are smoothed away.
  public func transcode(_ unit: AccessUnit) -> [AccessUnit] {
    state.withLock { $0.transcode(unit) }
  }
}

/// What the lock of ``AACEncoder`` guards.
private final class AACEncoderState {
  /// Deviation of a unit's time from the count of samples before it that counts as a jump: 100 ms.
  static let jump: Int64 = MediaTicks.perSecond / 10
  private static let inputRate: Int64 = 8_000

  let audioConfig: [UInt8]
  private let codec: MediaCodec
  private let encoder: CodecContext
  private let resampler: Resampler
  private let packet: PacketHandle
  private let frame: FrameHandle
  private var pending: [Float] = []
  /// Time of input sample 0 of the present run of samples.
  private var anchor: MediaTicks?
  private var samplesIn: Int64 = 0
  /// Output samples given to the encoder since it was opened, and where the present run began among them.
  private var samplesEncoded: Int64 = 0
  private var runs: [(firstSample: Int64, anchor: MediaTicks)] = []

  init(source: TrackFormat) throws(CodecError) {
    guard source.codec == .g711A || source.codec == .g711U, source.channels <= 1 else {
      throw CodecError(.unsupported, "only one-channel G.711 becomes AAC")
    }
    codec = source.codec
    encoder = try CodecContext(CodecLibrary.encoder("aac"))
    let context = encoder.pointer
    context.pointee.sample_rate = Int32(AACEncoder.sampleRate)
    context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
    context.pointee.bit_rate = 32_000
    context.pointee.time_base = AVRational(num: 1, den: Int32(AACEncoder.sampleRate))
    context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
    av_channel_layout_default(&context.pointee.ch_layout, 1)
    // The cheap coder: speech from an 8 kHz microphone gains nothing from the two-loop search.
    try encoder.set("aac_coder", "fast")
    try encoder.open("the AAC encoder")
    audioConfig = Array(
      UnsafeBufferPointer(start: context.pointee.extradata, count: Int(context.pointee.extradata_size)))
    resampler = try Resampler()
    packet = try PacketHandle()
    frame = try FrameHandle()
  }

  func transcode(_ unit: AccessUnit) -> [AccessUnit] {
    guard unit.codec == codec, unit.payload.count > 0 else { return [] }
    follow(unit.pts)
    let table = codec == .g711A ? G711.aLaw : G711.muLaw
    let samples = unit.payload.withBytes { bytes in
      var samples: [Int16] = []
      samples.reserveCapacity(bytes.count)
      for index in 0..<bytes.count { samples.append(table[Int(bytes[index])]) }
      return samples
    }
    samplesIn += Int64(samples.count)
    resampler.convert(samples, into: &pending)
    return encodeWholeFrames(arrival: unit.arrival)
  }

  /// Starts a new run of samples when the source's clock left the count of samples.
  private func follow(_ pts: MediaTicks) {
    if let anchor {
      let expected = anchor + samplesIn * MediaTicks.perSecond / Self.inputRate
      guard abs(pts - expected) > Self.jump else { return }
    }
    anchor = pts
    samplesIn = 0
    // What is still pending belongs to the time before; the run begins behind it.
    runs.append((firstSample: samplesEncoded + Int64(pending.count), anchor: pts))
    // Only the two newest runs can still be inside the encoder.
    if runs.count > 4 { runs.removeFirst() }
  }

  private func encodeWholeFrames(arrival: WallTime) -> [AccessUnit] {
    var units: [AccessUnit] = []
    let size = Int(encoder.pointer.pointee.frame_size)
    guard size > 0 else { return [] }
    var start = 0
    while pending.count - start >= size {
      guard submit(pending[start..<start + size]) else { break }
      start += size
      while avcodec_receive_packet(encoder.pointer, packet.pointer) == 0 {
        if let unit = finished(arrival: arrival) { units.append(unit) }
        av_packet_unref(packet.pointer)
      }
    }
    pending.removeFirst(start)
    return units
  }

  private func submit(_ samples: ArraySlice<Float>) -> Bool {
    let picture = frame.pointer
    av_frame_unref(picture)
    picture.pointee.nb_samples = Int32(samples.count)
    picture.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
    picture.pointee.sample_rate = Int32(AACEncoder.sampleRate)
    av_channel_layout_default(&picture.pointee.ch_layout, 1)
    guard av_frame_get_buffer(picture, 0) == 0, let plane = picture.pointee.data.0 else { return false }
    plane.withMemoryRebound(to: Float.self, capacity: samples.count) { target in
      samples.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { target.update(from: base, count: source.count) }
      }
    }
    picture.pointee.pts = samplesEncoded
    samplesEncoded += Int64(samples.count)
    return avcodec_send_frame(encoder.pointer, picture) == 0
  }

  /// The packet as a unit on the source's clock; nil for the encoder's priming frame, which precedes all sound.
  private func finished(arrival: WallTime) -> AccessUnit? {
    let sample = packet.pointer.pointee.pts
    guard sample >= 0, let run = runs.last(where: { $0.firstSample <= sample }) ?? runs.first else {
      return nil
    }
    let pts = run.anchor + (sample - run.firstSample) * MediaTicks.perSecond / Int64(AACEncoder.sampleRate)
    return AccessUnit(
      codec: .aac, isKeyFrame: true, pts: pts, dts: pts, arrival: arrival,
      payload: SharedBytes(Array(packet.bytes)))
  }
}

/// 8 kHz 16-bit samples to 16 kHz floating point.
private final class Resampler {
  private var context: OpaquePointer?

  init() throws(CodecError) {
    var input = AVChannelLayout()
    var output = AVChannelLayout()
    av_channel_layout_default(&input, 1)
    av_channel_layout_default(&output, 1)
    var status = swr_alloc_set_opts2(
      &context, &output, AV_SAMPLE_FMT_FLTP, Int32(AACEncoder.sampleRate), &input, AV_SAMPLE_FMT_S16, 8_000,
      0,
      nil)
    if status == 0 { status = swr_init(context) }
    guard status == 0 else {
      swr_free(&context)
      throw CodecError(.failed, "cannot open the resampler", status: status)
    }
  }

  deinit { swr_free(&context) }

  func convert(_ samples: [Int16], into output: inout [Float]) {
    let capacity = samples.count * 2 + 64
    var converted = [Float](repeating: 0, count: capacity)
    let count = samples.withUnsafeBytes { source in
      converted.withUnsafeMutableBytes { target in
        var input: UnsafePointer<UInt8>? = source.bindMemory(to: UInt8.self).baseAddress
        var result: UnsafeMutablePointer<UInt8>? = target.bindMemory(to: UInt8.self).baseAddress
        return swr_convert(context, &result, Int32(capacity), &input, Int32(samples.count))
      }
    }
    if count > 0 { output.append(contentsOf: converted[0..<Int(count)]) }
  }
}
