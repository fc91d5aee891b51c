import Testing

/// One after the other: they measure memory and descriptors of the process that they share.
@Suite(.serialized) enum SoakSuite {}
