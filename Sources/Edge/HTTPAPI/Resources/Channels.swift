/// Channels and the trees over them.

extension API {
  /// A channel of a device, or a node of its catalog.
  public struct Channel: Codable, Sendable, Hashable {
    /// `device_channel`.
    public var id: String
    public var device: String
    public var channel: String
    public var name: String
    public var parent: String?
    public var kind: ChannelKind
    public var playable: Bool
    public var status: ChannelStatus
    public var since: Time?
    public var civilCode: String?
    public var recording: RecordingState
    /// `expendable`, `normal` or `important`; only where there is a plan.
    public var retentionClass: String?
    public var manufacturer: String?
    public var model: String?
    /// Degrees east, WGS-84.
    public var longitude: Double?
    /// Degrees north, WGS-84.
    public var latitude: Double?
    /// Where a mobile camera is now; `longitude` and `latitude` are what its catalog says.
    public var position: Position?
    /// Where the camera looks, as it last reported.
    public var view: View?

    public init(
      id: String, device: String, channel: String, name: String, parent: String? = nil,
      kind: ChannelKind, playable: Bool, status: ChannelStatus, since: Time? = nil,
      civilCode: String? = nil, recording: RecordingState, retentionClass: String? = nil,
      manufacturer: String? = nil,
      model: String? = nil, longitude: Double? = nil, latitude: Double? = nil, position: Position? = nil,
      view: View? = nil
    ) {
      self.id = id
      self.device = device
      self.channel = channel
      self.name = name
      self.parent = parent
      self.kind = kind
      self.playable = playable
      self.status = status
      self.since = since
      self.civilCode = civilCode
      self.recording = recording
      self.retentionClass = retentionClass
      self.manufacturer = manufacturer
      self.model = model
      self.longitude = longitude
      self.latitude = latitude
      self.position = position
      self.view = view
    }
  }

  /// What is given is changed.
  public struct ChannelChange: Codable, Sendable, Hashable {
    public var recordingPlan: RecordingPlanName?
    /// What is recorded from now on belongs to this class.
    public var retentionClass: String?
    public var name: String?

    public init(
      recordingPlan: RecordingPlanName? = nil, retentionClass: String? = nil, name: String? = nil
    ) {
      self.recordingPlan = recordingPlan
      self.retentionClass = retentionClass
      self.name = name
    }
  }

  /// One view of the network, flat: a parent always stands before its children.
  public struct Tree: Codable, Sendable, Hashable {
    public var nodes: [TreeNode]

    public init(nodes: [TreeNode]) {
      self.nodes = nodes
    }
  }

  /// One node.
  public struct TreeNode: Codable, Sendable, Hashable {
    public var id: String
    public var parent: String?
    public var name: String
    public var kind: ChannelKind
    /// The channel's id when the node is one.
    public var channel: String?
    public var status: String?

    public init(
      id: String, parent: String? = nil, name: String, kind: ChannelKind, channel: String? = nil,
      status: String? = nil
    ) {
      self.id = id
      self.parent = parent
      self.name = name
      self.kind = kind
      self.channel = channel
      self.status = status
    }
  }
}
