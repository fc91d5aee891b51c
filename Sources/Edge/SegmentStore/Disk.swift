import Glibc
public import Recording

/// The figures of a file system; a protocol so that tests can fill a disk that is not full.
public protocol Disk: Sendable {
  /// - Returns: nil when the path cannot be examined.
  func figures(of path: String) -> DiskFigures?
}

/// The real thing, through `statvfs`.
public struct SystemDisk: Disk {
  public init() {}

  public func figures(of path: String) -> DiskFigures? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let unit = Int64(clamping: status.f_frsize)
    return DiskFigures(
      total: Int64(clamping: status.f_blocks).multipliedHeld(by: unit),
      free: Int64(clamping: status.f_bavail).multipliedHeld(by: unit))
  }
}

extension Int64 {
  fileprivate func multipliedHeld(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
