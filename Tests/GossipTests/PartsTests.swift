// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gossip

@Suite("Parts")
struct PartsTests {
  @Test("a cycle visits every slot once per round, in different orders", arguments: [1, 2, 3, 7, 8, 9, 100, 1000])
  func cycle(count: Int) {
    var random = SplitMix64(seed: 1)
    var cycle = SlotCycle()
    var orders: Set<[Slot]> = []
    for _ in 0..<20 {
      let round = (0..<count).map { _ in cycle.next(below: count, &random) }
      #expect(round.sorted() == (0..<Slot(count)).map { $0 })
      orders.insert(round)
    }
    if count > 7 { #expect(orders.count > 15) }
  }

  @Test("every slot is about equally likely to come first")
  func fairness() {
    var random = SplitMix64(seed: 1)
    var first = [Int](repeating: 0, count: 60)
    for _ in 0..<6000 {
      var cycle = SlotCycle()
      first[Int(cycle.next(below: 60, &random))] += 1
    }
    #expect(first.allSatisfy { 40...180 ~= $0 }, "\(first)")
  }

  @Test("logarithms are right to twelve digits")
  func logarithms() {
    #expect((Logarithm.natural(10) - Logarithm.ten).magnitude < 1e-12)
    #expect((Logarithm.natural(0.001) + 3 * Logarithm.ten).magnitude < 1e-12)
    #expect((Logarithm.decimal(1000) - 3).magnitude < 1e-12)
    #expect(Logarithm.natural(1) == 0)
  }

  @Test("the urgent goes first, the charged goes last, and what is spent is gone")
  func queue() {
    var queue = RumourQueue()
    queue.enqueue(.member(1), .dead, budget: 2)
    queue.enqueue(.member(2), .alive, budget: 1)
    queue.enqueue(.member(3), .dead, budget: 1)
    queue.enqueue(.member(4), .left, budget: 1)
    func take(_ room: Int) -> [RumourQueue.Subject] {
      var taken: [RumourQueue.Subject] = []
      queue.take { subject, _ in
        if taken.count == room { return .full }
        taken.append(subject)
        return .written
      }
      return taken
    }
    #expect(take(3) == [.member(4), .member(2), .member(1)])
    #expect(take(1) == [.member(3)])
    #expect(take(5) == [.member(1)])
    #expect(queue.isEmpty)
  }

  @Test("news about the same subject replaces the old, and retirement leaves suspicions and broadcasts")
  func replacement() {
    var queue = RumourQueue()
    queue.enqueue(.member(1), .alive, budget: 5)
    queue.enqueue(.member(1), .suspect, budget: 5)
    queue.enqueue(.member(2), .alive, budget: 5)
    queue.enqueue(.broadcast(1), .broadcast, budget: 5)
    #expect(queue.count == 3)
    queue.retire()
    #expect(queue.count == 2)
    #expect(queue[.member(1)]?.urgency == .suspect)
  }

  @Test("the wait for an answer follows round trips, within its bounds")
  func roundTrips() {
    var roundTrip = RoundTrip()
    let range = Duration.milliseconds(100) ... .milliseconds(500)
    #expect(roundTrip.timeout(in: range) == .milliseconds(500))
    for _ in 0..<50 { roundTrip.note(.milliseconds(150)) }
    let settled = roundTrip.timeout(in: range)
    #expect(settled >= .milliseconds(150) && settled < .milliseconds(160))
    for _ in 0..<50 { roundTrip.note(.milliseconds(2)) }
    #expect(roundTrip.timeout(in: range) == .milliseconds(100))
    for _ in 0..<200 { roundTrip.note(lost: false) }
    #expect(roundTrip.loss == 0)
    for turn in 0..<2000 { roundTrip.note(lost: turn % 2 == 0) }
    #expect(0.2...0.4 ~= roundTrip.loss)
  }

  @Test("names are told apart and ordered by their bytes, and addresses have a text")
  func values() throws {
    let names = try ["a", "ab", "b", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"].map { try MemberID($0) }
    #expect(names.sorted() == names)
    #expect(Set(names.map(\.fingerprint)).count == 4)
    #expect(names[3].description.count == 31)
    #expect(GossipAddress(ipv4: 0x7F00_0001, port: 5).description == "127.0.0.1:5")
    #expect(GossipAddress(ipv6: (0x2001_0DB8_0000_0000, 1), port: 5).description == "[2001:db8:0:0:0:0:0:1]:5")
  }

  @Test("in steady state a turn sends one packet and uses the same memory again")
  func steadyMemory() throws {
    var group = try Group(2)
    group.join()
    group.run(for: .seconds(20))
    var core = group.cores[0]
    var ready = core.takeReady()
    core.recycle(ready)
    core.tick(now: core.nextDeadline)
    ready = core.takeReady()
    #expect(ready.packets.count == 1 && ready.streams.isEmpty && ready.events.isEmpty)
    #expect(ready.bytes.count == 35)
  }
}
