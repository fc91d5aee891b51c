import CFFmpeg

/// Decodes a media file and says what is in it. For checks of our own output (`demo --check`, tests).
///
/// It decodes in this process: give it only bytes that we made.
public enum MediaProbe {
  /// - Parameter path: a file. No other protocol is opened.
  public static func inspect(path: String) throws(CodecError) -> MediaReport {
    _ = CodecLibrary.quiet
    var context: UnsafeMutablePointer<AVFormatContext>?
    // The prefix keeps a name such as `http:…` a file name.
    let status = avformat_open_input(&context, "file:\(path)", nil, nil)
    guard status == 0, let context else {
      throw CodecError(.malformed, "cannot read \(path)", status: status)
    }
    return try MediaProbeRun(context).report()
  }

  /// - Parameter bytes: a whole file, for example an initialisation segment followed by fragments.
  public static func inspect(bytes: [UInt8]) throws(CodecError) -> MediaReport {
    _ = CodecLibrary.quiet
    let memory = try MemoryInput(bytes)
    var context = avformat_alloc_context()
    context?.pointee.pb = memory.context
    // On failure the library frees the context but leaves our input alone.
    let status = avformat_open_input(&context, nil, nil, nil)
    guard status == 0, let context else {
      throw CodecError(.malformed, "cannot read the bytes", status: status)
    }
    return try withExtendedLifetime(memory) { () throws(CodecError) in try MediaProbeRun(context).report() }
  }
}

/// One pass over an opened file.
private final class MediaProbeRun {
  private var context: UnsafeMutablePointer<AVFormatContext>?
  private var decoders: [Int32: CodecContext] = [:]
  private var result = MediaReport()
  private var lastPicture: UInt64?
  private var lastTime: Double?
  private var squares: Double = 0
  private var samples = 0

  init(_ context: UnsafeMutablePointer<AVFormatContext>) { self.context = context }

  deinit { avformat_close_input(&context) }

  func report() throws(CodecError) -> MediaReport {
    guard let context else { return result }
    let status = avformat_find_stream_info(context, nil)
    guard status >= 0 else { throw CodecError(.malformed, "cannot find any track", status: status) }
    result.container = context.pointee.iformat.map { String(cString: $0.pointee.name) } ?? ""
    if context.pointee.duration > 0 {
      result.duration = Double(context.pointee.duration) / Double(AV_TIME_BASE)
    }
    try openDecoders(context)
    let packet = try PacketHandle()
    let frame = try FrameHandle()
    while av_read_frame(context, packet.pointer) >= 0 {
      let index = packet.pointer.pointee.stream_index
      count(packet, index)
      if let decoder = decoders[index] {
        if avcodec_send_packet(decoder.pointer, packet.pointer) != 0 { result.errors += 1 }
        drain(decoder, index, frame)
      }
      av_packet_unref(packet.pointer)
    }
    for (index, decoder) in decoders {
      avcodec_send_packet(decoder.pointer, nil)
      drain(decoder, index, frame)
    }
    if samples > 0 { result.audio?.loudness = (squares / Double(samples)).squareRoot() }
    return result
  }

  private func openDecoders(_ context: UnsafeMutablePointer<AVFormatContext>) throws(CodecError) {
    for index in 0..<Int32(clamping: context.pointee.nb_streams) {
      guard let parameters = context.pointee.streams[Int(index)]?.pointee.codecpar else { continue }
      let name = String(cString: avcodec_get_name(parameters.pointee.codec_id))
      switch parameters.pointee.codec_type {
      case AVMEDIA_TYPE_VIDEO where result.video == nil:
        result.video = MediaReport.Video()
        result.video?.codec = name
      case AVMEDIA_TYPE_AUDIO where result.audio == nil:
        result.audio = MediaReport.Audio()
        result.audio?.codec = name
      default: continue
      }
      let decoder = try CodecContext(CodecLibrary.decoder(parameters.pointee.codec_id, name))
      avcodec_parameters_to_context(decoder.pointer, parameters)
      try decoder.open("the \(name) decoder")
      decoders[index] = decoder
    }
  }

  private func count(_ packet: PacketHandle, _ index: Int32) {
    guard let decoder = decoders[index] else { return }
    if decoder.pointer.pointee.codec_type == AVMEDIA_TYPE_VIDEO {
      result.video?.packets += 1
      if packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 { result.video?.keyFrames += 1 }
    } else {
      result.audio?.packets += 1
    }
  }

  private func drain(_ decoder: CodecContext, _ index: Int32, _ frame: FrameHandle) {
    while avcodec_receive_frame(decoder.pointer, frame.pointer) == 0 {
      if frame.pointer.pointee.decode_error_flags != 0
        || frame.pointer.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
      {
        result.errors += 1
      }
      if decoder.pointer.pointee.codec_type == AVMEDIA_TYPE_VIDEO {
        picture(frame, index)
      } else {
        sound(frame)
      }
    }
  }

  private func picture(_ frame: FrameHandle, _ index: Int32) {
    let digest = Self.digest(frame)
    result.video?.decoded += 1
    if digest != lastPicture { result.video?.distinct += 1 }
    lastPicture = digest
    result.video?.width = frame.width
    result.video?.height = frame.height
    guard let base = context?.pointee.streams[Int(index)]?.pointee.time_base,
      frame.pointer.pointee.best_effort_timestamp != tributary_av_nopts()
    else { return }
    let time = Double(frame.pointer.pointee.best_effort_timestamp) * Double(base.num) / Double(base.den)
    if result.video?.firstTime == nil { result.video?.firstTime = time }
    let longest = result.video?.longestStep ?? 0
    if let last = lastTime { result.video?.longestStep = max(longest, time - last) }
    result.video?.lastTime = time
    lastTime = time
  }

  private func sound(_ frame: FrameHandle) {
    let count = Int(frame.pointer.pointee.nb_samples)
    result.audio?.sampleRate = Int(frame.pointer.pointee.sample_rate)
    result.audio?.channels = Int(frame.pointer.pointee.ch_layout.nb_channels)
    result.audio?.decodedSamples += count
    guard let plane = frame.pointer.pointee.data.0 else { return }
    let raw = UnsafeRawPointer(plane)
    let isFloat = frame.pointer.pointee.format == AV_SAMPLE_FMT_FLTP.rawValue
    guard isFloat || frame.pointer.pointee.format == AV_SAMPLE_FMT_S16.rawValue else { return }
    for index in 0..<count {
      let sample =
        isFloat
        ? Double(raw.loadUnaligned(fromByteOffset: index * 4, as: Float.self))
        : Double(raw.loadUnaligned(fromByteOffset: index * 2, as: Int16.self)) / 32_768
      squares += sample * sample
    }
    samples += count
  }

  /// FNV-1a over every fourth pixel of every fourth line: enough to see that a picture changed.
  private static func digest(_ frame: FrameHandle) -> UInt64 {
    guard let plane = frame.pointer.pointee.data.0 else { return 0 }
    let stride = Int(frame.pointer.pointee.linesize.0)
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for line in Swift.stride(from: 0, to: frame.height, by: 4) {
      for column in Swift.stride(from: 0, to: frame.width, by: 4) {
        digest = (digest ^ UInt64(plane[line * stride + column])) &* 0x100_0000_01b3
      }
    }
    return digest
  }
}
