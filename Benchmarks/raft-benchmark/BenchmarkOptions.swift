// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Raft

/// What is between the members.
enum Mode: String, ExpressibleByArgument, CaseIterable {
  /// One thread steps all members, with a window of proposals.
  case core
  /// Members in one process, on one event loop, without sockets.
  case mem
  /// Loopback TCP.
  case tcp
  /// Loopback TCP with mutual TLS.
  case tls
  /// Each member is a process of its own, with mutual TLS between members and towards clients.
  case process
}

/// What a member writes to.
enum Storage: String, ExpressibleByArgument, CaseIterable {
  /// Writes are done at once.
  case memory
  /// The log is written and synced.
  case wal
  /// The log is written; the kernel syncs when it likes.
  case walNoSync = "wal-nosync"
}

/// What clients ask for.
enum Operation: String, ExpressibleByArgument, CaseIterable {
  case propose, readindex, lease
}

/// How clients in the same process ask.
enum Interface: String, ExpressibleByArgument, CaseIterable {
  /// With a closure, on the member's event loop.
  case callback
  /// As a task, on the global pool.
  case async
}

/// What is the same for all rows of a run.
struct GroupSettings {
  var mode: Mode
  var storage: Storage
  var operation: Operation
  var interface = Interface.callback
  var members: Int
  /// Event loops that members share.
  var loops: Int
  var electionTimeout: Duration
  /// Where directories are made.
  var directory: String

  var raft: RaftConfiguration {
    var raft = RaftConfiguration(
      electionTimeout: self.electionTimeout,
      heartbeatInterval: min(.milliseconds(100), self.electionTimeout / 4)
    )
    if self.operation == .lease { raft.leaseReads = RaftConfiguration.LeaseReads() }
    // Without a log on disk, memory is where a slow member is served from.
    if self.storage == .memory { raft.memory.tailBytes = 1 << 30 }
    return raft
  }
}
