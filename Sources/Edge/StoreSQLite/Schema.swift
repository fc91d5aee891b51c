import GRDB

/// The schema as a row of numbered steps. A step that was released is never changed again.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1-registry") { try $0.execute(sql: registry) }
    migrator.registerMigration("2-recordings") { try $0.execute(sql: recordings) }
    migrator.registerMigration("3-access") { try $0.execute(sql: access) }
    migrator.registerMigration("4-stretches") { try $0.execute(sql: stretches + fillStretches) }
    migrator.registerMigration("5-deletion") { try $0.execute(sql: deletion) }
    migrator.registerMigration("6-check") { try $0.execute(sql: check) }
    migrator.registerMigration("7-disks") { try $0.execute(sql: disks) }
    migrator.registerMigration("8-signalling-digests") { try $0.execute(sql: signallingDigests) }
    migrator.registerMigration("9-alarms") { try $0.execute(sql: alarms) }
    migrator.registerMigration("10-device-recordings") { try $0.execute(sql: deviceRecordings) }
    migrator.registerMigration("11-profiles") { try $0.execute(sql: profiles) }
    migrator.registerMigration("12-rights") { try $0.execute(sql: rights) }
    migrator.registerMigration("13-second-factor") { try $0.execute(sql: secondFactor) }
    migrator.registerMigration("14-external-accounts") { try $0.execute(sql: externalAccounts) }
    migrator.registerMigration("15-request-journeys") { try $0.execute(sql: requestJourneys) }
    migrator.registerMigration("20-superiors") { try $0.execute(sql: superiors) }
    migrator.registerMigration("24-links") { try $0.execute(sql: links) }
    migrator.registerMigration("30-levels") { try $0.execute(sql: levels) }
    return migrator
  }

  /// How a device's own recordings are asked for.
  private static let deviceRecordings = """
    ALTER TABLE device ADD COLUMN recordTimeOffset INTEGER;
    ALTER TABLE device ADD COLUMN inviteTimeOffset INTEGER;
    ALTER TABLE device ADD COLUMN historySessions INTEGER;
    """

  /// How a device differs from its make.
  private static let profiles = """
    ALTER TABLE device ADD COLUMN profile TEXT;
    ALTER TABLE device ADD COLUMN habits TEXT;
    """

  private static let registry = """
    CREATE TABLE device (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, origin TEXT NOT NULL, added INTEGER NOT NULL,
      status TEXT NOT NULL, since INTEGER NOT NULL, password BLOB,
      userAlias TEXT, encoding TEXT, heartbeatInterval INTEGER, heartbeatCount INTEGER,
      anyRequestCounts INTEGER NOT NULL, onlineUntilExpiry INTEGER NOT NULL,
      fixedMediaTransport TEXT, rememberedMediaTransport TEXT, streamSelector TEXT,
      manufacturer TEXT, model TEXT, firmware TEXT, declaredChannels INTEGER, userAgent TEXT, version TEXT,
      transport TEXT, address TEXT, contactHeader TEXT, registered INTEGER, expires INTEGER, lastKeepalive INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE channel (
      device TEXT NOT NULL REFERENCES device(id) ON DELETE CASCADE, channel TEXT NOT NULL,
      catalogName TEXT NOT NULL, chosenName TEXT, parentText TEXT NOT NULL, parent TEXT,
      organisations TEXT NOT NULL, businessGroup TEXT, civilCode TEXT, isParental INTEGER NOT NULL,
      status TEXT NOT NULL, since INTEGER NOT NULL, manufacturer TEXT, model TEXT, address TEXT,
      longitude REAL, latitude REAL, ptzType INTEGER, raw TEXT NOT NULL,
      PRIMARY KEY (device, channel)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE quarantine (
      id TEXT PRIMARY KEY, address TEXT NOT NULL, transport TEXT NOT NULL, userAgent TEXT, version TEXT,
      firstSeen INTEGER NOT NULL, lastSeen INTEGER NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE catalogProblem (
      device TEXT NOT NULL, position INTEGER NOT NULL, seen INTEGER NOT NULL, reason TEXT NOT NULL,
      raw TEXT NOT NULL,
      PRIMARY KEY (device, position)
    ) STRICT, WITHOUT ROWID;
    """

  /// Channels get a number here: 100 million segments cannot afford to repeat 41 characters each.
  /// `longest` bounds how far before an interval a segment that reaches into it can start.
  /// `recordingUsage` is kept by triggers, because summing up would read every row.
  private static let recordings = """
    CREATE TABLE recordedChannel (
      number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, longest INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE segment (
      channel INTEGER NOT NULL REFERENCES recordedChannel(number), startMilliseconds INTEGER NOT NULL,
      path TEXT, start INTEGER NOT NULL, "end" INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 BLOB,
      state INTEGER NOT NULL, codec INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
      hasAudio INTEGER NOT NULL, retentionClass INTEGER NOT NULL,
      PRIMARY KEY (channel, startMilliseconds)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX segmentByTime ON segment (channel, start);
    CREATE INDEX segmentByAge ON segment (retentionClass, start) WHERE state IN (1, 2);
    CREATE INDEX segmentUnfinished ON segment (state, start) WHERE state IN (0, 3);
    CREATE TABLE recordingUsage (
      deleting INTEGER PRIMARY KEY, segments INTEGER NOT NULL, bytes INTEGER NOT NULL
    ) STRICT;
    INSERT INTO recordingUsage VALUES (0, 0, 0), (1, 0, 0);
    CREATE TRIGGER segmentAdded AFTER INSERT ON segment BEGIN
      UPDATE recordingUsage SET segments = segments + 1, bytes = bytes + NEW.bytes
        WHERE deleting = (NEW.state = 3);
      UPDATE recordedChannel SET longest = NEW."end" - NEW.start
        WHERE number = NEW.channel AND longest < NEW."end" - NEW.start;
    END;
    CREATE TRIGGER segmentRemoved AFTER DELETE ON segment BEGIN
      UPDATE recordingUsage SET segments = segments - 1, bytes = bytes - OLD.bytes
        WHERE deleting = (OLD.state = 3);
    END;
    CREATE TRIGGER segmentChanged AFTER UPDATE ON segment BEGIN
      UPDATE recordingUsage SET segments = segments - 1, bytes = bytes - OLD.bytes
        WHERE deleting = (OLD.state = 3);
      UPDATE recordingUsage SET segments = segments + 1, bytes = bytes + NEW.bytes
        WHERE deleting = (NEW.state = 3);
      UPDATE recordedChannel SET longest = NEW."end" - NEW.start
        WHERE number = NEW.channel AND longest < NEW."end" - NEW.start;
    END;
    CREATE TABLE gap (
      channel INTEGER NOT NULL REFERENCES recordedChannel(number), start INTEGER NOT NULL, cause TEXT NOT NULL,
      "end" INTEGER, detail TEXT NOT NULL,
      PRIMARY KEY (channel, start, cause)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX gapOpen ON gap (channel) WHERE "end" IS NULL;
    CREATE TABLE plan (
      channel INTEGER NOT NULL REFERENCES recordedChannel(number), since INTEGER NOT NULL, plan TEXT NOT NULL,
      retentionClass INTEGER NOT NULL,
      PRIMARY KEY (channel, since)
    ) STRICT, WITHOUT ROWID;
    """

  /// Where a channel has footage, files that meet joined: a month of timeline is a handful of rows
  /// instead of 43 200 (decision 0005). Kept by ``Stretches`` in the transaction that changes a segment.
  private static let stretches = """
    CREATE TABLE stretch (
      channel INTEGER NOT NULL REFERENCES recordedChannel(number), start INTEGER NOT NULL,
      "end" INTEGER NOT NULL,
      PRIMARY KEY (channel, start)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX segmentOpen ON segment (channel) WHERE state = 0;

    """

  /// The stretches of all segments, in one pass: a segment that begins after everything before it ended begins one.
  static let fillStretches = """
    INSERT INTO stretch SELECT channel, MIN(start), MAX("end") FROM (
      SELECT channel, start, "end", SUM(begins) OVER (PARTITION BY channel ORDER BY start, "end") AS number FROM (
        SELECT channel, start, "end", start > COALESCE(MAX("end") OVER (
          PARTITION BY channel ORDER BY start, "end" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), start - 1) AS begins
        FROM segment WHERE state != 3 AND "end" > start
      )
    ) GROUP BY channel, number;
    """

  /// `deletion` holds what is marked and not yet confirmed; `deletionTotal` what was confirmed, for good.
  private static let deletion = """
    CREATE TABLE deletion (
      channel INTEGER NOT NULL REFERENCES recordedChannel(number), startMilliseconds INTEGER NOT NULL,
      rule TEXT NOT NULL, marked INTEGER NOT NULL, attempts INTEGER NOT NULL,
      PRIMARY KEY (channel, startMilliseconds)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE deletionTotal (
      rule TEXT PRIMARY KEY, files INTEGER NOT NULL, bytes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hold (
      id INTEGER PRIMARY KEY AUTOINCREMENT, channel INTEGER NOT NULL REFERENCES recordedChannel(number),
      start INTEGER NOT NULL, "end" INTEGER NOT NULL, reason TEXT NOT NULL, placedBy TEXT NOT NULL,
      placed INTEGER NOT NULL, until INTEGER, released INTEGER, releasedBy TEXT
    ) STRICT;
    CREATE INDEX holdByChannel ON hold (channel) WHERE released IS NULL;
    """

  /// Damaged segments, and the runs that compared index and files.
  private static let check = """
    CREATE TABLE damage (
      channel INTEGER NOT NULL REFERENCES recordedChannel(number), startMilliseconds INTEGER NOT NULL,
      fault TEXT NOT NULL, seen INTEGER NOT NULL,
      PRIMARY KEY (channel, startMilliseconds)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER damageRemoved AFTER DELETE ON segment BEGIN
      DELETE FROM damage WHERE channel = OLD.channel AND startMilliseconds = OLD.startMilliseconds;
    END;
    CREATE TABLE checkRun (
      started INTEGER PRIMARY KEY, ended INTEGER, repairs INTEGER NOT NULL, files INTEGER NOT NULL,
      hashed INTEGER NOT NULL, hashedBytes INTEGER NOT NULL, hashedUpTo TEXT
    ) STRICT;
    CREATE TABLE checkFault (
      run INTEGER NOT NULL REFERENCES checkRun(started) ON DELETE CASCADE, fault TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (run, fault)
    ) STRICT, WITHOUT ROWID;
    """

  /// Disks get a number as channels do. What an older database holds lies on number 1, which the first disk that
  /// is attached to its directory claims. The index by age serves one disk at a time, as deleting does.
  private static let disks = """
    CREATE TABLE recordingDisk (
      place INTEGER PRIMARY KEY, disk TEXT NOT NULL UNIQUE, directory TEXT NOT NULL, attached INTEGER NOT NULL
    ) STRICT;
    INSERT INTO recordingDisk VALUES (1, '0000000000000000', '', 0);
    ALTER TABLE segment ADD COLUMN place INTEGER NOT NULL DEFAULT 1;
    DROP INDEX segmentByAge;
    CREATE INDEX segmentByDiskAndAge ON segment (place, retentionClass, start) WHERE state IN (1, 2);
    CREATE TABLE diskUsage (
      place INTEGER NOT NULL REFERENCES recordingDisk(place) ON DELETE CASCADE, deleting INTEGER NOT NULL,
      segments INTEGER NOT NULL, bytes INTEGER NOT NULL,
      PRIMARY KEY (place, deleting)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO diskUsage SELECT 1, deleting, segments, bytes FROM recordingUsage;
    DROP TABLE recordingUsage;
    CREATE TRIGGER diskAdded AFTER INSERT ON recordingDisk BEGIN
      INSERT INTO diskUsage VALUES (NEW.place, 0, 0, 0), (NEW.place, 1, 0, 0);
    END;
    DROP TRIGGER segmentAdded;
    DROP TRIGGER segmentRemoved;
    DROP TRIGGER segmentChanged;
    CREATE TRIGGER segmentAdded AFTER INSERT ON segment BEGIN
      UPDATE diskUsage SET segments = segments + 1, bytes = bytes + NEW.bytes
        WHERE place = NEW.place AND deleting = (NEW.state = 3);
      UPDATE recordedChannel SET longest = NEW."end" - NEW.start
        WHERE number = NEW.channel AND longest < NEW."end" - NEW.start;
    END;
    CREATE TRIGGER segmentRemoved AFTER DELETE ON segment BEGIN
      UPDATE diskUsage SET segments = segments - 1, bytes = bytes - OLD.bytes
        WHERE place = OLD.place AND deleting = (OLD.state = 3);
    END;
    CREATE TRIGGER segmentChanged AFTER UPDATE ON segment BEGIN
      UPDATE diskUsage SET segments = segments - 1, bytes = bytes - OLD.bytes
        WHERE place = OLD.place AND deleting = (OLD.state = 3);
      UPDATE diskUsage SET segments = segments + 1, bytes = bytes + NEW.bytes
        WHERE place = NEW.place AND deleting = (NEW.state = 3);
      UPDATE recordedChannel SET longest = NEW."end" - NEW.start
        WHERE number = NEW.channel AND longest < NEW."end" - NEW.start;
    END;
    """

  private static let access = """
    CREATE TABLE user (
      name TEXT PRIMARY KEY, role TEXT NOT NULL, passwordHash TEXT, created INTEGER NOT NULL,
      passwordChanged INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE session (
      tokenHash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES user(name) ON DELETE CASCADE,
      firstRun INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, source TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessionByUser ON session (user);
    CREATE TABLE token (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, tokenHash TEXT NOT NULL UNIQUE,
      created INTEGER NOT NULL, createdBy TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE firstRun (
      tokenHash TEXT PRIMARY KEY, created INTEGER NOT NULL, expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE look (
      id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, role TEXT NOT NULL, channel TEXT NOT NULL,
      kind TEXT NOT NULL, purpose TEXT NOT NULL, source TEXT NOT NULL, session TEXT,
      started INTEGER NOT NULL, ended INTEGER, footageFrom INTEGER, footageTo INTEGER
    ) STRICT;
    CREATE INDEX lookByUser ON look (user, id);
    CREATE INDEX lookByChannel ON look (channel, id);
    CREATE INDEX lookByTime ON look (started);
    CREATE INDEX lookOpen ON look (id) WHERE ended IS NULL;
    CREATE TABLE setting (
      key TEXT PRIMARY KEY, value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE settingChange (
      id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, value TEXT, changed INTEGER NOT NULL,
      changedBy TEXT NOT NULL
    ) STRICT;
    CREATE INDEX settingChangeByKey ON settingChange (key, id);
    """
}
