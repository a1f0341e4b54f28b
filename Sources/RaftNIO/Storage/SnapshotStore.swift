// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// The snapshot files of a node.
///
/// Every method blocks; they are called one at a time, off the event loop.
struct SnapshotStore: Sendable {
  /// The directory, which its owner holds under a lock.
  let path: String
  /// The cluster whose snapshots these are.
  let clusterID: String
  let faults: StorageFaults

  /// The newest complete snapshot, if there is one.
  ///
  /// - Throws: ``RaftError`` when it is damaged or of another cluster.
  func loadNewest(among names: [String]) throws(RaftError) -> DecodedSnapshot? {
    guard let name = names.last(where: StorageNames.isSnapshot) else { return nil }
    return try self.load(name)
  }

  /// Reads and verifies a whole file.
  func load(_ name: String) throws(RaftError) -> DecodedSnapshot {
    let file = try OpenFile("\(self.path)/\(name)", .read)
    let snapshot = try DecodedSnapshot(decoding: file.read(file.size(), at: 0), file: file.path)
    guard snapshot.clusterID == self.clusterID else {
      throw RaftError(
        .invalidConfiguration,
        "\(file.path) is a snapshot of cluster \"\(snapshot.clusterID)\", not of \"\(self.clusterID)\""
      )
    }
    return snapshot
  }

  /// Writes a snapshot; it is there completely, and last, or not at all.
  func write(_ source: any SnapshotSource, _ metadata: SnapshotMetadata) throws {
    let name = StorageNames.temporary("snapshot")
    var sink = try SnapshotSink(
      OpenFile("\(self.path)/\(name)", .create),
      header: SnapshotEncoder().header(metadata, clusterID: self.clusterID)
    )
    try source.write(to: &sink)
    try self.faults.check(.snapshot)
    try sink.finish()
    try self.publish(name, as: metadata)
  }

  /// Gives a complete and synced file its name, and deletes the snapshots before it.
  func publish(_ name: String, as metadata: SnapshotMetadata) throws(RaftError) {
    let directory = try StorageDirectory(unlocked: self.path)
    let published = StorageNames.snapshot(metadata.position)
    try directory.rename(name, to: published)
    try directory.sync()
    let names = try directory.names()
    for old in names where StorageNames.isSnapshot(old) && old < published { try directory.remove(old) }
  }

  /// Deletes a file that is of no use.
  func discard(_ name: String) throws(RaftError) {
    try StorageDirectory(unlocked: self.path).remove(name)
  }

  /// Opens a snapshot to send it; it stays readable when a newer one replaces it.
  func open(_ metadata: SnapshotMetadata) throws(RaftError) -> OpenFile {
    try OpenFile("\(self.path)/\(StorageNames.snapshot(metadata.position))", .read)
  }
}
