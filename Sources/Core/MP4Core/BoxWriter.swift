import WireBytes

extension ByteWriter {
  /// A box around what `body` writes; its size is patched afterwards (ISO 14496-12 §4.2).
  ///
  /// For boxes below 4 GiB only; media data gets its header from elsewhere.
  mutating func box(_ type: FourCC, _ body: (inout ByteWriter) -> Void) {
    let start = count
    uint32(0)
    uint32(type.code)
    body(&self)
    patchUInt32(UInt32(clamping: count - start), at: start)
  }

  /// A box with version and flags.
  mutating func fullBox(
    _ type: FourCC, version: UInt8 = 0, flags: UInt32 = 0, _ body: (inout ByteWriter) -> Void
  ) {
    box(type) { writer in
      writer.uint32(UInt32(version) << 24 | flags & 0xFF_FFFF)
      body(&writer)
    }
  }

  /// The unity matrix of `mvhd` and `tkhd`.
  mutating func unityMatrix() {
    for value in [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000] as [UInt32] { uint32(value) }
  }

  /// `ftyp` of every file of ours. `iso5` is the first brand in which offsets may count from the `moof`.
  mutating func fileType(major: FourCC, compatible: [FourCC]) {
    box(.ftyp) { writer in
      writer.uint32(major.code)
      writer.uint32(0x200)
      for brand in compatible { writer.uint32(brand.code) }
    }
  }

  /// `mvhd`, version 1, on the 90 kHz clock.
  mutating func movieHeader(duration: Int64, nextTrack: UInt32) {
    fullBox(.mvhd, version: 1) { writer in
      writer.uint64(0)
      writer.uint64(0)
      writer.uint32(TrackBoxes.timescale)
      writer.uint64(UInt64(clamping: duration))
      writer.uint32(0x1_0000)
      writer.uint16(0x100)
      writer.zeros(10)
      writer.unityMatrix()
      writer.zeros(24)
      writer.uint32(nextTrack)
    }
  }
}
