/// What names and passwords must look like.
public enum AccountRules {
  /// Shortest password, in characters.
  public static let shortestPassword = 10
  /// Longest password, in bytes: a longer one only costs hashing time.
  public static let longestPassword = 256
  /// Longest account or key name, in characters.
  public static let longestName = 64

  /// - Throws: ``AccessRefusal/weakPassword(_:)`` that says what is missing.
  public static func check(password: String, user: String) throws(AccessRefusal) {
    guard password.count >= shortestPassword else {
      throw .weakPassword("A password needs at least \(shortestPassword) characters.")
    }
    guard password.utf8.count <= longestPassword else {
      throw .weakPassword("A password has at most \(longestPassword) bytes.")
    }
    guard Set(password).count >= 4 else {
      throw .weakPassword("A password needs at least four different characters.")
    }
    guard password.lowercased() != user.lowercased() else {
      throw .weakPassword("A password must differ from the account's name.")
    }
  }

  /// - Throws: ``AccessRefusal/badName(_:)`` unless the name is 1…64 characters without controls or blanks at its ends.
  public static func check(name: String) throws(AccessRefusal) {
    guard (1...longestName).contains(name.count), name.utf8.count <= 4 * longestName else {
      throw .badName("A name has 1 to \(longestName) characters.")
    }
    guard !name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      throw .badName("A name has no control characters.")
    }
    guard name.first != " ", name.last != " " else {
      throw .badName("A name does not begin or end with a blank.")
    }
  }
}
