/// A hash computed piece by piece. Implemented where the cryptography lives.
public protocol StreamingHash: AnyObject {
  /// Adds bytes; called on one thread at a time.
  func update(_ bytes: UnsafeRawBufferPointer)
  /// Remembers what was added so far. Only the latest mark counts.
  func mark()
  /// Forgets what was added since the latest mark.
  func rewind()
  /// The digest; nothing is added afterwards.
  func finish() -> [UInt8]
}

/// Makes a fresh SHA-256 for every file.
public typealias HashFactory = @Sendable () -> any StreamingHash
