/// The four-character type of a box, brand or sample entry (ISO 14496-12 §4.2).
public struct FourCC: Sendable, Hashable, CustomStringConvertible {
  public let code: UInt32

  public init(code: UInt32) { self.code = code }

  /// - Parameter text: exactly four ASCII characters.
  public init(_ text: StaticString) {
    precondition(text.utf8CodeUnitCount == 4, "a FourCC has four characters")
    code = text.withUTF8Buffer { buffer in
      var value: UInt32 = 0
      for index in 0..<4 { value = unsafe value << 8 | UInt32(buffer[index]) }
      return value
    }
  }

  /// The four characters; anything unprintable as `.`.
  public var description: String {
    let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: code >> $0) }
    return String(decoding: bytes.map { (32...126).contains($0) ? $0 : 46 }, as: UTF8.self)
  }

  static let ftyp = FourCC("ftyp")
  static let moov = FourCC("moov")
  static let mvhd = FourCC("mvhd")
  static let mvex = FourCC("mvex")
  static let trex = FourCC("trex")
  static let trak = FourCC("trak")
  static let tkhd = FourCC("tkhd")
  static let edts = FourCC("edts")
  static let elst = FourCC("elst")
  static let mdia = FourCC("mdia")
  static let mdhd = FourCC("mdhd")
  static let hdlr = FourCC("hdlr")
  static let minf = FourCC("minf")
  static let vmhd = FourCC("vmhd")
  static let smhd = FourCC("smhd")
  static let dinf = FourCC("dinf")
  static let dref = FourCC("dref")
  static let url = FourCC("url ")
  static let stbl = FourCC("stbl")
  static let stsd = FourCC("stsd")
  static let stts = FourCC("stts")
  static let ctts = FourCC("ctts")
  static let stss = FourCC("stss")
  static let stsc = FourCC("stsc")
  static let stsz = FourCC("stsz")
  static let stco = FourCC("stco")
  static let co64 = FourCC("co64")
  static let moof = FourCC("moof")
  static let mfhd = FourCC("mfhd")
  static let traf = FourCC("traf")
  static let tfhd = FourCC("tfhd")
  static let tfdt = FourCC("tfdt")
  static let trun = FourCC("trun")
  static let free = FourCC("free")
  static let mdat = FourCC("mdat")
  static let uuid = FourCC("uuid")
  static let vide = FourCC("vide")
  static let soun = FourCC("soun")
  static let avc1 = FourCC("avc1")
  static let avc3 = FourCC("avc3")
  static let avcC = FourCC("avcC")
  static let hvc1 = FourCC("hvc1")
  static let hev1 = FourCC("hev1")
  static let hvcC = FourCC("hvcC")
  static let mp4a = FourCC("mp4a")
  static let esds = FourCC("esds")
  static let alaw = FourCC("alaw")
  static let ulaw = FourCC("ulaw")
}
