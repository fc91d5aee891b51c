import GBCore
import Testing

@testable import DeviceSimulator

@Suite struct CameraHeadTests {
  @Test("A camera moves as fast as it is told, round the circle and up to its limits, until it is stopped")
  func moves() {
    var head = CameraHead()
    head.obey(
      .move(pan: .left, tilt: .down, zoom: nil, panSpeed: 255, tiltSpeed: 255, zoomSpeed: 0), now: .zero)
    head.advance(to: .seconds(1))
    #expect(head.pan == 260 && head.tilt == 50 && head.isMoving)
    head.obey(.stop, now: .seconds(2))
    head.advance(to: .seconds(60))
    #expect(head.pan == 160 && head.tilt == 90 && !head.isMoving)
  }

  @Test("Zoom, focus and iris stay within their limits; the lens has a stop of its own")
  func lens() {
    var head = CameraHead()
    head.obey(
      .move(pan: nil, tilt: nil, zoom: .zoomOut, panSpeed: 0, tiltSpeed: 0, zoomSpeed: 15), now: .zero)
    head.obey(.lens(focus: .far, iris: .close, focusSpeed: 255, irisSpeed: 255), now: .seconds(1))
    head.obey(.stop, now: .seconds(1))
    #expect(head.zoom == 1 && head.isFocusing && !head.isMoving)
    head.obey(.lensStop, now: .seconds(5))
    #expect(head.focus == 1 && head.iris == 0 && !head.isFocusing)
  }

  @Test("A drawn box becomes the picture, and a picture becomes the box")
  func drag() {
    var head = CameraHead()
    head.go(to: PrecisePosition(pan: 100, tilt: 0, zoom: 1), now: .zero)
    let box = DragBox(windowWidth: 100, windowHeight: 50, centreX: 75, centreY: 25, width: 25, height: 10)
    head.drag(isIn: true, box, now: .zero)
    #expect(head.pan == 115 && head.tilt == 0 && head.zoom == 4)
    let middle = DragBox(windowWidth: 100, windowHeight: 50, centreX: 50, centreY: 25, width: 50, height: 25)
    head.drag(isIn: false, middle, now: .zero)
    #expect(head.zoom == 2)
  }

  @Test("URLs of other kinds than plain HTTP are no targets")
  func urls() {
    #expect(SmallHTTP.Target("http://192.0.2.1:8080/a/b?c") != nil)
    #expect(SmallHTTP.Target("http://[2001:db8::1]:8080/a")?.host == "2001:db8::1")
    #expect(SmallHTTP.Target("http://host")?.port == 80)
    for url in ["https://a/", "ftp://a/", "", "http://a:0/", "http://a:99999/"] {
      #expect(SmallHTTP.Target(url) == nil)
    }
  }
}
