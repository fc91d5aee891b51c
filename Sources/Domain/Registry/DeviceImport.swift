public import GBCore

/// Devices from a table that somebody keeps in a spreadsheet, checked row by row before anything is changed.
///
/// The first row names the columns, in English or Chinese, in any order: `id` and
/// `password` are needed; `name`, `user`, `charset`, `interval`, `count` and
/// `transport` may be there. Without such a row the columns are id, name, password.
public struct DeviceImport: Sendable, Hashable {
  /// A row that can be taken over.
  public struct Entry: Sendable, Hashable {
    /// In the file, from 1.
    public let line: Int
    public let id: DeviceID
    public let name: String
    public let password: String
    public let settings: DeviceSettings
    /// Whether the device is known already: its name, password and settings are replaced.
    public let isUpdate: Bool
  }

  /// A row that cannot.
  public struct Rejection: Error, Sendable, Hashable {
    /// In the file, from 1.
    public let line: Int
    /// One plain sentence that says what to do.
    public let reason: String
  }

  public private(set) var accepted: [Entry] = []
  public private(set) var rejected: [Rejection] = []

  /// Rows read; the rest of a longer file is rejected in one sentence.
  public static let mostRows = 100_000
  /// Bytes read.
  public static let mostBytes = 32 * 1024 * 1024
  /// The longest name and password, in characters.
  public static let longestText = 128

  /// Checks a table. Nothing is changed: that is for the caller, with ``accepted``.
  /// - Parameter known: codes that are provisioned already.
  public init(csv text: String, known: Set<DeviceID> = []) {
    guard text.utf8.count <= Self.mostBytes else {
      rejected = [Rejection(line: 1, reason: "The file is larger than 32 MiB; split it.")]
      return
    }
    var rows = CSVReader.rows(text)
    var columns = Columns.byPosition
    if let first = rows.first, let named = Columns(header: first.fields) {
      columns = named
      rows.removeFirst()
    }
    guard columns.has(.id), columns.has(.password) else {
      rejected = [
        Rejection(line: 1, reason: "The first row must name the columns \"id\" and \"password\".")
      ]
      return
    }
    var lines: [DeviceID: Int] = [:]
    for (number, row) in rows.enumerated() {
      guard number < Self.mostRows else {
        rejected.append(Rejection(line: row.line, reason: "Only 100000 rows are read; split the file."))
        return
      }
      do throws(Rejection) {
        let entry = try Self.entry(row, columns, known)
        if let earlier = lines.updateValue(row.line, forKey: entry.id) {
          throw Rejection(line: row.line, reason: "The device is already in line \(earlier).")
        }
        accepted.append(entry)
      } catch { rejected.append(error) }
    }
  }

  private static func entry(
    _ row: CSVReader.Row, _ columns: Columns, _ known: Set<DeviceID>
  ) throws(Rejection) -> Entry {
    func value(_ column: Column) -> String? { columns.value(column, in: row.fields) }
    func reject(_ reason: String) -> Rejection { Rejection(line: row.line, reason: reason) }

    guard let code = value(.id) else { throw reject("The device code is missing.") }
    if code.contains(where: { $0 == "+" || $0 == "." }), Double(code) != nil {
      throw reject("A spreadsheet turned the code into the number \(code); format the column as text.")
    }
    guard let id = DeviceID(code) else {
      throw reject("The code must be 1 to 32 letters or digits, usually 20 digits.")
    }
    guard let password = value(.password) else { throw reject("The password is missing.") }
    guard password.count <= longestText else { throw reject("The password is longer than 128 characters.") }
    let name = value(.name) ?? id.text
    guard name.count <= longestText else { throw reject("The name is longer than 128 characters.") }
    var settings = DeviceSettings(userAlias: value(.user))
    if let text = value(.charset) {
      guard let encoding = TextEncodingName(text) else {
        throw reject("The charset must be GB2312, GB18030 or UTF-8, not \(text).")
      }
      settings.encoding = encoding
    }
    settings.heartbeatInterval = try number(value(.interval), 1...3_600, "interval", row)
    settings.heartbeatCount = try number(value(.count), 1...100, "count", row)
    if let text = value(.transport), text.lowercased() != "auto" {
      guard let transport = MediaTransportChoice(rawValue: text.lowercased()) else {
        throw reject("The transport must be auto, udp, tcp-passive or tcp-active, not \(text).")
      }
      settings.fixedMediaTransport = transport
    }
    return Entry(
      line: row.line, id: id, name: name, password: password, settings: settings, isUpdate: known.contains(id)
    )
  }

  private static func number(
    _ text: String?, _ range: ClosedRange<Int>, _ column: String, _ row: CSVReader.Row
  ) throws(Rejection) -> Int? {
    guard let text else { return nil }
    guard let value = Int(text), range.contains(value) else {
      let reason =
        "The \(column) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(text)."
      throw Rejection(line: row.line, reason: reason)
    }
    return value
  }
}

/// The columns a table may have.
private enum Column: CaseIterable {
  case id, name, password, user, charset, interval, count, transport

  /// What people write above them.
  var headings: [String] {
    switch self {
    case .id: ["id", "device", "deviceid", "device id", "code", "设备编号", "设备编码", "国标编号", "国标编码", "编号"]
    case .name: ["name", "device name", "名称", "设备名称"]
    case .password: ["password", "密码", "注册密码"]
    case .user: ["user", "alias", "username", "sip user", "用户名", "认证用户名"]
    case .charset: ["charset", "encoding", "字符集"]
    case .interval: ["interval", "heartbeat interval", "心跳周期", "心跳间隔"]
    case .count: ["count", "heartbeat count", "心跳次数", "心跳超时次数"]
    case .transport: ["transport", "media transport", "传输方式", "流传输模式"]
    }
  }
}

/// Which column stands where.
private struct Columns {
  private var positions: [Column: Int]

  static let byPosition = Columns(positions: [.id: 0, .name: 1, .password: 2])

  private init(positions: [Column: Int]) { self.positions = positions }

  /// Nil when the row is no header: none of its cells is a heading.
  init?(header: [String]) {
    var found: [Column: Int] = [:]
    for (index, cell) in header.enumerated() {
      let text = cell.lowercased()
      guard let column = Column.allCases.first(where: { $0.headings.contains(text) }) else { continue }
      if found[column] == nil { found[column] = index }
    }
    guard !found.isEmpty else { return nil }
    positions = found
  }

  func has(_ column: Column) -> Bool { positions[column] != nil }

  /// The cell, nil when it is empty or missing.
  func value(_ column: Column, in fields: [String]) -> String? {
    guard let index = positions[column], index < fields.count, !fields[index].isEmpty else { return nil }
    return fields[index]
  }
}
