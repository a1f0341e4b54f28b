// SPDX-License-Identifier: Apache-2.0

public import Raft

/// What a group replicates: every member applies the same commands in the same order and gets the same state.
///
/// A ``RaftNode`` owns its machine and calls it on its event loop, so nothing here may block or take long. `apply` must
/// depend on nothing but the machine and the entries: no clock, no chance, no order of a hashed collection.
public protocol StateMachine: Sendable {
  /// What applying one command gives to whoever proposed it.
  associatedtype Output: Sendable

  /// Takes in decided commands, and appends one output per entry, in order.
  ///
  /// Only commands arrive here; there are gaps between their indexes.
  ///
  /// - Throws: Anything when a command can't be understood, for instance because a newer version wrote it; it is never
  ///   skipped, the node stops with the error.
  mutating func apply(_ entries: [Entry], into outputs: inout [Output]) throws

  /// Something changed besides the state: who leads, who belongs to the group, a snapshot. By default nothing happens.
  ///
  /// Events about connections don't come here.
  mutating func didChange(_ event: RaftEvent)

  /// The state as it is now, cheap to take: it is written while the machine goes on.
  func snapshot() -> any SnapshotSource

  /// Replaces the state by the one that a snapshot's bytes hold.
  ///
  /// - Throws: Anything when the bytes can't be understood; the node stops with it.
  mutating func restore(from snapshot: [UInt8]) throws

  /// After how many applied entries the next snapshot is due, if the state itself says so.
  ///
  /// It takes the place of ``RaftNodeConfiguration/SnapshotPolicy/entries``; `nil`, the default, leaves that as it is.
  var entriesBetweenSnapshots: Int? { get }
}

extension StateMachine {
  /// As configured.
  public var entriesBetweenSnapshots: Int? { nil }

  /// Nothing happens.
  public mutating func didChange(_ event: RaftEvent) {}
}

/// A state to be written as a snapshot, off the event loop.
public protocol SnapshotSource: Sendable {
  /// Writes all bytes; ``StateMachine/restore(from:)`` of this or another member gets the same bytes back.
  func write(to sink: inout SnapshotSink) throws
}

/// A snapshot whose bytes are made in one piece when they are written.
public struct SnapshotBytes: SnapshotSource {
  private let make: @Sendable () throws -> [UInt8]

  /// Takes the closure that makes the bytes; it runs off the event loop.
  public init(_ make: @escaping @Sendable () throws -> [UInt8]) {
    self.make = make
  }

  /// Makes and writes the bytes.
  public func write(to sink: inout SnapshotSink) throws {
    try sink.write(self.make())
  }
}
