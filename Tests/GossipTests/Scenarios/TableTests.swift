// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gossip

@Suite("Gossiped table")
struct TableTests {
  private func joined(_ count: Int) throws -> Group {
    var group = try Group(count)
    group.join()
    group.run(for: .seconds(2))
    return group
  }

  @Test("a record is published, changed and withdrawn at all nodes")
  func lifecycle() throws {
    var group = try self.joined(4)
    let owner = try MemberID("n1")
    try group.cores[1].publish(key: [1], value: [10], now: group.now)
    group.run(for: .seconds(1))
    try group.cores[1].publish(key: [1], value: [11], now: group.now)
    group.run(for: .seconds(1))
    for number in 0..<4 { #expect(group.cores[number].records(of: owner).map(\.value) == [[11]]) }
    let withdrawals = (0..<2).map { _ in group.cores[1].withdraw(key: [1], now: group.now) }
    #expect(withdrawals == [true, false])
    group.run(for: .seconds(1))
    for number in [0, 2, 3] {
      #expect(group.cores[number].records(of: owner).isEmpty)
      #expect(group.kinds(number).filter { $0.hasPrefix("record") } == ["recordPublished", "recordPublished", "recordWithdrawn"])
    }
  }

  @Test("records of a dead owner are hidden, and come back with it (moby#53141)")
  func hiding() throws {
    var group = try self.joined(4)
    let owner = try MemberID("n3")
    try group.cores[3].publish(key: [1], value: [10], now: group.now)
    group.run(for: .seconds(2))
    group.isLost = { sender, receiver in sender == 3 || receiver == 3 }
    group.run(for: .seconds(30), frozen: [3])
    #expect(group.cores[0].records(of: owner).isEmpty)
    #expect(group.cores[0].table.count == 1)
    #expect(group.events[0].contains(.recordsHidden(owner: owner)))
    group.isLost = { _, _ in false }
    group.run(for: .seconds(5))
    #expect(group.cores[0].records(of: owner).map(\.value) == [[10]])
    #expect(group.events[0].contains(.recordsShown(owner: owner)))
  }

  @Test("a withdrawal of an unknown record is kept, and an older version doesn't bring it to life")
  func tombstones() throws {
    var table = GossipTable(limit: 10)
    _ = table.setPresence(of: 5, true)
    func claim(_ time: UInt64, isWithdrawn: Bool) -> RecordClaim {
      RecordClaim(owner: 5, version: RecordVersion(epoch: 1, time: time), isWithdrawn: isWithdrawn, key: [1], value: [])
    }
    func expect(_ outcome: GossipTable.Outcome, _ claim: RecordClaim) {
      let actual = table.offer(claim, forgetAt: .seconds(60))
      #expect(actual == outcome)
    }
    expect(.taken(0), claim(3, isWithdrawn: true))
    expect(.stale(0), claim(2, isWithdrawn: false))
    expect(.known, claim(3, isWithdrawn: true))
    #expect(table.visibleCount == 0 && table.digest == 0 && table.count == 1)
    table.forgetWithdrawn(now: .seconds(59))
    #expect(table.count == 1)
    table.forgetWithdrawn(now: .seconds(60))
    #expect(table.count == 0 && table.slots(of: 5).isEmpty)
  }

  @Test("a table that is full refuses, and what is there can still change")
  func full() {
    var table = GossipTable(limit: 1)
    func claim(_ key: UInt8, _ time: UInt64) -> RecordClaim {
      RecordClaim(owner: 5, version: RecordVersion(epoch: 1, time: time), isWithdrawn: false, key: [key], value: [])
    }
    func expect(_ outcome: GossipTable.Outcome, _ claim: RecordClaim) {
      let actual = table.offer(claim, forgetAt: .zero)
      #expect(actual == outcome)
    }
    expect(.taken(0), claim(1, 1))
    expect(.refused, claim(2, 2))
    expect(.taken(0), claim(1, 3))
    #expect(table.time == 3)
  }

  @Test("a restarted owner withdraws what it no longer publishes, and keeps what it publishes again")
  func restart() throws {
    var group = try self.joined(4)
    let owner = try MemberID("n3")
    try group.cores[3].publish(key: [1], value: [10], now: group.now)
    try group.cores[3].publish(key: [2], value: [20], now: group.now)
    group.run(for: .seconds(2))
    group.cores[3] = try GossipCore(id: owner, epoch: 2, address: Group.address(3), seed: 9, now: group.now)
    try group.cores[3].publish(key: [2], value: [21], now: group.now)
    group.cores[3].join([Group.address(0)], now: group.now)
    group.run(for: .seconds(4))
    for number in 0..<4 { #expect(group.cores[number].records(of: owner).map(\.value) == [[21]], "at \(number)") }
  }

  @Test("ten thousand records reach a node that joins, in frames of bounded size")
  func bulk() throws {
    var group = try Group(2)
    for number in 0..<10_000 {
      try group.cores[0].publish(key: [UInt8(number & 0xFF), UInt8(number >> 8)], value: [1, 2, 3, 4], now: .zero)
    }
    group.cores[1].join([Group.address(0)], now: .zero)
    var largest = 0
    var frames = 0
    for _ in 0..<200 {
      for number in 0..<2 {
        let core = group.cores[number]
        for case .send(_, let frame) in core.streams {
          largest = max(largest, frame.count)
          frames += 1
        }
      }
      group.step()
    }
    #expect(group.cores[1].recordCount == 10_000)
    #expect(group.cores[0].agreement == group.cores[1].agreement)
    #expect(largest <= (32 << 10) + 1024 && frames > 8)
  }
}
