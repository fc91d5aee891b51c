import Testing

@testable import Access

@Suite struct RoleTests {
  @Test("Only administrators touch accounts, and every role may end its own session")
  func table() {
    for role in Role.allCases {
      #expect(AccessPolicy.allows(role, .manageAccounts) == (role == .administrator))
      #expect(AccessPolicy.allows(role, .ownSession))
    }
    #expect(AccessPolicy.permissions(of: .administrator) == Set(Permission.allCases))
  }

  @Test("Who audits or maintains sees no picture, who watches does not read the log of looks")
  func separation() {
    let pictures: [Permission] = [.watchLive, .watchRecordings, .exportRecordings]
    for role in [Role.auditor, .deviceManager] {
      for permission in pictures { #expect(!AccessPolicy.allows(role, permission)) }
    }
    #expect(AccessPolicy.allows(.auditor, .viewAccessLog))
    for role in [Role.operator, .deviceManager, .machine] {
      #expect(!AccessPolicy.allows(role, .viewAccessLog))
    }
  }

  @Test("A machine changes nothing")
  func machine() {
    for permission in [
      Permission.manageDevices, .manageRecording, .manageAccounts, .diagnose, .control, .configure,
    ] {
      #expect(!AccessPolicy.allows(.machine, permission))
    }
  }

  @Test("Who watches moves cameras, who maintains sets devices up, and only administrators bring firmware")
  func commands() {
    #expect(Role.allCases.filter { AccessPolicy.allows($0, .control) } == [.administrator, .operator])
    #expect(Role.allCases.filter { AccessPolicy.allows($0, .configure) } == [.administrator, .deviceManager])
    #expect(Role.allCases.filter { AccessPolicy.allows($0, .manageFirmware) } == [.administrator])
  }

  @Test("Roles have their names of the interface")
  func names() {
    #expect(
      Role.allCases.map(\.rawValue) == ["administrator", "operator", "auditor", "device-manager", "machine"])
  }
}
