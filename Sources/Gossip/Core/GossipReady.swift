// SPDX-License-Identifier: Apache-2.0

/// What the driver must do after it fed events to ``GossipCore``: one batch per turn.
///
/// Hand it back with ``GossipCore/recycle(_:)`` when it is carried out: its memory is used again, so that in steady state no
/// turn allocates.
public struct GossipReady: ~Copyable, Sendable {
  /// The bytes of all packets, one behind the other.
  public internal(set) var bytes: [UInt8] = []
  /// Datagrams to send.
  ///
  /// They may get lost, doubled and reordered.
  public internal(set) var packets: [OutgoingPacket] = []
  /// What to do with streams, in this order.
  public internal(set) var streams: [StreamAction] = []
  /// What the host learns, in this order.
  public internal(set) var events: [GossipEvent] = []

  /// Whether there is nothing to do.
  public var isEmpty: Bool { self.packets.isEmpty && self.streams.isEmpty && self.events.isEmpty }
}

/// A datagram to send.
public struct OutgoingPacket: Hashable, Sendable {
  /// Where it goes.
  public var receiver: GossipAddress
  /// Which of ``GossipReady/bytes`` to seal and send.
  public var range: Range<Int>
}

/// Names a stream between the core and its driver.
public struct StreamID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number of the stream.
  public var rawValue: UInt64

  /// Makes a name from its number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The number of the stream.
  public var description: String { String(self.rawValue) }

  /// Orders streams by the time they were begun.
  public static func < (left: StreamID, right: StreamID) -> Bool { left.rawValue < right.rawValue }
}

/// What to do with a stream.
///
/// A stream carries delimited frames in order; the driver seals each.
public enum StreamAction: Hashable, Sendable {
  /// Connect, then send the frames that follow. When it can't be done, or when the stream ends, call
  /// ``GossipCore/streamClosed(_:now:)``.
  case open(StreamID, to: GossipAddress)
  /// Send a frame.
  case send(StreamID, frame: [UInt8])
  /// Close the stream when everything is sent, and forget its name.
  case close(StreamID)
}
