// SPDX-License-Identifier: Apache-2.0

public import Logging
public import NIOCore
internal import NIOPosix
public import Raft

/// What a member's directory holds, for whoever has to choose among survivors.
public struct StorageSummary: Sendable, Hashable {
  /// Where the log ends.
  public var last: LogPosition
  /// What is known to be decided.
  public var commit: LogIndex
  /// The configuration that holds at the end of the log.
  public var membership: Membership
}

/// What ``RaftNode/recover(_:keeping:patience:eventLoop:logger:)`` did.
public struct QuorumRecoveryReport: Sendable, Hashable {
  /// The group from now on.
  public var membership: Membership
  /// Who was given up, for good.
  public var lost: [Member]
  /// The entry that says so.
  public var index: LogIndex
}

extension RaftNode {
  /// Reads what the directory of a member that doesn't run holds.
  ///
  /// An interrupted write at the end is cut off, as at any start.
  ///
  /// - Throws: as ``run()`` for a directory that can't be used.
  public static func inspect(_ configuration: RaftNodeConfiguration) async throws -> StorageSummary {
    try await Self.offline(configuration) { storage in Self.summary(storage.restored) }
  }

  /// Goes on without a majority that is lost for good, by writing a configuration of the survivors into this member's log.
  ///
  /// **This gives up what Raft promises.** Entries that only the lost members had are gone, although they were acknowledged; entries
  /// of this member that were never decided will be. It is for an operator, once, when the others are known to be destroyed:
  ///
  /// 1. Stop all survivors. Compare their ``inspect(_:)``, and take the one whose log ends last (higher term, then higher index).
  /// 2. Call this with its configuration, naming the other survivors that are kept, then start it. One that is kept alone leads at once.
  /// 3. Start the other survivors that are kept, with their directories as they are. Everybody else joins as a new member.
  ///
  /// The lost members must never come back: wipe their disks.
  ///
  /// All members are dialled before anything is written. Nothing is, when a majority can be reached, this member counted, or when
  /// one that would be given up answers. That no one answers doesn't prove that all are gone: one that is cut off from here may be
  /// alive, and others may still elect it.
  ///
  /// - Parameters:
  ///   - configuration: the survivor's; it must not run.
  ///   - others: further survivors to keep.
  ///   - patience: how long the others are waited for.
  ///   - eventLoop: where to dial from; `nil` for one of NIO's own.
  ///   - logger: gets what dialling meets, at debug level.
  /// - Throws: `RaftError` with code `quorumReachable` when there is no need for it, `invalidMembershipChange` when a kept member
  ///   doesn't belong to the group or nobody could lead it, or as ``run()`` for a directory that can't be used.
  public static func recover(
    _ configuration: RaftNodeConfiguration,
    keeping others: [RaftID] = [],
    patience: Duration = .seconds(5),
    eventLoop: (any EventLoop)? = nil,
    logger: Logger = Logger(label: "raft-recovery")
  ) async throws -> QuorumRecoveryReport {
    let summary = try await Self.inspect(configuration)
    // Who makes no sense is refused before anybody is waited for.
    _ = try await Self.offline(configuration) { storage in try Self.plan(storage.restored, configuration, others) }

    let eventLoop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
    let reachable = try await eventLoop.flatSubmit {
      QuorumProbe(configuration, summary.membership, patience: patience, eventLoop: eventLoop, logger: logger).result
    }.get().union([configuration.member])
    guard !summary.membership.hasQuorum(reachable.contains) else {
      let names = reachable.sorted().map(\.description).joined(separator: ", ")
      throw RaftError(.quorumReachable, "members \(names) can be reached, which are a majority")
    }
    let kept = Set([configuration.member] + others)
    if let alive = reachable.subtracting(kept).min() {
      throw RaftError(.quorumReachable, "member \(alive) would be given up, but it answers: keep it, or stop it for good")
    }

    return try await Self.offline(configuration) { storage in
      guard Self.summary(storage.restored) == summary else {
        throw RaftError(.storageFailed, "\(configuration.directory) was changed meanwhile")
      }
      let recovery = try Self.plan(storage.restored, configuration, others)
      storage.log.append(LogRecord(entries: recovery.entries, hardState: recovery.hardState))
      try storage.log.close()
      return QuorumRecoveryReport(
        membership: recovery.membership,
        lost: recovery.lost,
        index: recovery.entries.last?.index ?? summary.last.index
      )
    }
  }

  private static func plan(
    _ restored: RestoredState,
    _ configuration: RaftNodeConfiguration,
    _ others: [RaftID]
  ) throws(RaftError) -> QuorumRecovery {
    try QuorumRecovery(from: restored, survivor: configuration.member, keeping: others)
  }

  private static func summary(_ restored: RestoredState) -> StorageSummary {
    StorageSummary(last: restored.last, commit: restored.hardState.commit, membership: restored.membership)
  }

  /// Does something with the files of a member that doesn't run, on a thread of its own.
  private static func offline<Value: Sendable>(
    _ configuration: RaftNodeConfiguration,
    _ body: @escaping @Sendable (inout NodeStorage) throws -> Value
  ) async throws -> Value {
    try configuration.validate()
    var configuration = configuration
    configuration.start = .resume
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    let result: Result<Value, any Error>
    do {
      result = .success(
        try await pool.runIfActive { [configuration] in
          var storage = try NodeStorage(opening: configuration)
          return try body(&storage)
        }
      )
    } catch {
      result = .failure(error)
    }
    try await pool.shutdownGracefully()
    return try result.get()
  }
}
