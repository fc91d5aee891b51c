import GBCore

/// What became of an order to a running replay.
enum OrderAnswer: Sendable, Hashable {
  /// 200, with the device's words when it gave any.
  case done(PlaybackResponse?)
  case refused(status: Int)
  case noAnswer
  /// The call is over.
  case noCall
}

/// Places calls for recorded material and steers them. Implemented by ``CallService``.
protocol HistoryCalling: Calling {
  /// INFO in the call's dialog.
  func order(
    _ method: PlaybackRequest.Method, range: PlaybackRange?, scale: Double?, of call: CallHandle
  ) async -> OrderAnswer
  /// BYE; returns when it is answered, or after 32 s without an answer.
  func end(_ call: CallHandle) async
}
