/// What two levels of our kind say to each other beside GB/T 28181, as bytes (decision 0017).
///
/// - ``LevelEnvelope``: the body of a MESSAGE that only two such levels exchange.
/// - ``LookToken`` and ``TokenChain``: who looks at what, and why, signed by each level that the look passes.
///
/// Every text here has one way to be written: what is read is written again as the same bytes, so that a signature
/// over a text is a signature over what it means.
public enum LevelCore {}
