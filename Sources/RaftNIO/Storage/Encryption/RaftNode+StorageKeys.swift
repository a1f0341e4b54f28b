// SPDX-License-Identifier: Apache-2.0

#if Security
  internal import NIOCore
  internal import NIOPosix
  internal import Raft

  /// Keys of a node's files.
  extension RaftNode {
    /// Encrypts what is written from now on with the provider's current key, and takes a snapshot with it.
    ///
    /// What was written before stays as it is until the log lets go of it; ask ``storageKeysInUse()`` which keys must be kept.
    ///
    /// - Throws: `RaftError` with code `stopped`, or as ``takeSnapshot()``. A node whose provider has no current key ends with
    ///   `keyMissing`.
    public func rotateStorageKey() async throws {
      let _: Void = try await self.request { running, promise in
        running.driver.writer.submit(.renewKey { promise.completeWith($0) })
      }
      do {
        _ = try await self.takeSnapshot()
      } catch let error as RaftError where error.code == .compacted {
        // Nothing was applied yet.
      }
    }

    /// The keys that log and newest snapshot need; the provider may forget all others.
    ///
    /// - Throws: `RaftError` with code `stopped`, or what reading the snapshot's file meets.
    public func storageKeysInUse() async throws -> Set<StorageKey.ID> {
      let keys: Set<UInt64> = try await self.request { running, promise in
        let (driver, eventLoop) = (running.driver, self.eventLoop)
        let store = driver.snapshotStore
        let newest = driver.snapshots.newest?.metadata
        let log = eventLoop.makePromise(of: Set<UInt64>.self)
        driver.writer.submit(.listKeys { log.completeWith($0) })
        let snapshot = driver.snapshotPool.runIfActive(eventLoop: eventLoop) { () throws -> Set<UInt64> in
          guard let newest else { return [] }
          return Set([try store.open(newest).sealing?.key].compactMap(\.self))
        }
        log.futureResult.and(snapshot).map { $0.union($1) }.cascade(to: promise)
      }
      return Set(keys.map(StorageKey.ID.init(rawValue:)))
    }
  }
#endif
