import Testing

@testable import HTTPAPI

@Suite struct MultipartBodyTests {
  private let type = "multipart/form-data; charset=x; boundary=\"a b\""

  private func form(_ parts: [(head: String, content: [UInt8])]) -> [UInt8] {
    parts.flatMap { Array("--a b\r\n\($0.head)\r\n\r\n".utf8) + $0.content + [13, 10] }
      + Array("--a b--\r\n".utf8)
  }

  @Test("The file of a form is found among its fields, whatever bytes it has")
  func file() {
    let content: [UInt8] = [0, 13, 10, 45, 45, 13, 10, 13, 10, 255]
    let body = form([
      ("Content-Disposition: form-data; name=\"a\"", Array("text".utf8)),
      ("content-disposition: form-data; name=\"f\"; FILENAME=\"x.jpg\"", content),
    ])
    #expect(MultipartBody.firstFile(body, contentType: type) == content)
    #expect(MultipartBody.firstFile(form([("X: y", [7])]), contentType: type) == [7])
  }

  @Test("What is no whole form has no file, and no bytes stop the reader")
  func broken() {
    let whole = form([("Content-Type: image/jpeg", [1, 2, 3])])
    for count in 0..<whole.count {
      let cut = Array(whole.prefix(count))
      let found = MultipartBody.firstFile(cut, contentType: type)
      #expect(found == nil || found == [1, 2, 3])
    }
    for wrong in [
      "image/jpeg", "multipart/form-data", "multipart/form-data; boundary=", "multipart/x; boundary=zz",
    ] {
      #expect(MultipartBody.firstFile(whole, contentType: wrong) == nil)
    }
    #expect(MultipartBody.boundary("multipart/x; boundary=" + String(repeating: "a", count: 71)) == nil)
  }
}
