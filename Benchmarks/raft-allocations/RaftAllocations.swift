// SPDX-License-Identifier: Apache-2.0

internal import AllocationCounter
internal import Raft

/// Counts how often the core of a group of three asks for memory per committed entry.
///
/// Every run gives the same numbers.
@main
struct RaftAllocations {
  /// Proposals of so many bytes.
  private static let payload = [UInt8](repeating: 7, count: 128)[...]
  private static let entries = 200_000

  private var cores: [RaftCore] = []
  private var inboxes: [[Message]] = [[], [], []]
  private var committed = 0

  static func main() throws {
    print("window  allocations per committed entry, all three members together")
    for window in [1, 16, 64, 256, 1024] {
      var group = try RaftAllocations()
      group.elect()
      try group.commit(self.entries / 10, window: window)
      let before = allocation_count()
      try group.commit(self.entries, window: window)
      let perEntry = Double(allocation_count() - before) / Double(self.entries)
      print("\(window)  \(perEntry)")
    }
  }

  private init() throws(RaftError) {
    let bootstrap = try Bootstrap(contexts: [[], [], []])
    for id in 1...3 as ClosedRange<UInt64> {
      let restored = try RestoredState(hardState: bootstrap.hardState, entries: bootstrap.entries)
      self.cores.append(try RaftCore(id: RaftID(id), restored: restored, seed: id, now: .zero))
    }
  }

  /// Only the first member's time passes, until it leads.
  private mutating func elect() {
    for second in 1...20 where self.cores[0].role != .leader {
      self.cores[0].tick(now: .seconds(second))
      for _ in 0..<10 { self.turn() }
    }
  }

  private mutating func commit(_ count: Int, window: Int) throws(RaftError) {
    let proposals = [ArraySlice<UInt8>](repeating: Self.payload, count: window)
    let end = self.committed + count
    while self.committed < end {
      let goal = self.committed + window
      _ = try self.cores[0].propose(proposals, now: .seconds(20))
      while self.committed < goal { self.turn() }
    }
  }

  /// Every member does what there is to do, then gets its messages.
  private mutating func turn() {
    for position in self.cores.indices {
      while self.step(position) {}
    }
    for position in self.cores.indices {
      for message in self.inboxes[position] { self.cores[position].receive(message, now: .seconds(20)) }
      self.inboxes[position].removeAll(keepingCapacity: true)
    }
  }

  private mutating func step(_ position: Int) -> Bool {
    let ready = self.cores[position].takeReady()
    for message in ready.messages { self.inboxes[Int(message.to.rawValue) - 1].append(message) }
    if let write = ready.write { self.cores[position].storageCompleted(write.id, now: .seconds(20)) }
    if let last = ready.committed.last {
      self.cores[position].applied(upTo: last.index)
      if position == 0 { self.committed += ready.committed.count { $0.kind == .command } }
    }
    return ready.write != nil || !ready.committed.isEmpty
  }
}
