/// What `bench-target` is asked to be.
enum TargetJob: Codable {
  case media(MediaTargetOptions)
  case server(ServerTargetOptions)
  case fleet(FleetTargetOptions)
}

/// The media plane with streams that wait for packets.
struct MediaTargetOptions: Codable {
  var streams: Int
  var overTCP = false
  /// Where every stream is recorded; nil records none.
  var recordings: String?
  /// Every stream is relayed over UDP to this port of the loopback interface; 0 relays none.
  var relayPort: UInt16 = 0
  /// Also accepts viewers of the first stream.
  var acceptsViewers = false
  /// Writes to viewers are gathered as the server gathers them; false writes every frame at once.
  var mergesWrites = true
  /// Media threads, all on the one processor of ours.
  var threads = 1

  /// Stream i has this SSRC plus i.
  static let firstSSRC: UInt32 = 100_000_000
}

/// The whole server on free ports of the loopback interface.
struct ServerTargetOptions: Codable {
  var folder: String
  /// Devices it knows beforehand.
  var devices: Int
  /// Its own code.
  var platform = BenchIdentity.platform
}

/// Our simulator, as load for the whole server.
struct FleetTargetOptions: Codable {
  var sipPort: Int
  var devices: Int
  var channels: Int
  var registrationsPerSecond = 200
  var overTCP = false
  var catalogItemsPerPart = 4
  /// Pictures without sound.
  var isSilent = false
}

/// Codes and credentials on which server and load agree.
enum BenchIdentity {
  static let platform = "34020000002000000001"
  static let domain = "3402000000"
  static let firstDevice = "34020000001180000001"
  static let password = "bench-password"

  static func device(_ index: Int) -> String {
    let serial = String(index + 1)
    return "3402000000118" + String(repeating: "0", count: 7 - serial.count) + serial
  }
}

/// Where the target can be reached.
struct TargetReady: Codable {
  var media: UInt16 = 0
  var viewers: UInt16 = 0
  var http = 0
  var sip = 0
  /// Signs in once.
  var token = ""
}

/// What the target counted so far.
struct TargetReport: Codable {
  var packets = 0
  var lost = 0
  var kernelDrops = 0
  /// Streams with a picture.
  var pictures = 0
  var writtenBytes = 0
  var droppedFragments = 0
  /// Packets that relays sent, and times they were delayed, refused or left groups out.
  var relayedPackets = 0
  var relayTroubles = 0
  var registered = 0
  var refused = 0
  /// Catalogs that were complete, channels known, and items that could not be read.
  var catalogs = 0
  var channels = 0
  var brokenItems = 0
  /// Seconds from the fleet's first registration until all its devices were registered; nil before.
  var allRegisteredAfter: Double?
}
