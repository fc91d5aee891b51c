/// How RTP travels from the device to us, named from our side (§7.5).
public enum MediaTransportChoice: String, Sendable, Hashable, CaseIterable {
  case udp
  /// The device connects to us: the standard's default over TCP, and what works behind its NAT.
  case tcpPassive = "tcp-passive"
  /// We connect to the device.
  case tcpActive = "tcp-active"
}

/// Which attribute line asks a device for its main or sub-stream (§7.2).
public enum StreamSelector: String, Sendable, Hashable, CaseIterable {
  /// `a=streamnumber:n`, GB/T 28181-2022 and Hikvision.
  case streamNumber = "streamnumber"
  /// `a=streamprofile:n`, Dahua and many others.
  case streamProfile = "streamprofile"
  /// `a=stream:n`
  case stream
  /// `a=streamMode:main|sub`
  case streamMode = "streamMode"
}
