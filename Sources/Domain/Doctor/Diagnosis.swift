import GBCore

/// Turns facts into findings: what stops the picture first, then what else is wrong.
///
/// Pure: the same facts give the same findings, in the order of the way from the camera to the screen.
public enum Diagnosis {
  /// Loss above this share breaks pictures faster than key frames mend them.
  static let heavyLoss = 0.02
  /// A clock that is off by more makes recordings and logs of the device useless beside ours, seconds.
  static let clockTolerance = 10

  public static func findings(_ evidence: Evidence) -> [Finding] {
    var found = registration(evidence.registering)
    let isReachable = found.allSatisfy { !$0.cause.isFatal }
    found += heartbeat(evidence)
    found += catalog(evidence.listing)
    let isThere = evidence.registering.presence == .online || evidence.registering.presence == .suspect
    if isReachable, isThere {
      found += call(evidence)
      found += media(evidence)
    }
    if evidence.isTranscodingFull { found.append(Finding(.transcodingFull)) }
    return found.filter { !evidence.isLive || !$0.cause.isFatal || $0.cause == .transcodingFull }
  }

  private static func registration(_ facts: Evidence.Registering) -> [Finding] {
    guard facts.presence == .offline || facts.presence == .never else { return [] }
    let refused = MessageMark("REGISTER", 403)
    if facts.isQuarantined { return [Finding(.waitsForApproval, proof: refused)] }
    switch facts.refusal {
    case .wrongPassword:
      if let realm = facts.digestRealm, realm != facts.ownRealm {
        return [Finding(.wrongRealm, ["theirs": realm, "ours": facts.ownRealm], proof: refused)]
      }
      return [Finding(.wrongPassword, proof: refused)]
    case .wrongUser: return [Finding(.wrongUser, proof: refused)]
    case .noCredential: return [Finding(.noCredential, proof: refused)]
    case .rateLimited: return [Finding(.lockedOut, proof: refused)]
    case .unknownDevice: return [Finding(.waitsForApproval, proof: refused)]
    case .malformed, nil: break
    }
    if !facts.hasCredential { return [Finding(.noCredential)] }
    if facts.saidGoodbye { return [Finding(.saidGoodbye, proof: MessageMark("REGISTER"))] }
    if facts.unansweredChallenges > 0 {
      let times = ["times": "\(facts.unansweredChallenges)"]
      return [Finding(.challengeIgnored, times, proof: MessageMark("REGISTER", 401))]
    }
    guard facts.presence == .never else { return [] }
    if let addressed = facts.addressedPlatform, addressed != facts.ownCode {
      return [
        Finding(
          .wrongPlatformCode, ["theirs": addressed, "ours": facts.ownCode], proof: MessageMark("REGISTER"))
      ]
    }
    return [Finding(.neverHeard)]
  }

  private static func heartbeat(_ evidence: Evidence) -> [Finding] {
    let living = evidence.living
    var found: [Finding] = []
    if evidence.registering.presence == .offline, evidence.registering.refusal == nil,
      !evidence.registering.saidGoodbye, evidence.registering.unansweredChallenges == 0,
      let silence = living.silence
    {
      found.append(Finding(.silent, ["minutes": "\(max(1, silence / 60))"]))
    }
    if living.hosts > 1, living.returns > 0 || living.hosts > 2 {
      found.append(Finding(.twoDevicesOneCode, ["hosts": "\(living.hosts)"], proof: MessageMark("REGISTER")))
    } else if living.returns >= 3 {
      found.append(Finding(.flapping, ["times": "\(living.returns)", "interval": "\(living.interval)"]))
    }
    if let offset = living.clockOffset, abs(offset) > clockTolerance {
      found.append(Finding(.clockWrong, ["seconds": "\(offset)"]))
    }
    if living.answersQueries == false, evidence.call?.status == nil,
      evidence.registering.presence == .online || evidence.registering.presence == .suspect
    {
      found.append(
        Finding(
          .oneWaySignalling, ["address": evidence.registering.address ?? "?"], proof: MessageMark("MESSAGE")))
    }
    return found
  }

  private static func catalog(_ facts: Evidence.Listing) -> [Finding] {
    let proof = MessageMark("MESSAGE")
    guard let wasAnswered = facts.wasAnswered else { return [] }
    guard wasAnswered else { return [Finding(.catalogUnanswered, proof: proof)] }
    if facts.announced == 0, facts.arrived == 0 { return [Finding(.catalogEmpty, proof: proof)] }
    var found: [Finding] = []
    if facts.arrived + facts.broken < facts.announced {
      let numbers = ["arrived": "\(facts.arrived)", "announced": "\(facts.announced)"]
      found.append(Finding(.catalogIncomplete, numbers, proof: proof))
    }
    if facts.broken > 0 {
      found.append(Finding(.catalogDamaged, ["broken": "\(facts.broken)"], proof: proof))
    }
    return found
  }

  private static func call(_ evidence: Evidence) -> [Finding] {
    guard let call = evidence.call else { return [] }
    if let what = call.exhausted { return [Finding(.noResources, ["what": what])] }
    guard let status = call.status else {
      // Both halves of the same silence; the one that names the way is enough.
      if evidence.living.answersQueries == false, !call.isTrying { return [] }
      return call.isTrying
        ? [Finding(.ringsForEver, proof: MessageMark("INVITE", 100))]
        : [Finding(.callUnanswered, proof: MessageMark("INVITE"))]
    }
    let proof = MessageMark("INVITE", status)
    switch status {
    case 200..<300:
      if call.wasHungUp { return [Finding(.hungUp, proof: MessageMark("BYE"))] }
      return call.hasMedia ? [] : [Finding(.answerWithoutMedia, proof: proof)]
    case 486, 600: return [Finding(.busy, proof: proof)]
    case 404, 410, 604: return [Finding(.channelUnknown, proof: proof)]
    case 480, 408: return [Finding(.cameraOffline, ["status": "\(status)"], proof: proof)]
    case 401, 403, 407, 603: return [Finding(.callForbidden, ["status": "\(status)"], proof: proof)]
    case 400, 415, 488, 606: return [Finding(.mediaRefused, ["status": "\(status)"], proof: proof)]
    default:
      if call.channelIsOff { return [Finding(.cameraOffline, ["status": "\(status)"], proof: proof)] }
      return [Finding(.deviceError, ["status": "\(status)"], proof: proof)]
    }
  }

  private static func media(_ evidence: Evidence) -> [Finding] {
    guard let call = evidence.call, call.status.map({ (200..<300).contains($0) }) == true,
      let media = evidence.arriving
    else { return [] }
    guard media.packets > 0 else { return call.wasHungUp ? [] : nothingArrived(call, media) }
    var found: [Finding] = []
    if Double(media.lost) > Double(media.packets + media.lost) * heavyLoss {
      let share = 100 * media.lost / (media.packets + media.lost)
      found.append(Finding(.heavyLoss, ["percent": "\(share)"]))
    }
    if let what = media.unsupported {
      found.append(Finding(isPrivate(what) ? .encrypted : .unsupportedCodec, ["what": what]))
    } else if media.pictures == 0 {
      found.append(Finding(media.hasUnits ? .noKeyFrame : .notAStream, ["packets": "\(media.packets)"]))
    } else if media.hasStopped {
      found.append(Finding(.mediaStopped, ["packets": "\(media.packets)"]))
    }
    return found
  }

  private static func nothingArrived(_ call: Evidence.Calling, _ media: Evidence.Arriving) -> [Finding] {
    let port = ["port": "\(media.port)", "address": call.offeredHost]
    if let stranger = media.strangers.first {
      return [Finding(.mediaFromElsewhere, ["address": stranger])]
    }
    if let number = media.otherNumbers.first {
      return [Finding(.wrongStreamNumber, ["number": "\(number)"]), Finding(.mediaBlocked, port)]
    }
    if Reachability.cannotReach(call.offeredHost, from: call.deviceHost) {
      let addresses = ["ours": call.offeredHost, "theirs": call.deviceHost]
      return [Finding(.unreachableAddress, addresses, proof: MessageMark("INVITE"))]
    }
    if media.isTCP, media.connections == 0 {
      return [
        Finding(
          .connectionFailed, port.merging(["error": media.connectError ?? "–"]) { first, _ in first })
      ]
    }
    return [Finding(.mediaBlocked, port, proof: MessageMark("INVITE", 200))]
  }

  private static func isPrivate(_ what: String) -> Bool {
    ["private", "encrypt", "DAHUA", "HIKVISION", "IMKH"].contains { what.contains($0) }
  }
}

/// How far a picture got on its way.
public struct HopState: Sendable, Hashable {
  public enum State: String, Sendable, Hashable {
    case works, suffers, fails
    /// Nothing is known of it, mostly because a hop before it fails.
    case unknown
  }

  public var hop: Hop
  public var state: State
}

extension Diagnosis {
  /// Every hop in the order of the way, for a picture of it.
  public static func hops(_ evidence: Evidence, _ findings: [Finding]) -> [HopState] {
    var isBroken = false
    return Hop.allCases.map { hop in
      let own = findings.filter { $0.cause.hop == hop }
      if own.contains(where: \.cause.isFatal) {
        isBroken = true
        return HopState(hop: hop, state: .fails)
      }
      if !own.isEmpty { return HopState(hop: hop, state: .suffers) }
      return HopState(hop: hop, state: !isBroken && isKnown(hop, evidence) ? .works : .unknown)
    }
  }

  private static func isKnown(_ hop: Hop, _ evidence: Evidence) -> Bool {
    if evidence.isLive { return hop != .catalog || evidence.listing.wasAnswered == true }
    let isThere = evidence.registering.presence == .online || evidence.registering.presence == .suspect
    return switch hop {
    case .registration, .heartbeat: isThere
    case .catalog: evidence.listing.wasAnswered == true
    case .call: evidence.call?.status.map { (200..<300).contains($0) } == true
    case .media: (evidence.arriving?.packets ?? 0) > 0
    case .picture: (evidence.arriving?.pictures ?? 0) > 0
    case .delivery: false
    }
  }
}

/// Which addresses a device cannot reach, by their ranges alone.
enum Reachability {
  private enum Range { case loopback, linkLocal, site, world }

  /// Whether `host` is of no use to somebody who is at `peer`.
  static func cannotReach(_ host: String, from peer: String) -> Bool {
    switch (range(host), range(peer)) {
    case (.loopback, let there): there != .loopback
    case (.linkLocal, let there): there != .linkLocal && there != .loopback
    case (.site, .world): true
    default: false
    }
  }

  private static func range(_ host: String) -> Range {
    let parts = host.split(separator: ".").compactMap { UInt8($0) }
    guard parts.count == 4 else {
      let text = host.lowercased()
      if text == "::1" || text == "localhost" { return .loopback }
      if text.hasPrefix("fe8") || text.hasPrefix("fe9") || text.hasPrefix("fea") || text.hasPrefix("feb") {
        return .linkLocal
      }
      return text.hasPrefix("fc") || text.hasPrefix("fd") ? .site : .world
    }
    switch (parts[0], parts[1]) {
    case (127, _), (0, _): return .loopback
    case (169, 254): return .linkLocal
    case (10, _), (192, 168), (172, 16...31), (100, 64...127): return .site
    default: return .world
    }
  }
}
