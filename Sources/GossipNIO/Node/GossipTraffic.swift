// SPDX-License-Identifier: Apache-2.0

/// Counts of what one node sent and received since its start.
public struct GossipTraffic: Hashable, Sendable {
  /// Datagrams sent.
  public var packetsSent = 0
  /// Their bytes, sealing included, without the headers of UDP and IP.
  public var bytesSent = 0
  /// Datagrams received, refused ones too.
  public var packetsReceived = 0
  /// Their bytes.
  public var bytesReceived = 0
  /// Streams opened by this side.
  public var streamsOpened = 0
  /// Streams opened by others that proved to know a key.
  public var streamsAccepted = 0
  /// Packets and frames that couldn't be opened or came again.
  ///
  /// Nothing of them was taken.
  public var refused = 0
}
