// The vocabulary of GB/T 28181, and its machines. Section numbers in this
// module are those of the protocol reference this platform is built from.
//
// Who: `DeviceID`, `DeviceKind`, `CivilCode`, `GBVersion`, `PeerAddress`.
//
// XML as devices send it: `XMLReader` makes an `XMLDocument` of `XMLElement`s
// from any text; `TextCodec` is the seam where an edge turns bytes into text.
//
// MANSCDP: `MANSCDPMessage` is what came, `MANSCDPDocument` what goes out;
// `Keepalive` recognises a heartbeat in its bytes; `CatalogItem`, `CatalogReply`
// and `CatalogAssembler` make one catalog out of many messages; `PendingQueries`
// says which answers are awaited; `PTZCommand` moves cameras.
//
// Recordings on board: `RecordQuery` asks, `RecordReply` is one part of what comes,
// `RecordAssembler` makes a list of the parts; `PlaybackRequest` and
// `PlaybackResponse` are the orders of a running replay (MANSRTSP),
// `MediaStatusNotice` its end.
//
// Presence: `Registrar` answers REGISTER and follows addresses, `LivenessRecord`
// has the one function that says whether a device is alive, `LivenessTable`
// asks it for all of them, `FailureLimiter` slows down guessing.
//
// Events: `Subscription` asks a device to report, `Notifier` is the side that grants and reports; `AlarmNotice`,
// `PositionNotice` and the events of `CatalogItem` are what is said.
//
// Media: `InviteOffer` and `InviteAnswer` are the two halves of an SDP exchange,
// `Subject` the header beside it, `SSRCAllocator` gives out stream numbers.
