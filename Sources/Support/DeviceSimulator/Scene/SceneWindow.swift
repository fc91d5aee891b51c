import Glibc
import NIOCore
import Synchronization

/// The part of a scene that a moving camera sees.
///
/// A whole turn of the camera passes the street four times; at zoom 1 the camera sees two thirds of it.
struct SceneWindow: Sendable, Hashable {
  /// Degrees, 0…360, going round.
  var pan: Double
  /// Degrees, −30…90, down positive; 0 is the middle of the picture.
  var tilt: Double
  /// Times, at least 1.
  var zoom: Double

  /// Degrees that the drawn street is wide and high.
  private static let width = 90.0
  private static let height = 60.0
  /// Share of the street that is seen at zoom 1.
  private static let share = 2.0 / 3

  /// Where it looks when it is switched on.
  static let start = SceneWindow(pan: 0, tilt: 0, zoom: 1)

  /// Left, top, width and height as shares of the scene. The left edge may lie outside: the scene goes round.
  var area: (left: Double, top: Double, width: Double, height: Double) {
    let size = Self.share / max(zoom, 1)
    let middle = min(max(0.5 + tilt / Self.height, size / 2), 1 - size / 2)
    return (0.5 + pan / Self.width - size / 2, middle - size / 2, size, size)
  }
}

/// Where a camera looks, asked by the thread that draws and told by the device.
final class SceneView: Sendable {
  /// The window at a moment.
  typealias Course = @Sendable (NIODeadline) -> SceneWindow

  private let course = Mutex<Course>({ _ in .start })

  /// The camera moves otherwise from now on.
  func follow(_ course: @escaping Course) { self.course.withLock { $0 = course } }

  /// Where it looks now.
  var window: SceneWindow {
    let course = course.withLock { $0 }
    return course(.now())
  }
}

extension Picture {
  /// Shows a part of another picture of the same size, enlarged: nearest samples, going round at the sides.
  mutating func show(_ window: SceneWindow, of source: Picture) {
    let area = window.area
    let planes =
      [(0, width, height), (width * height, width / 2, height / 2)]
      + [(width * height * 5 / 4, width / 2, height / 2)]
    withMutableBytes { target in
      source.withBytes { bytes in
        for (start, columns, lines) in planes {
          let places = (0..<columns).map { column -> Int in
            let place = Int((area.left + area.width * Double(column) / Double(columns)) * Double(columns))
            return (place % columns + columns) % columns
          }
          var before = -1
          for line in 0..<lines {
            let place = Int((area.top + area.height * Double(line) / Double(lines)) * Double(lines))
            let from = start + min(max(place, 0), lines - 1) * columns
            let to = start + line * columns
            if from == before, let base = target.baseAddress {
              memcpy(base + to, base + to - columns, columns)
            } else {
              for (column, place) in places.enumerated() { target[to + column] = bytes[from + place] }
            }
            before = from
          }
        }
      }
    }
  }
}
