extension Schema {
  /// Alarms outlive the device that raised them. Numbers are never given twice, so that a link to an alarm that
  /// was deleted for its age does not lead to another. Of a position only the latest is kept.
  static let alarms = """
    CREATE TABLE alarm (
      id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, source TEXT NOT NULL, camera TEXT,
      method INTEGER NOT NULL, type INTEGER, typeName TEXT, event INTEGER, priority INTEGER NOT NULL,
      deviceTime INTEGER, text TEXT, longitude REAL, latitude REAL, received INTEGER NOT NULL,
      last INTEGER NOT NULL, count INTEGER NOT NULL, paths TEXT NOT NULL, acknowledged INTEGER,
      acknowledgedBy TEXT, note TEXT
    ) STRICT;
    CREATE INDEX alarmByDevice ON alarm (device, id);
    CREATE INDEX alarmByCamera ON alarm (camera, id);
    CREATE INDEX alarmByTime ON alarm (received);
    CREATE INDEX alarmByAge ON alarm (last);
    CREATE INDEX alarmWaiting ON alarm (id) WHERE acknowledged IS NULL;
    CREATE TABLE position (
      device TEXT NOT NULL, channel TEXT NOT NULL, longitude REAL NOT NULL, latitude REAL NOT NULL,
      deviceTime INTEGER, speed REAL, direction REAL, altitude REAL, height REAL, received INTEGER NOT NULL,
      PRIMARY KEY (device, channel)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER positionRemoved AFTER DELETE ON channel BEGIN
      DELETE FROM position WHERE device = OLD.device AND channel = OLD.channel;
    END;
    ALTER TABLE device ADD COLUMN subscriptions TEXT;
    ALTER TABLE device ADD COLUMN resetsAlarms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE device ADD COLUMN armsGuard INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE device ADD COLUMN positionInterval INTEGER;
    """
}
