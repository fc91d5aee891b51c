import CFFmpeg
public import MPEGCore

/// Makes a JPEG of a key frame.
///
/// Decodes what a camera sent: outside tests call it only in the worker
/// process (``WorkerProcess/requestPicture(of:format:maxWidth:)``).
public enum PictureDecoder {
  /// - Parameters:
  ///   - unit: a key frame.
  ///   - format: its track; parameter sets are taken from here when the unit carries none.
  ///   - maxWidth: pixels; a wider picture is made smaller. 0 keeps the size.
  ///   - quality: JPEG quantiser, 2 (best) … 31.
  /// - Returns: a whole JFIF file.
  public static func jpeg(
    of unit: AccessUnit, format: TrackFormat, maxWidth: Int = 0, quality: Int = 4
  ) throws(CodecError) -> [UInt8] {
    guard unit.isKeyFrame, unit.codec == format.codec else {
      throw CodecError(.unsupported, "a picture can only be made of a key frame of its own track")
    }
    let decoder = try VideoDecoder(format: format)
    let picture = try FrameHandle()
    try decoder.submit(unit)
    decoder.finish()
    guard try decoder.receive(into: picture) else {
      throw CodecError(.malformed, "the key frame holds no picture")
    }
    let size = PictureScaler.fit(
      width: picture.width, height: picture.height, maxWidth: maxWidth, maxHeight: 0)
    let scaled = try FrameHandle()
    try scaled.allocate(width: size.width, height: size.height, format: AV_PIX_FMT_YUVJ420P)
    try PictureScaler().scale(picture, into: scaled)
    return try encode(scaled, quality: min(max(quality, 2), 31))
  }

  private static func encode(_ picture: FrameHandle, quality: Int) throws(CodecError) -> [UInt8] {
    let encoder = try CodecContext(CodecLibrary.encoder("mjpeg"))
    let context = encoder.pointer
    context.pointee.width = Int32(picture.width)
    context.pointee.height = Int32(picture.height)
    context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
    context.pointee.color_range = AVCOL_RANGE_JPEG
    context.pointee.time_base = AVRational(num: 1, den: 25)
    context.pointee.flags |= Int32(AV_CODEC_FLAG_QSCALE)
    context.pointee.global_quality = Int32(quality) * FF_QP2LAMBDA
    try encoder.open("the JPEG encoder")
    picture.pointer.pointee.quality = Int32(quality) * FF_QP2LAMBDA
    picture.pointer.pointee.pts = 0
    let status = avcodec_send_frame(context, picture.pointer)
    guard status == 0 else { throw CodecError(.failed, "cannot write a JPEG", status: status) }
    avcodec_send_frame(context, nil)
    let packet = try PacketHandle()
    let received = avcodec_receive_packet(context, packet.pointer)
    guard received == 0 else { throw CodecError(.failed, "cannot write a JPEG", status: received) }
    return Array(packet.bytes)
  }
}
