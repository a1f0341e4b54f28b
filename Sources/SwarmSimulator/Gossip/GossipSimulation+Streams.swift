// SPDX-License-Identifier: Apache-2.0

internal import Gossip

// Streams between nodes: reliable and in order while both ends run and reach each other; otherwise nothing arrives, and nobody is
// told.
extension GossipSimulation {
  mutating func carryOut(_ action: StreamAction, of node: Int) {
    switch action {
    case .open(let stream, let address):
      self.journal.streams += 1
      guard let server = self.node(at: address) else { return }
      let id = self.nextConnection
      self.nextConnection += 1
      self.connections[id] = GossipConnection(client: node, clientStream: stream, server: server)
      self.nodes[node].connections[stream] = id
      guard self.nodes[server].isRunning, self.network.isOpen(from: node, to: server),
        self.network.isOpen(from: server, to: node)
      else { return }
      // The handshake takes a way there, a way back and a way there.
      self.deliver(.streamOpened(id), to: server, id, ways: 3)
    case .send(let stream, let frame):
      self.journal.streamBytes += frame.count
      guard let id = self.nodes[node].connections[stream], let connection = self.connections[id] else { return }
      let receiver = connection.client == node ? connection.server : connection.client
      guard self.nodes[receiver].isRunning, self.network.isOpen(from: node, to: receiver) else { return }
      self.deliver(.frame(frame, connection: id), to: receiver, id, ways: 1)
    case .close(let stream):
      guard let id = self.nodes[node].connections.removeValue(forKey: stream), let connection = self.connections[id] else {
        return
      }
      let receiver = connection.client == node ? connection.server : connection.client
      guard self.nodes[receiver].isRunning, self.network.isOpen(from: node, to: receiver) else { return }
      self.deliver(.streamClosed(connection: id), to: receiver, id, ways: 1)
    }
  }

  private mutating func deliver(_ action: GossipStep.Action, to receiver: Int, _ id: UInt64, ways: Int64) {
    let arrival = max(self.time + ways * self.delay(), (self.connections[id]?.lastArrival[receiver] ?? 0) + 1)
    self.connections[id]?.lastArrival[receiver] = arrival
    self.plan(arrival, receiver, action)
  }

  func stream(_ id: UInt64, at node: Int) -> StreamID? {
    guard let connection = self.connections[id] else { return nil }
    let stream = connection.client == node ? connection.clientStream : connection.serverStream
    guard let stream, self.nodes[node].connections[stream] == id else { return nil }
    return stream
  }

  mutating func accept(_ id: UInt64, at node: Int) {
    guard let connection = self.connections[id] else { return }
    let stream = self.nodes[node].core.acceptStream(from: Self.address(of: connection.client), now: self.now)
    guard let stream else {
      self.deliver(.streamClosed(connection: id), to: connection.client, id, ways: 1)
      return
    }
    self.connections[id]?.serverStream = stream
    self.nodes[node].connections[stream] = id
  }

  mutating func receive(_ bytes: [UInt8], on id: UInt64, at node: Int) {
    guard let stream = self.stream(id, at: node) else { return }
    do {
      try self.nodes[node].core.receive(frame: bytes[...], on: stream, now: self.now)
    } catch {
      self.invariants.violations.append("node \(node) refuses a frame: \(error)")
    }
  }
}
