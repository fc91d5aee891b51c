import Foundation
import Testing

@testable import Cryptography

/// The examples of RFC 7515, appendices A.2 and A.3.
@Suite struct TokenSignatureTests {
  static let payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
  static let rsaMessage = Array("eyJhbGciOiJSUzI1NiJ9.\(payload)".utf8)
  static let ecMessage = Array("eyJhbGciOiJFUzI1NiJ9.\(payload)".utf8)
  static let modulus = bytes(
    """
    ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-p\
    CgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg\
    665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FR\
    WyuXpoQ
    """)
  static let rsaSignature = bytes(
    """
    cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7\
    t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12\
    jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUP\
    QGe77Rw
    """)
  static let x = bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
  static let y = bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
  static let ecSignature = bytes(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")

  static func bytes(_ text: String) -> [UInt8] {
    let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Array(
      Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4)) ?? Data())
  }

  @Test("The examples of the RFC verify, and no other message and no changed signature does")
  func examples() {
    let rsa = TokenSignature.rsa(modulus: Self.modulus, exponent: [1, 0, 1])
    let ec = TokenSignature.p256(x: Self.x, y: Self.y)
    #expect(rsa.verify(Self.rsaSignature, of: Self.rsaMessage))
    #expect(ec.verify(Self.ecSignature, of: Self.ecMessage))
    #expect(!rsa.verify(Self.rsaSignature, of: Self.ecMessage))
    #expect(!ec.verify(Self.ecSignature, of: Self.rsaMessage))
    for (key, signature, message) in [
      (rsa, Self.rsaSignature, Self.rsaMessage), (ec, Self.ecSignature, Self.ecMessage),
    ] {
      for at in stride(from: 0, to: signature.count, by: 7) {
        var changed = signature
        changed[at] ^= 1
        #expect(!key.verify(changed, of: message))
      }
      #expect(!key.verify([], of: message) && !key.verify(Array(signature.dropLast()), of: message))
    }
  }

  @Test("Weak, broken and empty keys verify nothing")
  func keys() {
    let weak = TokenSignature.rsa(modulus: Array(Self.modulus.prefix(128)), exponent: [1, 0, 1])
    #expect(!weak.verify(Array(Self.rsaSignature.prefix(128)), of: Self.rsaMessage))
    for key: TokenSignature in [
      .rsa(modulus: [], exponent: []), .rsa(modulus: Self.modulus, exponent: []),
      .rsa(modulus: [UInt8](repeating: 0, count: 256), exponent: [1]), .p256(x: [], y: []),
      .p256(x: Self.y, y: Self.x),
      .p256(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)),
    ] {
      #expect(!key.verify(Self.rsaSignature, of: Self.rsaMessage))
      #expect(!key.verify(Self.ecSignature, of: Self.ecMessage))
    }
  }
}
