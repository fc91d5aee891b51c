import CFFmpeg
import MPEGCore
import MediaTime

/// A video decoder that gives each picture back as soon as it can.
final class VideoDecoder {
  let format: TrackFormat
  private let context: CodecContext
  private let packet: PacketHandle

  init(format: TrackFormat) throws(CodecError) {
    let (id, name): (AVCodecID, String)
    switch format.codec {
    case .h264: (id, name) = (AV_CODEC_ID_H264, "H.264")
    case .h265: (id, name) = (AV_CODEC_ID_HEVC, "H.265")
    case .g711A, .g711U, .aac: throw CodecError(.unsupported, "not a video track")
    }
    self.format = format
    context = try CodecContext(CodecLibrary.decoder(id, name))
    packet = try PacketHandle()
    context.pointer.pointee.flags |= Int32(AV_CODEC_FLAG_LOW_DELAY)
    // Frame threads would hold one picture back per thread.
    context.pointer.pointee.thread_count = 1
    context.pointer.pointee.pkt_timebase = AVRational(num: 1, den: Int32(MediaTicks.perSecond))
    try context.open("the \(name) decoder")
  }

  /// Gives the decoder one unit. Damage inside is concealed or skipped; only an unusable unit is an error.
  func submit(_ unit: AccessUnit) throws(CodecError) {
    try packet.fill(NALConversion.annexB(unit, parameterSets: format.parameterSets))
    packet.pointer.pointee.pts = unit.pts.value
    packet.pointer.pointee.dts = unit.dts.value
    if unit.isKeyFrame { packet.pointer.pointee.flags |= AV_PKT_FLAG_KEY }
    let status = avcodec_send_packet(context.pointer, packet.pointer)
    guard status == 0 || status == CodecStatus.again else {
      throw CodecError(.malformed, "the decoder refused a unit", status: status)
    }
  }

  /// No more units will come: the pictures still inside can be taken with ``receive(into:)``.
  func finish() {
    avcodec_send_packet(context.pointer, nil)
  }

  /// Takes the next picture if one is ready.
  func receive(into frame: FrameHandle) throws(CodecError) -> Bool {
    let status = avcodec_receive_frame(context.pointer, frame.pointer)
    if status == CodecStatus.again || status == CodecStatus.end { return false }
    guard status == 0 else { throw CodecError(.malformed, "the decoder gave no picture", status: status) }
    // A picture's size comes from the sender; the planes must exist before anybody reads them.
    guard (16...8_192).contains(frame.width), (16...8_192).contains(frame.height),
      frame.pointer.pointee.data.0 != nil
    else { throw CodecError(.malformed, "a picture of \(frame.width)×\(frame.height) is refused") }
    return true
  }
}
