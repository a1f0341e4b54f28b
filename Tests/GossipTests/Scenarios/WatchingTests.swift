// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gossip

@Suite("Watching")
struct WatchingTests {
  private func joined(_ count: Int, _ configuration: GossipConfiguration = .default) throws -> Group {
    var group = try Group(count, configuration: configuration)
    group.join()
    group.run(for: .seconds(3))
    return group
  }

  @Test("a node that is gone is suspected once and failed once, and nobody else is")
  func crash() throws {
    var group = try self.joined(5)
    for number in 0..<4 { group.events[number] = [] }
    group.isLost = { sender, receiver in sender == 4 || receiver == 4 }
    group.run(for: .seconds(30), frozen: [4])
    for number in 0..<4 {
      #expect(group.kinds(number).filter { $0 == "failed" }.count == 1)
      #expect(group.kinds(number).filter { $0 == "suspected" }.count == 1)
      #expect(try group.status(of: 4, at: number) == .dead)
    }
  }

  @Test("helpers save a node that one other can't reach, without streams")
  func helpers() throws {
    var configuration = GossipConfiguration()
    configuration.probing.usesStreams = false
    var group = try self.joined(5, configuration)
    for number in 0..<5 { group.events[number] = [] }
    group.isLost = { sender, receiver in (sender, receiver) == (0, 1) || (sender, receiver) == (1, 0) }
    group.run(for: .seconds(60))
    #expect(group.cores[0].statistics.rescuedProbes > 0)
    for number in 0..<5 { #expect(!group.kinds(number).contains("suspected")) }
  }

  @Test("without helpers and streams it is suspected, refutes and is never failed, as long as rumours reach it")
  func refutation() throws {
    var configuration = GossipConfiguration()
    configuration.probing.usesStreams = false
    configuration.probing.helpers = 0
    var group = try self.joined(5, configuration)
    group.isLost = { sender, receiver in (sender, receiver) == (0, 1) || (sender, receiver) == (1, 0) }
    group.run(for: .seconds(60))
    #expect(group.cores[1].statistics.refutations > 0)
    #expect(group.kinds(0).contains("refuted"))
    for number in 0..<5 { #expect(!group.kinds(number).contains("failed")) }
  }

  @Test("a node that stood still for 20 s blames nobody, and is back soon when it was blamed")
  func pause() throws {
    var group = try self.joined(5)
    group.isLost = { sender, receiver in receiver == 4 }
    group.run(for: .seconds(20), frozen: [4])
    #expect(try group.status(of: 4, at: 0) == .dead)
    group.events[4] = []
    group.isLost = { _, _ in false }
    group.run(for: .seconds(5))
    #expect(group.kinds(4).contains("paused"))
    #expect(!group.kinds(4).contains("suspected"))
    for number in 0..<4 { #expect(try group.status(of: 4, at: number) == .alive) }
  }

  @Test("health falls when probes fail without a word of the helpers, slows probing, and recovers")
  func health() throws {
    var group = try self.joined(5)
    group.isLost = { sender, receiver in sender == 0 || receiver == 0 }
    group.run(for: .seconds(4))
    let worst = group.cores[0].health
    #expect(worst > 0)
    let probes = group.cores[0].statistics.probes
    group.isLost = { _, _ in false }
    group.run(for: .seconds(2))
    #expect(group.cores[0].statistics.probes - probes <= 2)
    group.run(for: .seconds(60))
    #expect(group.cores[0].health == 0)
  }

  @Test("independent witnesses shorten a suspicion; the same one twice doesn't")
  func witnesses() throws {
    var group = try self.joined(6)
    group.isLost = { _, _ in true }
    try group.hear([group.claim(.suspect, 5, accuser: 1)], at: 0, from: 1)
    let first = try #require(group.cores[0].suspicions.first).deadline
    try group.hear([group.claim(.suspect, 5, accuser: 1)], at: 0, from: 2)
    #expect(group.cores[0].suspicions.first?.deadline == first)
    var last = first
    for accuser in 2...4 {
      try group.hear([group.claim(.suspect, 5, accuser: accuser)], at: 0, from: accuser)
      let deadline = try #require(group.cores[0].suspicions.first).deadline
      #expect(deadline < last)
      last = deadline
    }
    let suspicion = try #require(group.cores[0].suspicions.first)
    #expect(last == suspicion.startedAt + suspicion.minimum + suspicion.patience)
    #expect(suspicion.minimum == .seconds(2))
  }
}
