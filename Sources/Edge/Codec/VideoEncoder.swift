import CFFmpeg
import MPEGCore
import MediaTime
import WireBytes

/// x264 without look-ahead: one picture in, one unit out.
final class VideoEncoder {
  private let context: CodecContext
  private let scaler = PictureScaler()
  private let scaled: FrameHandle
  private let sourceSize: (width: Int, height: Int)
  private let size: (width: Int, height: Int)
  private var parameterSets: [[UInt8]] = []
  private var first = true

  init(source: FrameHandle, target: VideoTarget) throws(CodecError) {
    sourceSize = (source.width, source.height)
    size = PictureScaler.fit(
      width: source.width, height: source.height, maxWidth: 0, maxHeight: target.maxHeight)
    scaled = try FrameHandle()
    try scaled.allocate(width: size.width, height: size.height, format: AV_PIX_FMT_YUV420P)
    context = try CodecContext(CodecLibrary.encoder("libx264"))
    let settings = context.pointer
    settings.pointee.width = Int32(size.width)
    settings.pointee.height = Int32(size.height)
    settings.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    settings.pointee.time_base = AVRational(num: 1, den: Int32(MediaTicks.perSecond))
    settings.pointee.framerate = AVRational(num: 25, den: 1)
    // Key frames follow the source's; x264 adds its own only when a source has none for ten seconds.
    settings.pointee.gop_size = 250
    settings.pointee.max_b_frames = 0
    settings.pointee.thread_count = 1
    settings.pointee.rc_max_rate = Int64(target.maxKilobits) * 1_000
    settings.pointee.rc_buffer_size = Int32(clamping: target.maxKilobits * 1_000)
    try context.set("preset", target.preset)
    try context.set("tune", "zerolatency")
    try context.set("crf", "24")
    try context.set("forced-idr", "1")
    try context.set("x264-params", "scenecut=0:aud=0")
    try context.open("the H.264 encoder")
  }

  func accepts(_ picture: FrameHandle) -> Bool {
    picture.width == sourceSize.width && picture.height == sourceSize.height
  }

  func submit(_ picture: FrameHandle) throws(CodecError) {
    guard av_frame_make_writable(scaled.pointer) == 0 else {
      throw CodecError(.exhausted, "no memory for a picture")
    }
    try scaler.scale(picture, into: scaled)
    let frame = scaled.pointer
    frame.pointee.pts = picture.pointer.pointee.best_effort_timestamp
    let isKey = picture.pointer.pointee.key_frame != 0 || first
    frame.pointee.pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    first = false
    let status = avcodec_send_frame(context.pointer, frame)
    guard status == 0 else { throw CodecError(.failed, "the encoder refused a picture", status: status) }
  }

  func receive(into packet: PacketHandle) throws(CodecError) -> Bool {
    let status = avcodec_receive_packet(context.pointer, packet.pointer)
    if status == CodecStatus.again || status == CodecStatus.end { return false }
    guard status == 0 else { throw CodecError(.failed, "the encoder gave no unit", status: status) }
    return true
  }

  /// The packet as one of our units, and the track when its parameter sets are new.
  func unit(from packet: PacketHandle, arrival: WallTime) -> (format: TrackFormat?, unit: AccessUnit) {
    var sets: [[UInt8]] = []
    let payload = NALConversion.lengthPrefixed(packet.bytes) { unit in
      if let type = unit.first.map({ $0 & 0x1F }), type == 7 || type == 8 { sets.append(Array(unit)) }
    }
    var format: TrackFormat?
    if !sets.isEmpty, sets != parameterSets {
      parameterSets = sets
      format = TrackFormat(codec: .h264, parameterSets: sets, width: size.width, height: size.height)
    }
    let unit = AccessUnit(
      codec: .h264, isKeyFrame: packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0,
      pts: MediaTicks(packet.pointer.pointee.pts), dts: MediaTicks(packet.pointer.pointee.dts),
      arrival: arrival,
      payload: SharedBytes(payload))
    av_packet_unref(packet.pointer)
    return (format, unit)
  }
}
