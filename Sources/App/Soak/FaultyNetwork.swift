import MediaTransport

/// What lies between a camera and us: packets on their way, each with the moment of its arrival.
struct FaultyNetwork {
  /// How the network treats packets at present.
  struct Weather {
    /// Share of packets.
    var loss = 0.0
    var duplication = 0.0
    /// Nanoseconds that a packet may be late.
    var jitter: Int64 = 0

    static let fine = Weather()
    /// 1 % loss, 50 ms jitter and with it reordering, some packets twice.
    static let bad = Weather(loss: 0.01, duplication: 0.005, jitter: 50_000_000)
  }

  struct Packet {
    var arrival: Int64
    var source: MediaAddress
    var bytes: [UInt8]
  }

  /// By arrival.
  private var underway: [Packet] = []
  private(set) var lost = 0

  /// Sends one packet.
  ///
  /// - Returns: whether it will arrive.
  @discardableResult
  mutating func send(
    _ bytes: ArraySlice<UInt8>, from source: MediaAddress, at now: Int64, _ weather: Weather,
    using random: inout SoakRandom
  ) -> Bool {
    if weather.loss > 0, random.chance(weather.loss) {
      lost += 1
      return false
    }
    put(Packet(arrival: now + delay(weather, &random), source: source, bytes: Array(bytes)))
    if weather.duplication > 0, random.chance(weather.duplication) {
      put(Packet(arrival: now + delay(weather, &random), source: source, bytes: Array(bytes)))
    }
    return true
  }

  /// Hands over what has arrived, in the order of arrival.
  mutating func deliver(until now: Int64, _ body: (Packet) -> Void) {
    var count = 0
    while count < underway.count, underway[count].arrival <= now {
      body(underway[count])
      count += 1
    }
    underway.removeFirst(count)
  }

  private func delay(_ weather: Weather, _ random: inout SoakRandom) -> Int64 {
    weather.jitter > 0 ? Int64.random(in: 0...weather.jitter, using: &random) : 0
  }

  private mutating func put(_ packet: Packet) {
    var index = underway.count
    while index > 0, underway[index - 1].arrival > packet.arrival { index -= 1 }
    underway.insert(packet, at: index)
  }
}
