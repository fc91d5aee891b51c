import Access
import HTTPAPI

extension Problem {
  /// A denial as the interface tells it: the reason as a word for programs, a sentence, and what to do.
  static func accessDenied(_ denial: Denial, _ operation: AccessOperation) -> Problem {
    let (text, fix) = words(denial.reason)
    let isAboutPurpose = denial.reason >= .unknownPurpose
    var problem = Problem(
      slug: isAboutPurpose ? "purpose-needed" : "access-denied", status: 403,
      title: isAboutPurpose ? "Say why" : "Access was not granted",
      detail: "\(operation.rawValue): \(text)", fix: fix)
    problem.reason = denial.reason.rawValue
    return problem
  }

  /// What a viewer is told whose picture ended because it was not allowed any more.
  static func accessEnded(_ reason: Denial.Reason) -> API.Cause {
    let (text, fix) = words(reason)
    return API.Cause(code: "access-\(reason.rawValue)", text: "The picture was ended: \(text)", fix: fix)
  }

  /// Why, and what to do about it.
  static func words(_ reason: Denial.Reason) -> (text: String, fix: String) {
    let ask = "Ask for access: POST /api/v1/access-requests, or “Ask for access” in the console."
    switch reason {
    case .noGrant: return ("no grant of yours names this channel.", ask)
    case .operationNotGranted: return ("your grants for this channel do not include this.", ask)
    case .otherVisitor: return ("the grant for your level names other people.", ask)
    case .revoked: return ("the grant for it was revoked.", ask)
    case .expired: return ("the grant for it has expired.", ask)
    case .notYet:
      return ("the grant for it has not begun.", "Wait for its beginning, or ask for an earlier one.")
    case .outsideFootage:
      return (
        "your grants do not reach back to these recordings.", "Ask for later recordings, or for access."
      )
    case .wrongPurpose:
      return (
        "your grants are not for this purpose.", "State a purpose the grant was given for, or ask for access."
      )
    case .outsideHours:
      return ("your grants do not hold at this hour.", "Come back in the hours of the grant.")
    case .tooManyViewers:
      return ("as many look under this grant as it allows.", "Wait until one of them has closed the picture.")
    case .unknownPurpose:
      return ("this purpose is not on the list, or is switched off.", "Choose one of GET /api/v1/purposes.")
    case .purposeExpired: return ("the stated purpose has ended.", "State it again, or another one.")
    case .purposeNeeded:
      return ("it needs a purpose.", "State one: “purpose” in the request, or PUT /api/v1/session/purpose.")
    case .caseNeeded: return ("this purpose needs a case number.", "Give “caseNumber” with the purpose.")
    case .approverNeeded:
      return ("this purpose needs the name of who approved.", "Give “approver” with the purpose.")
    }
  }
}
