// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import NIOCore

extension GossipDriver {
  /// Joins these seeds and those of earlier calls.
  func join(_ found: [GossipAddress], waiter: EventLoopPromise<GossipAddress>?) {
    let own = self.core.own.address
    var seeds: [GossipAddress] = []
    for seed in found + self.seeds where seed != own && !seeds.contains(seed) && seeds.count < 2 * PeerFile.limit {
      seeds.append(seed)
    }
    guard !seeds.isEmpty else {
      waiter?.fail(GossipError(.unreachable, "a member doesn't join itself"))
      return
    }
    if let waiter { self.joins.add(waiter, seeds: seeds) }
    let isNews = seeds.count != self.seeds.count || !seeds.allSatisfy { self.seeds.contains($0) }
    guard isNews || waiter != nil else { return }
    self.seeds = seeds
    self.with { core, now in core.join(seeds, now: now) }
  }

  // MARK: - The table

  func publish(key: [UInt8], value: [UInt8]) throws(GossipError) {
    try self.core.publish(key: key, value: value, now: self.now)
    if let record = self.core.record(of: self.core.own.id, key: key) { self.noteOwn(.recordPublished(record)) }
    self.turn()
  }

  func withdraw(key: [UInt8]) -> Bool {
    let record = self.core.record(of: self.core.own.id, key: key)
    let wasThere = self.core.withdraw(key: key, now: self.now)
    if let record, wasThere { self.noteOwn(.recordWithdrawn(record)) }
    self.turn()
    return wasThere
  }

  /// The core tells of what others write; those who watch want to see what this member writes, too.
  private func noteOwn(_ event: GossipEvent) {
    for id in self.watches.keys { self.watches[id]?.note(event) { self.core.records(of: $0) } }
  }

  func watch(_ prefix: [UInt8], _ continuation: AsyncStream<[TableRecord]>.Continuation) -> Int {
    self.nextWatch += 1
    var watch = RecordWatch(prefix: prefix, records: self.core.records(withPrefix: prefix), continuation)
    watch.yieldChanges()
    self.watches[self.nextWatch] = watch
    return self.nextWatch
  }

  func unwatch(_ name: Int) { self.watches[name] = nil }
}
