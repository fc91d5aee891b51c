import GBCore
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// Calls for recorded material: orders inside the dialog, the end of the file, an end that is waited for.
extension CallService: HistoryCalling {
  /// How long a device may think about an order.
  private static let orderLimit: Duration = .seconds(8)
  /// Some never answer the BYE of a replay that was moved (§8.3).
  private static let byeLimit: Duration = .seconds(32)

  func order(
    _ method: PlaybackRequest.Method, range: PlaybackRange?, scale: Double?, of handle: CallHandle
  ) async -> OrderAnswer {
    guard let endpoint = signalling.endpoint else { return .noCall }
    let prepared = state.withLock { state -> (SIPRequest, SIPTarget, String)? in
      guard var call = state.calls[handle], var info = call.dialog?.request(.info) else { return nil }
      call.orders += 1
      let order = PlaybackRequest(method, cseq: call.orders, range: range, scale: scale)
      if let contact = call.request.headers[.contact] { info.headers.append(.contact, contact) }
      info.headers.append(.contentType, PlaybackRequest.contentType)
      info.body = order.body
      state.calls[handle] = call
      return (info, call.target, call.callID)
    }
    guard let (info, target, _) = prepared else { return .noCall }
    return await withCheckedContinuation { done in
      endpoint.send(info, to: target, timeout: Self.orderLimit) { event in
        switch event {
        case .provisional: break
        case .timeout, .transportError: done.resume(returning: .noAnswer)
        case .final(let response, _):
          done.resume(
            returning: response.isSuccess
              ? .done(PlaybackResponse(parsing: response.body)) : .refused(status: response.status))
        }
      }
    }
  }

  func end(_ handle: CallHandle) async {
    let prepared = state.withLock { state -> (SIPRequest, SIPTarget)? in
      guard var call = state.calls[handle], let bye = call.dialog?.request(.bye) else { return nil }
      Self.forget(handle, &state)
      return (bye, call.target)
    }
    guard let (bye, target) = prepared, let endpoint = signalling.endpoint else {
      return await hangUp(handle)
    }
    await withCheckedContinuation { done in
      endpoint.send(bye, to: target, timeout: Self.byeLimit) { event in
        switch event {
        case .provisional: break
        case .timeout, .transportError, .final: done.resume()
        }
      }
    }
  }

  /// MediaStatus: the call it names, or the only one it can mean (§8.4).
  ///
  /// - Returns: whether a call was found.
  @discardableResult
  func mediaEnded(_ notice: MediaStatusNotice, from device: DeviceID, callID: String?) -> Bool {
    guard notice.saysEnded else { return false }
    let events = state.withLock { state -> (@Sendable (CallEvent) -> Void)? in
      if let callID, let handle = state.byCallID[callID], let call = state.calls[handle],
        call.channel.device == device, call.isHistory
      {
        return call.events
      }
      let standing = state.calls.values.filter { call in
        call.channel.device == device && call.isHistory && call.dialog != nil
      }
      let named = standing.filter { $0.channel.channel == notice.channel }
      let meant = named.isEmpty && (notice.channel == nil || notice.channel == device) ? standing : named
      return meant.count == 1 ? meant[0].events : nil
    }
    events?(.fileEnded)
    return events != nil
  }
}
