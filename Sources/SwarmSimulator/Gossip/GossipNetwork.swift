// SPDX-License-Identifier: Apache-2.0

/// The network between simulated nodes, and what is wrong with it.
public struct GossipNetwork: Sendable {
  /// The shortest way from one node to another.
  ///
  /// Default 1 ms.
  public var latency = Duration.milliseconds(1)
  /// What chance adds to it at most.
  ///
  /// Default 200 µs.
  public var jitter = Duration.microseconds(200)
  /// The part of datagrams that get lost, 0 to 1.
  public var loss = 0.0
  /// The part of datagrams that arrive twice, 0 to 1.
  public var duplication = 0.0
  /// Nodes with different numbers don't reach each other; nodes beyond the end are in group 0.
  public var groups: [Int] = []
  /// Links that let nothing through, as sender and receiver: the way back may be open.
  public var cuts: Set<Link> = []

  /// One way between two nodes.
  public struct Link: Hashable, Sendable {
    /// The node that sends.
    public var sender: Int
    /// The node that doesn't hear it.
    public var receiver: Int

    /// Makes a link.
    public init(from sender: Int, to receiver: Int) {
      self.sender = sender
      self.receiver = receiver
    }
  }

  /// Makes a network without faults.
  public init() {}

  func isOpen(from sender: Int, to receiver: Int) -> Bool {
    let senderGroup = sender < self.groups.count ? self.groups[sender] : 0
    let receiverGroup = receiver < self.groups.count ? self.groups[receiver] : 0
    guard senderGroup == receiverGroup else { return false }
    return self.cuts.isEmpty || !self.cuts.contains(Link(from: sender, to: receiver))
  }
}
