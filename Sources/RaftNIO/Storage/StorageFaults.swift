// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Raft

/// Failures that tests ask for, at the places where a disk fails.
package struct StorageFaults: Sendable {
  /// A place where a disk fails.
  package enum Operation: Sendable {
    /// Making a batch durable.
    case sync
    /// Making a snapshot durable.
    case snapshot
    /// Finding room for more bytes of the log.
    case room
    /// Finding room for a snapshot.
    case snapshotRoom
  }

  /// Answers with whether the operation fails now.
  private var fails: @Sendable (Operation) -> Bool

  package init(_ fails: @escaping @Sendable (Operation) -> Bool = { _ in false }) {
    self.fails = fails
  }

  func check(_ operation: Operation) throws(RaftError) {
    guard self.fails(operation) else { return }
    if operation == .room || operation == .snapshotRoom { throw .storage("the disk", SystemError(call: "write", number: ENOSPC)) }
    throw RaftError(.storageFailed, "a failure was asked for")
  }
}
