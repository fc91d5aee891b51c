/// A body that people belong to: a bureau, a school, a company that maintains cameras.
public struct Organisation: Sendable, Hashable, Identifiable {
  /// Short word that grants name it by; see ``Purpose/isCode(_:)``.
  public var id: String
  public var name: String
  /// The organisation it is part of.
  public var parent: String?

  public init(id: String, name: String, parent: String? = nil) {
    (self.id, self.name, self.parent) = (id, name, parent)
  }

  /// The organisation and everything it is part of, nearest first. A loop ends where it closes.
  public static func chain(from id: String, in organisations: [String: Organisation]) -> [String] {
    var chain: [String] = []
    var next: String? = id
    while let current = next, !chain.contains(current) {
      chain.append(current)
      next = organisations[current]?.parent
    }
    return chain
  }
}

/// What rights know of an account beside its role.
public struct PersonRecord: Sendable, Hashable {
  /// The account's name.
  public var name: String
  /// ``Organisation/id``
  public var organisation: String?
  /// The purpose the account's looks carry when none is stated; nil takes that of the role.
  public var standing: StatedPurpose?

  public init(name: String, organisation: String? = nil, standing: StatedPurpose? = nil) {
    (self.name, self.organisation, self.standing) = (name, organisation, standing)
  }
}
