import Foundation
import MediaTime

/// Times as HTTP headers write them (RFC 9110 §5.6.7).
enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static var now: String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return text(WallTime(seconds: Int64(time.tv_sec)))
  }

  static func text(_ moment: WallTime) -> String {
    let civil = CivilTime(moment)
    // 1970-01-01 was a Thursday.
    let day = (moment.seconds / 86_400) % 7
    let weekday = days[Int(day < 0 ? day + 7 : day)]
    return "\(weekday), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
      + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) GMT"
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
