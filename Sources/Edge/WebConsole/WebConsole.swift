import CWebAssets

/// The operator console: the files of `Web/`, compiled into the binary.
///
/// Nothing is read from disk at run time and no path from the wire is ever opened: an address either is in
/// this table or it does not exist. All members may be used from any thread.
public enum WebConsole {
  /// The file at an address such as `/js/main.js`; `/` is the console's page. `nil` when there is none.
  ///
  /// The address is compared as it is: percent-escapes, dot segments and query strings match nothing.
  public static func asset(path: String) -> WebAsset? {
    table[path == "/" ? "/index.html" : path]
  }

  /// Every address that `asset(path:)` knows, sorted.
  public static var paths: [String] { table.keys.sorted() }

  private static let table: [String: WebAsset] = {
    var table: [String: WebAsset] = [:]
    for index in 0..<tributary_web_asset_count() {
      guard let entry = tributary_web_asset_at(index)?.pointee else { continue }
      let asset = WebAsset(
        path: String(cString: entry.path), contentType: String(cString: entry.content_type),
        bytes: Array(UnsafeBufferPointer(start: entry.bytes, count: entry.length)))
      table[asset.path] = asset
    }
    return table
  }()
}
