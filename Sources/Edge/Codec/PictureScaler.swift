import CFFmpeg

/// Changes a picture's size and pixel format.
final class PictureScaler {
  private var context: OpaquePointer?

  deinit { sws_freeContext(context) }

  func scale(_ source: FrameHandle, into target: FrameHandle) throws(CodecError) {
    context = sws_getCachedContext(
      context, source.pointer.pointee.width, source.pointer.pointee.height,
      AVPixelFormat(rawValue: source.pointer.pointee.format), target.pointer.pointee.width,
      target.pointer.pointee.height, AVPixelFormat(rawValue: target.pointer.pointee.format),
      SWS_FAST_BILINEAR,
      nil, nil, nil)
    guard let context else { throw CodecError(.unsupported, "a pixel format cannot be converted") }
    let status = sws_scale_frame(context, target.pointer, source.pointer)
    guard status >= 0 else { throw CodecError(.failed, "cannot scale a picture", status: status) }
  }

  /// The largest even size of the same shape that is at most `limit` high or wide; unchanged when 0 or smaller.
  static func fit(width: Int, height: Int, maxWidth: Int, maxHeight: Int) -> (width: Int, height: Int) {
    var scale = 1.0
    if maxWidth > 0 { scale = min(scale, Double(maxWidth) / Double(width)) }
    if maxHeight > 0 { scale = min(scale, Double(maxHeight) / Double(height)) }
    func even(_ value: Double) -> Int { max(16, Int(value.rounded()) & ~1) }
    return (even(Double(width) * scale), even(Double(height) * scale))
  }
}
