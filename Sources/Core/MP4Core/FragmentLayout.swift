public import MPEGCore
public import MediaTime
public import WireBytes

/// A fragment ready to be written: the header, then every payload in this order.
public struct FragmentLayout: Sendable {
  /// `moof` and the head of `mdat`.
  public let header: [UInt8]
  /// Pictures in decoding order, then sound.
  public let payloads: [SharedBytes]
  /// The sum of the payloads.
  public let payloadBytes: Int

  public var byteCount: Int { header.count + payloadBytes }

  /// Header and payloads in one array: for tests and small streams.
  public var joined: [UInt8] {
    var bytes = header
    bytes.reserveCapacity(byteCount)
    for payload in payloads { bytes.append(contentsOf: payload.array) }
    return bytes
  }
}

extension AccessUnit {
  /// Bytes of the payload, as they will lie in a file.
  public var byteCount: Int { payload.count }
}

/// One sample as `trun` wants it.
private struct RunSample {
  var unit: AccessUnit
  var decode: Int64
  var duration: Int64
  /// From `decode` as it is written, so that the presentation time stays exact even where `decode` was held.
  var compositionOffset: Int64
}

extension FragmentedMP4Writer {
  /// A fragment of many units: the recorder's group of pictures.
  ///
  /// Decoding times come out exactly as the stream gave them, except that a time
  /// that steps back inside the fragment is held at the time before it.
  /// - Parameters:
  ///   - units: in decoding order per track, in any interleaving.
  ///   - videoEnd: decoding time of the next picture, or nil when it is unknown (then the last duration repeats).
  ///   - audioEnd: time of the next block of sound, or nil (then the last block lasts as long as it is).
  public mutating func fragment(
    _ units: [AccessUnit], videoEnd: MediaTicks? = nil, audioEnd: MediaTicks? = nil
  ) -> FragmentLayout {
    let pictures = samples(units, of: video, end: videoEnd)
    let sounds = samples(units, of: audio, end: audioEnd)
    var payloads: [SharedBytes] = []
    payloads.reserveCapacity(pictures.count + sounds.count)
    var (videoBytes, audioBytes) = (0, 0)
    for sample in pictures {
      payloads.append(sample.unit.payload)
      videoBytes += sample.unit.payload.count
    }
    for sample in sounds {
      payloads.append(sample.unit.payload)
      audioBytes += sample.unit.payload.count
    }
    var writer = ByteWriter(capacity: 256 + 16 * pictures.count + 8 * sounds.count)
    var offsets: [Int] = []
    let sequence = takeSequence()
    writer.box(.moof) { writer in
      writer.fullBox(.mfhd) { $0.uint32(sequence) }
      if !pictures.isEmpty { offsets.append(Self.pictureRun(pictures, &writer)) }
      if !sounds.isEmpty { offsets.append(Self.soundRun(sounds, &writer)) }
    }
    let data = writer.count + 8
    var position = data
    for (index, offset) in offsets.enumerated() {
      writer.patchUInt32(UInt32(clamping: position), at: offset)
      position += index == 0 && !pictures.isEmpty ? videoBytes : audioBytes
    }
    writer.uint32(UInt32(clamping: 8 + videoBytes + audioBytes))
    writer.uint32(FourCC.mdat.code)
    return FragmentLayout(header: writer.bytes, payloads: payloads, payloadBytes: videoBytes + audioBytes)
  }

  private func samples(_ units: [AccessUnit], of format: TrackFormat?, end: MediaTicks?) -> [RunSample] {
    guard let format else { return [] }
    var samples: [RunSample] = []
    for unit in units where unit.codec == format.codec {
      var decode = max(0, unit.dts - origin)
      if let last = samples.last {
        decode = max(decode, last.decode)
        samples[samples.count - 1].duration = decode - last.decode
      }
      samples.append(
        RunSample(unit: unit, decode: decode, duration: 0, compositionOffset: (unit.pts - origin) &- decode))
    }
    guard let last = samples.last else { return [] }
    let natural = Self.naturalDuration(of: last.unit, format: format)
    let repeated = samples.count > 1 ? samples[samples.count - 2].duration : MediaTicks.perSecond / 25
    let fallback = natural > 0 ? natural : repeated
    samples[samples.count - 1].duration = end.map { max(0, ($0 - origin) &- last.decode) } ?? fallback
    return samples
  }

  /// - Returns: where the data offset must be patched in.
  private static func pictureRun(_ samples: [RunSample], _ writer: inout ByteWriter) -> Int {
    var patch = 0
    writer.box(.traf) { writer in
      writer.fullBox(.tfhd, flags: SingleUnitFragment.baseIsMoof) { $0.uint32(videoTrack) }
      writer.fullBox(.tfdt, version: 1) { $0.uint64(UInt64(clamping: samples[0].decode)) }
      writer.fullBox(.trun, version: 1, flags: 0xF01) { writer in
        writer.uint32(UInt32(clamping: samples.count))
        patch = writer.count
        writer.uint32(0)
        for sample in samples {
          writer.uint32(UInt32(clamping: sample.duration))
          writer.uint32(UInt32(clamping: sample.unit.payload.count))
          writer.uint32(
            sample.unit.isKeyFrame ? SingleUnitFragment.keyFlags : SingleUnitFragment.deltaFlags)
          writer.uint32(UInt32(bitPattern: Int32(clamping: sample.compositionOffset)))
        }
      }
    }
    return patch
  }

  private static func soundRun(_ samples: [RunSample], _ writer: inout ByteWriter) -> Int {
    var patch = 0
    writer.box(.traf) { writer in
      writer.fullBox(.tfhd, flags: SingleUnitFragment.baseIsMoof | 0x20) { writer in
        writer.uint32(audioTrack)
        writer.uint32(SingleUnitFragment.keyFlags)
      }
      writer.fullBox(.tfdt, version: 1) { $0.uint64(UInt64(clamping: samples[0].decode)) }
      writer.fullBox(.trun, flags: 0x301) { writer in
        writer.uint32(UInt32(clamping: samples.count))
        patch = writer.count
        writer.uint32(0)
        for sample in samples {
          writer.uint32(UInt32(clamping: sample.duration))
          writer.uint32(UInt32(clamping: sample.unit.payload.count))
        }
      }
    }
    return patch
  }
}
