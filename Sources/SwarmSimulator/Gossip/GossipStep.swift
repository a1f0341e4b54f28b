// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// Something that happens at a time, in nanoseconds since the start.
struct GossipStep: Comparable, Sendable {
  enum Action: Sendable {
    case timer
    case packet([UInt8], from: Int)
    case streamOpened(UInt64)
    case frame([UInt8], connection: UInt64)
    case streamClosed(connection: UInt64)
    case resume
  }

  var time: Int64
  /// Steps of the same time happen in the order in which they were planned.
  var order: UInt64
  var node: Int
  /// Which life of the node it is meant for; a restarted node doesn't see what was on its way to its predecessor's streams.
  var life: Int
  var action: Action

  static func < (left: GossipStep, right: GossipStep) -> Bool {
    left.time != right.time ? left.time < right.time : left.order < right.order
  }

  static func == (left: GossipStep, right: GossipStep) -> Bool { left.time == right.time && left.order == right.order }
}

/// A stream between two nodes.
struct GossipConnection: Sendable {
  var client: Int
  var clientStream: StreamID
  var server: Int
  var serverStream: StreamID?
  /// Frames of one direction don't overtake each other.
  var lastArrival: [Int: Int64] = [:]
}

/// A simulated node.
struct GossipNode: Sendable {
  var core: GossipCore
  var isRunning = true
  /// How often it was started.
  var life = 0
  /// Nothing is handled before this time.
  var blockedUntil: Int64 = 0
  var waiting: [GossipStep] = []
  /// When its next timer is planned.
  var timer = Int64.max
  var connections: [StreamID: UInt64] = [:]
}
