import CFFmpeg

/// An encoder's or decoder's context, freed with its owner.
final class CodecContext {
  let pointer: UnsafeMutablePointer<AVCodecContext>

  init(_ codec: UnsafePointer<AVCodec>) throws(CodecError) {
    guard let pointer = avcodec_alloc_context3(codec) else {
      throw CodecError(.exhausted, "no memory for a codec")
    }
    self.pointer = pointer
  }

  deinit {
    var pointer: UnsafeMutablePointer<AVCodecContext>? = pointer
    avcodec_free_context(&pointer)
  }

  func open(_ what: String) throws(CodecError) {
    let status = avcodec_open2(pointer, nil, nil)
    guard status == 0 else { throw CodecError(.failed, "cannot open \(what)", status: status) }
  }

  /// Sets a private option of the codec, for example x264's `preset`.
  func set(_ name: String, _ value: String) throws(CodecError) {
    let status = av_opt_set(pointer.pointee.priv_data, name, value, 0)
    guard status == 0 else { throw CodecError(.unsupported, "option \(name)=\(value)", status: status) }
  }
}

/// One coded packet, reused.
final class PacketHandle {
  let pointer: UnsafeMutablePointer<AVPacket>

  init() throws(CodecError) {
    guard let pointer = av_packet_alloc() else { throw CodecError(.exhausted, "no memory for a packet") }
    self.pointer = pointer
  }

  deinit {
    var pointer: UnsafeMutablePointer<AVPacket>? = pointer
    av_packet_free(&pointer)
  }

  /// Makes the packet own a copy of `bytes` (with the padding that decoders read past the end).
  func fill(_ bytes: [UInt8]) throws(CodecError) {
    av_packet_unref(pointer)
    let status = av_new_packet(pointer, Int32(bytes.count))
    guard status == 0, let data = pointer.pointee.data else {
      throw CodecError(.exhausted, "no memory for a packet of \(bytes.count) bytes", status: status)
    }
    bytes.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { data.update(from: base, count: source.count) }
    }
  }

  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: pointer.pointee.data, count: Int(pointer.pointee.size))
  }
}

/// One decoded picture or block of samples, reused.
final class FrameHandle {
  let pointer: UnsafeMutablePointer<AVFrame>

  init() throws(CodecError) {
    guard let pointer = av_frame_alloc() else { throw CodecError(.exhausted, "no memory for a frame") }
    self.pointer = pointer
  }

  deinit {
    var pointer: UnsafeMutablePointer<AVFrame>? = pointer
    av_frame_free(&pointer)
  }

  var width: Int { Int(pointer.pointee.width) }
  var height: Int { Int(pointer.pointee.height) }

  /// Allocates picture planes of this size and pixel format.
  func allocate(width: Int, height: Int, format: AVPixelFormat) throws(CodecError) {
    av_frame_unref(pointer)
    pointer.pointee.width = Int32(width)
    pointer.pointee.height = Int32(height)
    pointer.pointee.format = format.rawValue
    let status = av_frame_get_buffer(pointer, 0)
    guard status == 0 else { throw CodecError(.exhausted, "no memory for a picture", status: status) }
  }
}

/// The library's names of our codecs.
enum CodecLibrary {
  /// Makes the library silent once: broken input is ordinary here and is reported as errors, not as text.
  static let quiet: Void = av_log_set_level(AV_LOG_QUIET)

  static func decoder(_ id: AVCodecID, _ what: String) throws(CodecError) -> UnsafePointer<AVCodec> {
    _ = quiet
    guard let codec = avcodec_find_decoder(id) else {
      throw CodecError(.unsupported, "FFmpeg has no decoder for \(what)")
    }
    return codec
  }

  static func encoder(_ name: String) throws(CodecError) -> UnsafePointer<AVCodec> {
    _ = quiet
    guard let codec = avcodec_find_encoder_by_name(name) else {
      throw CodecError(.unsupported, "FFmpeg has no encoder \(name)")
    }
    return codec
  }
}
