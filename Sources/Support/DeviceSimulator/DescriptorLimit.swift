import Glibc

/// A fleet needs a descriptor per device and per stream.
enum DescriptorLimit {
  /// Allows as many descriptors as the system lets this process have.
  static func raise() {
    var limits = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return }
    limits.rlim_cur = limits.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
  }
}
