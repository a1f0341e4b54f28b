// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// Gives a node any bytes as datagrams and as messages on a stream.
///
/// An input is a number of messages; each begins with its length (two bytes, most significant first), whose topmost bit says
/// that it came on a stream.
enum GossipTarget {
  private static let peer = GossipAddress(ipv4: 0x7F00_0002, port: 7946)

  static func run(_ input: [UInt8]) {
    var node = self.node
    var now = Duration.zero
    var rest = input[...]
    while rest.count > 2 {
      let head = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
      let message = rest.dropFirst(2).prefix(head & 0x7FFF)
      rest = rest.dropFirst(2 + message.count)
      now += .milliseconds(50)
      if head & 0x8000 == 0 {
        self.receive(message, node: &node, now: now)
      } else {
        self.stream(message, node: &node, now: now)
      }
      if node.nextDeadline <= now { node.tick(now: now) }
      node.recycle(node.takeReady())
      promise(node.own.status == .alive, "a node was talked out of its life")
      promise(node.allMembers.count <= node.configuration.limits.members, "there are too many members")
    }
  }

  private static func receive(_ message: ArraySlice<UInt8>, node: inout GossipCore, now: Duration) {
    let members = node.allMembers
    do throws(GossipError) {
      try node.receive(packet: message, from: self.peer, now: now)
    } catch {
      switch error.code {
      case .malformed, .unsupportedFormat, .wrongLabel: break
      default: fatalError("a packet is refused with \(error)")
      }
      promise(node.allMembers == members, "a refused packet changed something")
    }
  }

  private static func stream(_ message: ArraySlice<UInt8>, node: inout GossipCore, now: Duration) {
    guard let stream = node.acceptStream(from: self.peer, now: now) else { return }
    try? node.receive(frame: message, on: stream, now: now)
    node.recycle(node.takeReady())
    node.streamClosed(stream, now: now)
  }

  private static let node: GossipCore = {
    do throws(GossipError) {
      var configuration = GossipConfiguration.default
      configuration.limits.members = 64
      configuration.limits.records = 64
      configuration.limits.broadcasts = 16
      return try GossipCore(
        id: MemberID("fuzzed"),
        epoch: 1,
        address: GossipAddress(ipv4: 0x7F00_0001, port: 7946),
        configuration: configuration,
        seed: 1,
        now: .zero
      )
    } catch {
      fatalError("a node doesn't start: \(error)")
    }
  }()
}
