extension Schema {
  /// A grant is never deleted: the log of looks names it. What has parts of its own lies as JSON, because nothing
  /// is ever searched by them: the book is in memory.
  static let rights = """
    CREATE TABLE organisation (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, parent TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE person (
      name TEXT PRIMARY KEY REFERENCES user(name) ON DELETE CASCADE, organisation TEXT, standing TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE purpose (
      code TEXT PRIMARY KEY, english TEXT NOT NULL, chinese TEXT NOT NULL, needsCase INTEGER NOT NULL,
      needsApprover INTEGER NOT NULL, isReserved INTEGER NOT NULL, isEnabled INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE accessGrant (
      id TEXT PRIMARY KEY, issuer TEXT NOT NULL, grantee TEXT NOT NULL, scope TEXT NOT NULL,
      operations TEXT NOT NULL, priority INTEGER, conditions TEXT NOT NULL, note TEXT NOT NULL,
      created INTEGER NOT NULL, createdBy TEXT NOT NULL, revoked INTEGER, revokedBy TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE accessRequest (
      id TEXT PRIMARY KEY, asker TEXT NOT NULL, scope TEXT NOT NULL, operations TEXT NOT NULL,
      purpose TEXT NOT NULL, until INTEGER NOT NULL, created INTEGER NOT NULL, state TEXT NOT NULL,
      decided INTEGER, decidedBy TEXT, words TEXT, grantID TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE breakGlass (
      id TEXT PRIMARY KEY, person TEXT NOT NULL, reason TEXT NOT NULL, opened INTEGER NOT NULL,
      grantID TEXT NOT NULL, verdict TEXT, reviewed INTEGER, reviewedBy TEXT, words TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE channelLabel (
      channel TEXT NOT NULL, label TEXT NOT NULL,
      PRIMARY KEY (channel, label)
    ) STRICT, WITHOUT ROWID;
    """

  /// Whom an identity provider vouches for: issuer and subject, never two accounts for one.
  static let externalAccounts = """
    ALTER TABLE user ADD COLUMN external TEXT;
    CREATE UNIQUE INDEX userByExternal ON user (external) WHERE external IS NOT NULL;
    """

  /// Where a request of another level came from, where it goes on to, and what its owner signed.
  static let requestJourneys = "ALTER TABLE accessRequest ADD COLUMN journey TEXT;"

  /// The secret is sealed for its account.
  static let secondFactor = """
    CREATE TABLE secondFactor (
      user TEXT PRIMARY KEY REFERENCES user(name) ON DELETE CASCADE, secret BLOB NOT NULL, confirmed INTEGER,
      lastCounter INTEGER, recovery TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}
