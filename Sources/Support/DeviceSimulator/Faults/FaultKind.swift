/// What a peer can do wrong; the raw value is its name in scenarios. Numbers of rows are those of the table of what
/// real devices get wrong (GB/T 28181 practice, §14.2 of our notes on the protocol).
public enum FaultKind: String, Sendable, Hashable, CaseIterable {
  // MARK: The way of the packets
  /// A media packet gets lost.
  case packetLoss = "packet-loss"
  /// A media packet comes up to so much later.
  case jitter
  /// A media packet comes after its successor.
  case reordering
  /// A media packet comes twice.
  case duplicates
  /// The peer's signalling comes from another port from now on, and nobody is told.
  case natRebinding = "nat-rebinding"
  /// The power fails for so long: nobody is told.
  case powerCut = "power-cut"

  // MARK: Media
  /// RTP carries another SSRC than the one that was agreed (§7.3, row 22).
  case wrongSSRC = "wrong-ssrc"
  /// The call is set up but nothing is sent.
  case silentMedia = "silent-media"
  /// The stream goes on for so long after the BYE (row 32).
  case streamAfterBye = "stream-after-bye"

  // MARK: Calls
  /// An INVITE is refused with a status (row 37 and others).
  case inviteRefused = "invite-refused"
  /// The final answer to an INVITE comes so much later.
  case answerDelay = "answer-delay"
  /// An INVITE gets 100 and then nothing (row 24).
  case answerMissing = "answer-missing"
  /// The platform's BYE gets no answer (row 32).
  case byeUnanswered = "bye-unanswered"
  /// The peer ends a call by itself after so long.
  case callEnds = "call-ends"
  /// When the peer ends a call, its BYE comes so much later than its last packet.
  case byeLate = "bye-late"
  /// When the peer ends a call, it says nothing.
  case byeMissing = "bye-missing"

  /// A request outside a dialog whose To has a tag is refused with 481 (row 12 from the other side).
  case strayTagRefused = "stray-tag-refused"
  /// Media begin with the 200, not with the ACK (row 28).
  case mediaBeforeACK = "media-before-ack"

  // MARK: Descriptions of media
  /// The answer carries an SSRC of the peer's own, and so do the packets (row 22).
  case ownSSRC = "own-ssrc"
  /// An offer over TCP whose `y=` stands before an `a=` is refused with 415 (row 23).
  case earlySSRCRefused = "early-ssrc-refused"
  /// The answer has no `y=` (row 21).
  case ssrcMissing = "ssrc-missing"
  /// `y=` without its leading zeros (row 22).
  case ssrcZeroLost = "ssrc-zero-lost"
  /// Lines of the answer end with LF only (row 21).
  case lineFeedsOnly = "line-feeds-only"

  // MARK: Documents
  /// A bare `&` in a name (row 10).
  case bareAmpersand = "xml-bare-ampersand"
  /// A `<` in a name or address (row 10).
  case bareLessThan = "xml-bare-less-than"
  /// NULs after the document (row 10).
  case nulTail = "xml-nul-tail"
  /// A byte order mark before it (row 10).
  case byteOrderMark = "xml-byte-order-mark"
  /// Element names in another case (row 10).
  case wrongCase = "xml-wrong-case"
  /// The document twice (row 10).
  case twoRoots = "xml-two-roots"
  /// UTF-8 in a document that declares a Chinese encoding (row 9).
  case undeclaredUTF8 = "xml-undeclared-utf8"
  /// An answer without SN (row 13).
  case serialMissing = "sn-missing"
  /// SumNum is off by a number (row 14).
  case sumWrong = "sum-wrong"
  /// Channels bear the peer's own code (row 17).
  case channelIDIsDeviceID = "channel-id-is-device-id"
  /// A catalog query is answered by 200 and then by nothing.
  case noCatalog = "no-catalog"

  /// The status of channels is `OK` or `0`, not `ON` or `OFF` (row 16).
  case statusWord = "status-word"
  /// ParentID names the parent twice (row 55).
  case parentTwice = "parent-twice"
  /// CivilCode is empty (row 15).
  case civilCodeMissing = "civil-code-missing"

  // MARK: Presence
  /// A challenge that does not name its algorithm gets no second REGISTER (row 2).
  case silentWithoutAlgorithm = "silent-without-algorithm"
  /// Credentials are spelt oddly: `md5`, `nc=1` (row 3).
  case digestSpelling = "digest-spelling"
  /// A heartbeat without its body (row 8).
  case keepaliveEmpty = "keepalive-empty"
  /// Contact carries a private address (row 5).
  case contactPrivate = "contact-private"
  /// The lifetime stands in Contact only (row 1).
  case expiresInContact = "expires-in-contact"
  /// The clock is off by so much when the peer starts (row 49).
  case clockOffset = "clock-offset"
  /// The clock gains so much in an hour.
  case clockDrift = "clock-drift"
  /// The clock's year is another one (row 49).
  case wrongYear = "wrong-year"
  /// The time that the platform tells is not taken over (§2.4).
  case dateIgnored = "date-ignored"

  /// What the value of a fault of this kind means.
  public enum Parameter: Sendable, Hashable {
    case none
    /// A length of time.
    case duration
    /// A SIP status, 300…699.
    case status
    /// A number that is no status: a year, a count.
    case number
  }

  public var parameter: Parameter {
    switch self {
    case .jitter, .answerDelay, .streamAfterBye, .callEnds, .byeLate, .clockOffset, .clockDrift, .powerCut:
      .duration
    case .inviteRefused: .status
    case .sumWrong, .wrongYear: .number
    case .packetLoss, .reordering, .duplicates, .natRebinding, .wrongSSRC, .silentMedia, .answerMissing,
      .byeUnanswered, .byeMissing, .ssrcMissing, .ssrcZeroLost, .lineFeedsOnly, .bareAmpersand,
      .bareLessThan, .nulTail, .byteOrderMark, .wrongCase, .twoRoots, .undeclaredUTF8, .serialMissing,
      .channelIDIsDeviceID, .noCatalog, .keepaliveEmpty, .contactPrivate, .expiresInContact, .dateIgnored,
      .strayTagRefused, .mediaBeforeACK, .ownSSRC, .earlySSRCRefused, .statusWord, .parentTwice,
      .civilCodeMissing, .silentWithoutAlgorithm, .digestSpelling:
      .none
    }
  }

  /// Whether it happens at a moment, once or every so often, and not at an occasion.
  public var isEvent: Bool { self == .natRebinding || self == .powerCut }

  /// Whether each media packet is an occasion for it.
  var concernsPackets: Bool {
    switch self {
    case .packetLoss, .jitter, .reordering, .duplicates: true
    default: false
    }
  }
}
