// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What a node finds in its directory, or puts there the first time.
struct NodeStorage: ~Copyable, Sendable {
  /// Ready to be written to.
  var log: LogStore
  /// What the core starts from.
  let restored: RestoredState
  /// The newest snapshot, and the state machine's bytes in it.
  let snapshot: (stored: StoredSnapshot, payload: [UInt8])?
  /// A snapshot that was being received when the node ended.
  let unfinished: (identity: SnapshotIdentity, received: Int)?
  /// A sentence for the log when something was repaired.
  let repair: String?

  /// Locks, reads, verifies and opens.
  ///
  /// Blocks.
  ///
  /// - Throws: ``RaftError``: `storageFailed` (also: in use), `corrupt`, `unsupportedFormat`, `keyMissing`, `keyRefused`, or `invalidConfiguration`
  ///   for a directory of another cluster or member, and for one that is empty when there should be a log. Nothing is
  ///   changed then.
  init(opening configuration: RaftNodeConfiguration) throws(RaftError) {
    let path = configuration.directory
    if configuration.start == .resume, !StorageDirectory.exists(path) { throw Self.nothingToResume(path) }
    let directory = try StorageDirectory(path)
    let names = try directory.names()
    let identity = LogIdentity(clusterID: configuration.clusterID, member: configuration.member)
    let cipher = configuration.cipher
    let store = configuration.snapshotStore
    let newest = try store.loadNewest(among: names)
    let snapshot = newest?.stored.metadata
    let tailBytes = configuration.raft.memory.tailBytes

    var recovery = LogRecovery(identity: identity, snapshot: snapshot, tailBytes: tailBytes, opening: cipher)
    var isEmpty = true
    for name in names where StorageNames.sequence(ofSegment: name) != nil {
      let file = try OpenFile(directory.path(of: name), .read)
      try recovery.add(file: file.path, bytes: file.read(file.size(), at: 0))
      isEmpty = false
    }

    let appender: LogAppender
    let restored: RestoredState
    var repair: String?
    if isEmpty {
      guard snapshot == nil else {
        throw RaftError(.corrupt, "\(path) holds a snapshot but no log")
      }
      let beginning = try Self.beginning(configuration)
      let sealing = try cipher?.makeSealing()
      var log = LogAppender(creating: identity, segmentSize: configuration.segmentSize, sealing: sealing)
      log.append(LogRecord(entries: beginning.entries, hardState: beginning.hardState))
      appender = log
      restored = try RestoredState(
        hardState: beginning.hardState,
        entries: beginning.entries,
        tailBytes: tailBytes
      )
    } else {
      let recovered = try recovery.finish()
      appender = LogAppender(
        continuing: recovered,
        identity: identity,
        segmentSize: configuration.segmentSize,
        sealing: try cipher?.makeSealing()
      )
      restored = recovered.restored
      repair = recovered.tornTail.map { "an interrupted write was cut off \($0.file) at byte \($0.offset)" }
    }
    for name in names where StorageNames.isDisposable(name) { try directory.remove(name) }
    let unfinished = try store.unfinished(among: names, behind: restored.snapshot?.index ?? .zero)
    let log = try LogStore(
      directory: directory,
      appender: appender,
      cipher: cipher,
      faults: configuration.faults,
      durability: configuration.durability
    )
    self.log = consume log
    self.restored = restored
    self.unfinished = unfinished
    self.snapshot = newest.map { ($0.stored, $0.snapshot.payload) }
    self.repair = repair
  }

  private static func nothingToResume(_ path: String) -> RaftError {
    RaftError(.invalidConfiguration, "\(path) holds no log to resume")
  }

  /// The state and entries that a log begins with.
  private static func beginning(
    _ configuration: RaftNodeConfiguration
  ) throws(RaftError) -> (hardState: HardState, entries: [Entry]) {
    switch configuration.start {
    case .bootstrap(let contexts, let witnesses):
      let bootstrap = try Bootstrap(contexts: contexts, witnesses: witnesses)
      guard 1...UInt64(contexts.count) ~= configuration.member.rawValue else {
        throw RaftError(.invalidConfiguration, "member \(configuration.member) isn't among those that begin the group")
      }
      return (bootstrap.hardState, bootstrap.entries)
    case .join:
      return (HardState(), [])
    case .resume:
      throw Self.nothingToResume(configuration.directory)
    }
  }
}
