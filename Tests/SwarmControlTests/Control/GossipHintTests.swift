// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("What gossip says of nodes")
struct GossipHintTests {
  private func state(_ swarm: ControlHarness, _ node: NodeID) -> NodeStatus.State? {
    swarm.store.node(node)?.status.state
  }

  private func hear(_ verdict: GossipVerdict, about node: NodeID, _ swarm: inout ControlHarness) {
    swarm.control.handle(.gossip(node, verdict), now: swarm.now, time: swarm.time)
    swarm.settle()
  }

  @Test("a node whose session lives stays ready and keeps its tasks, whatever gossip says")
  func livingSession() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create(replicas: 2)
    let entries = swarm.log.count
    self.hear(.gone, about: node, &swarm)
    swarm.advance(by: .seconds(60))
    #expect(self.state(swarm, node) == .ready)
    #expect(swarm.running(service).count == 2)
    #expect(swarm.log.count == entries)
  }

  @Test(
    "a node whose stream broke off is down without grace when gossip holds it for gone, whichever comes first",
    arguments: [true, false]
  )
  func lostStream(gossipFirst: Bool) {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    if gossipFirst { self.hear(.gone, about: node, &swarm) }
    swarm.kill(node)
    if !gossipFirst {
      #expect(self.state(swarm, node) == .ready)
      self.hear(.gone, about: node, &swarm)
    }
    #expect(self.state(swarm, node) == .down)
  }

  @Test("a node that hangs is down after one missed heartbeat when gossip holds it for gone")
  func missedHeartbeat() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    swarm.hang(node)
    swarm.advance(by: .seconds(1))
    self.hear(.gone, about: node, &swarm)
    #expect(self.state(swarm, node) == .ready)
    swarm.advance(by: .seconds(8))
    #expect(self.state(swarm, node) == .down)
  }

  @Test("what gossip takes back counts no more, nor what it said before a new session")
  func takenBack() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    for node in nodes { self.hear(.gone, about: node, &swarm) }
    self.hear(.present, about: nodes[0], &swarm)
    swarm.revive(nodes[1])
    swarm.advance(by: .seconds(1))
    for node in nodes { swarm.kill(node) }
    swarm.advance(by: .seconds(1))
    for node in nodes { #expect(self.state(swarm, node) == .ready) }
    swarm.advance(by: .seconds(2))
    for node in nodes { #expect(self.state(swarm, node) == .down) }
  }

  @Test("gossip about nodes that the swarm doesn't know changes nothing")
  func stranger() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let entries = swarm.log.count
    self.hear(.gone, about: swarm.ids.make(), &swarm)
    swarm.advance(by: .seconds(20))
    #expect(self.state(swarm, node) == .ready)
    #expect(swarm.log.count == entries)
  }
}
