// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Foundation
internal import Logging
internal import NIOPosix
internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// A Raft group of one member, with its log on this machine's disk and a store for its state machine.
final class RaftOfOne: Sendable {
  /// The applied store, as everybody sees it.
  private final class Board: Sendable {
    let store: Mutex<Store>

    init(_ store: Store) { self.store = Mutex(store) }
  }

  private struct Machine: StateMachine {
    let board: Board

    mutating func apply(_ entries: [Entry], into outputs: inout [Applied]) throws {
      for entry in entries {
        let decoded = try LogEntry(decoding: entry.payload)
        // The store begins with more than the log has.
        outputs.append(self.board.store.withLock { $0.apply(decoded, index: $0.version + 1) })
      }
    }

    func snapshot() -> any SnapshotSource {
      let store = self.board.store.withLock(\.self)
      return SnapshotBytes { store.encodeSnapshot() }
    }

    mutating func restore(from snapshot: [UInt8]) throws {
      let store = try Store(snapshot: snapshot)
      self.board.store.withLock { $0 = store }
    }
  }

  private let node: RaftNode<Machine>
  private let board: Board
  private let directory: String

  /// The store as of the entry applied last.
  var store: Store { self.board.store.withLock(\.self) }

  /// Founds the group, with a store that is there already.
  init(_ store: Store) {
    let directory = "\(NSTemporaryDirectory())scheduler-benchmark-\(UUID())"
    self.directory = directory
    self.board = Board(store)
    self.node = RaftNode(
      configuration: RaftNodeConfiguration(directory: directory, clusterID: "benchmark", start: .bootstrap()),
      machine: Machine(board: self.board),
      eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
      logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    )
    Task { [node] in
      do {
        try await node.run()
      } catch {
        fatalError("the log can't be written: \(error)")
      }
    }
    // Elected a moment later.
    let nothing = LogEntry(leaderTerm: 1, time: .zero, changes: []).encode()
    while (try? self.commit(nothing)) == nil { usleep(1_000) }
  }

  /// Puts an entry into the log and waits until it is applied.
  func apply(_ entry: LogEntry) -> Applied {
    do {
      return try self.commit(entry.encode())
    } catch {
      fatalError("an entry wasn't committed: \(error)")
    }
  }

  private func commit(_ payload: [UInt8]) throws(RaftError) -> Applied {
    let done = DispatchSemaphore(value: 0)
    let answer = Mutex<Result<Applied, RaftError>?>(nil)
    self.node.propose(payload) { result in
      answer.withLock { $0 = result.map(\.output) }
      done.signal()
    }
    done.wait()
    guard let result = answer.withLock(\.self) else { throw RaftError(.stopped, "there is no answer") }
    return try result.get()
  }

  /// Ends the group and removes its log.
  func end() {
    let done = DispatchSemaphore(value: 0)
    Task { [node] in
      await node.shutdown()
      done.signal()
    }
    done.wait()
    try? FileManager.default.removeItem(atPath: self.directory)
  }
}
