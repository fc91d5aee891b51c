import GBCore

/// Garbles documents as some devices do (§0.2, §14.2 rows 9, 10, 13, 14, 17).
enum DocumentFaults {
  /// Applies what chance picks to a document.
  ///
  /// - Parameters:
  ///   - happens: asked once for each kind that there is an occasion for.
  /// - Returns: the bytes that go out.
  static func body(
    of document: MANSCDPDocument, declaring encoding: TextEncodingName, codec: TextCodec, peer: DeviceID,
    happens: (FaultKind) -> PlannedFault?
  ) -> [UInt8] {
    var text = document.text(declaring: encoding)
    garble(&text, document, peer: peer, happens)
    // Many devices write UTF-8 whatever they declare.
    let isUTF8 = !text.utf8.allSatisfy { $0 < 128 } && encoding != .utf8 && happens(.undeclaredUTF8) != nil
    var bytes = isUTF8 ? Array(text.utf8) : codec.encode(text, encoding)
    if happens(.byteOrderMark) != nil { bytes.insert(contentsOf: [0xEF, 0xBB, 0xBF], at: 0) }
    if happens(.nulTail) != nil { bytes += [0, 0, 0] }
    return bytes
  }

  private static func garble(
    _ text: inout String, _ document: MANSCDPDocument, peer: DeviceID, _ happens: (FaultKind) -> PlannedFault?
  ) {
    if text.contains("</Item>"), document.cmdType == .catalog, happens(.channelIDIsDeviceID) != nil {
      text = withOneCode(text, peer)
    }
    if text.contains("<SumNum>"), let fault = happens(.sumWrong) { text = withSum(text, off: fault.number) }
    if document.root == .response, happens(.serialMissing) != nil {
      text = without(text, element: "SN")
    }
    for name in ["Name", "DeviceName"] where text.contains("</\(name)>") {
      if happens(.bareAmpersand) != nil { text = text.replacing("</\(name)>", with: " & Sons</\(name)>") }
      if happens(.bareLessThan) != nil { text = text.replacing("</\(name)>", with: " < 5 m</\(name)>") }
    }
    if happens(.wrongCase) != nil {
      for (right, wrong) in [("CmdType", "cmdType"), ("DeviceID", "DeviceId"), ("SumNum", "sumnum")] {
        text = text.replacing("<\(right)>", with: "<\(wrong)>").replacing("</\(right)>", with: "</\(wrong)>")
      }
    }
    if happens(.twoRoots) != nil, let prolog = text.firstRange(of: "?>") {
      text += text[prolog.upperBound...]
    }
  }

  /// Every item bears the peer's own code.
  private static func withOneCode(_ text: String, _ peer: DeviceID) -> String {
    text.replacing(#/<Item>(\s*)<DeviceID>[^<]*</DeviceID>/#) { match in
      "<Item>\(match.output.1)<DeviceID>\(peer.text)</DeviceID>"
    }
  }

  private static func withSum(_ text: String, off: Int) -> String {
    text.replacing(#/<SumNum>(\d+)</SumNum>/#) { match in
      "<SumNum>\(max(0, (Int(match.output.1) ?? 0) + off))</SumNum>"
    }
  }

  private static func without(_ text: String, element: String) -> String {
    guard let start = text.firstRange(of: "<\(element)>"), let end = text.firstRange(of: "</\(element)>"),
      start.lowerBound < end.lowerBound
    else { return text }
    return String(text[..<start.lowerBound] + text[end.upperBound...])
  }
}

/// Garbles descriptions of media (§7.3, §14.2 rows 21 and 22).
enum DescriptionFaults {
  static func apply(_ body: [UInt8], happens: (FaultKind) -> PlannedFault?) -> [UInt8] {
    var lines = String(decoding: body, as: UTF8.self).split(separator: "\r\n").map(String.init)
    if happens(.ssrcMissing) != nil { lines.removeAll { $0.hasPrefix("y=") } }
    if let index = lines.firstIndex(where: { $0.hasPrefix("y=0") }), happens(.ssrcZeroLost) != nil {
      lines[index] = "y=" + lines[index].dropFirst(2).drop { $0 == "0" }
    }
    let end = happens(.lineFeedsOnly) != nil ? "\n" : "\r\n"
    return Array((lines.joined(separator: end) + end).utf8)
  }
}
