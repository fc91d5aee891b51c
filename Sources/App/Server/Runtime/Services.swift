import Access
import MediaTransport
import Recording
import SIPTransport
import SegmentStore
import StoreSQLite

/// Everything that runs, put together once by ``ServerRuntime``.
struct Services: Sendable {
  let store: SQLiteStore
  let gatekeeper: Gatekeeper
  let rights: RightsService
  let directory: DeviceDirectory
  let hub: EventHub
  let ladder: MessageLadder
  let signalling: Signalling
  let endpoint: SIPEndpoint
  let questions: DeviceQuestions
  let control: ControlService
  let views: ViewService
  let care: DeviceCare
  let snapshots: SnapshotService
  let upgrades: UpgradeService
  let reachable: ReachableAddress
  let plane: MediaPlane
  let calls: CallService
  let alarms: AlarmService
  let positions: PositionService
  let subscriptions: SubscriptionService
  let live: LiveService
  let voice: VoiceService
  let superiors: SuperiorService
  let relays: UpwardRelays
  let links: LinkDesk
  let lowerCatalogs: LowerCatalogs
  let levels: LevelMessages
  let levelRequests: LevelRequests
  let levelRoutes: RegisteredLevels
  let book: LevelBook
  let enrolment: LevelEnrolment
  let downward: DownwardLooks
  let upward: UpwardLooks
  let heads: LevelHeads
  let transcoding: Transcoding
  let recorder: Recorder
  let disks: DiskSet
  let recording: RecordingService
  let history: HistoryService
  let desk: MediaDesk
  let looks: LookBook
  let accessLog: AccessLogService
  let journal: ServerJournal
  let stills: StillService
  let digests: ExportDigests
  let retention: RetentionService
  let indexCheck: IndexCheckService
  let space: SpaceWatch
  let retentionPolicy: @Sendable () async -> RetentionPolicy
}
