import Federation
import GBCore
import Logging
import SIPCore
import Synchronization

/// Which calls of superiors the link to each bears.
extension UpwardRelays {
  /// Finds the call a place on the link, or refuses it with what is missing and who has the link.
  func takePlace(_ callID: String, _ entry: Entry) async {
    let call = entry.call
    do throws(LinkLedger.Refusal) {
      let upward = LinkDesk.Upward(
        callID: callID, superior: call.superior.id, camera: entry.camera, pace: call.session.pace)
      for victim in try links.admit(upward, for: user(entry)) {
        await end(victim, because: "displaced", tells: true)
      }
    } catch {
      state.withLock { $0.figures.refused += 1 }
      let warning = error.warning(host: signalling.platform.text)
      logger.notice(
        "a call of a superior does not fit the link",
        metadata: [
          "superior.id": "\(call.superior.id)", "channel.id": "\(call.channel)", "words": "\(warning)",
        ])
      await fail(callID, 486, warning: warning)
    }
  }

  func user(_ entry: Entry) -> LinkUser {
    LinkUser(
      name: entry.permit.question?.person ?? entry.call.superior.name, priority: entry.permit.linkPriority)
  }

  /// What the calls of superiors carry, to be measured.
  var carried: [LinkDesk.Upward] {
    state.withLock { state in
      state.entries.map {
        LinkDesk.Upward(
          callID: $0.key, superior: $0.value.call.superior.id, camera: $0.value.camera,
          pace: $0.value.call.session.pace)
      }
    }
  }
}
