// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// A snapshot that is on the disk.
struct StoredSnapshot: Sendable {
  /// What it covers.
  var metadata: SnapshotMetadata
  /// The file's bytes, as they travel.
  var identity: SnapshotIdentity
}

/// The snapshot files of a node.
///
/// Every method blocks; they are called one at a time, off the event loop.
struct SnapshotStore: Sendable {
  /// The directory, which its owner holds under a lock.
  let path: String
  /// The cluster whose snapshots these are.
  let clusterID: String
  let cipher: (any StorageCipher)?
  let faults: StorageFaults

  /// The newest complete snapshot, if there is one.
  ///
  /// - Throws: ``RaftError`` when it is damaged or of another cluster.
  func loadNewest(among names: [String]) throws(RaftError) -> (snapshot: DecodedSnapshot, stored: StoredSnapshot)? {
    guard let name = names.last(where: StorageNames.isSnapshot) else { return nil }
    return try self.load(name)
  }

  /// Reads and verifies a whole file.
  func load(_ name: String) throws(RaftError) -> (snapshot: DecodedSnapshot, stored: StoredSnapshot) {
    let file = try SnapshotFileReader("\(self.path)/\(name)", self.cipher)
    let bytes = try file.read(file.length, at: 0)
    let snapshot = try DecodedSnapshot(decoding: bytes, file: file.path)
    guard snapshot.clusterID == self.clusterID else {
      throw RaftError(
        .invalidConfiguration,
        "\(file.path) is a snapshot of cluster \"\(snapshot.clusterID)\", not of \"\(self.clusterID)\""
      )
    }
    let identity = SnapshotIdentity(
      position: snapshot.metadata.position,
      length: bytes.count,
      checksum: CRC32C.checksum(bytes[...])
    )
    return (snapshot, StoredSnapshot(metadata: snapshot.metadata, identity: identity))
  }

  /// Writes a snapshot; it is there completely, and last, or not at all.
  ///
  /// - Parameter purpose: names the unfinished file, for whoever may write at the same time.
  func write(
    _ source: any SnapshotSource,
    _ metadata: SnapshotMetadata,
    purpose: String = "snapshot"
  ) throws -> StoredSnapshot {
    let name = StorageNames.temporary(purpose)
    do {
      var sink = try SnapshotSink(
        SnapshotFileWriter("\(self.path)/\(name)", self.cipher),
        header: SnapshotEncoder().header(metadata, clusterID: self.clusterID)
      )
      try source.write(to: &sink)
      try self.faults.check(.snapshotRoom)
      try self.faults.check(.snapshot)
      let (length, checksum) = try sink.finish()
      try self.publish(name, as: metadata)
      let identity = SnapshotIdentity(position: metadata.position, length: length, checksum: checksum)
      return StoredSnapshot(metadata: metadata, identity: identity)
    } catch {
      // What it takes up may be just what is missing.
      try? self.discard(name)
      throw error
    }
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
  func open(_ metadata: SnapshotMetadata) throws(RaftError) -> SnapshotFileReader {
    try SnapshotFileReader("\(self.path)/\(StorageNames.snapshot(metadata.position))", self.cipher)
  }

  /// Begins, or goes on with, the file of a snapshot that comes from another member.
  func receive(_ identity: SnapshotIdentity, isContinued: Bool) throws(RaftError) -> SnapshotFileWriter {
    let path = "\(self.path)/\(StorageNames.incoming(identity))"
    return isContinued ? try SnapshotFileWriter(continuing: path, self.cipher) : try SnapshotFileWriter(path, self.cipher)
  }

  /// The unfinished snapshot that an earlier life of the node was receiving, when it is still of use; others are deleted.
  func unfinished(among names: [String], behind index: LogIndex) throws(RaftError) -> (identity: SnapshotIdentity, received: Int)?
  {
    var newest: (identity: SnapshotIdentity, received: Int)?
    for name in names {
      guard let identity = StorageNames.identity(ofIncoming: name) else { continue }
      // A file that can't be continued is worth nothing; it says why when it is a snapshot that counts.
      let received = (try? SnapshotFileWriter(continuing: "\(self.path)/\(name)", self.cipher).length) ?? 0
      if received > 0, received < identity.length, identity.position.index > max(index, newest?.identity.position.index ?? .zero)
      {
        if let newest { try self.discard(StorageNames.incoming(newest.identity)) }
        newest = (identity, received)
      } else {
        try self.discard(name)
      }
    }
    return newest
  }
}
