// SPDX-License-Identifier: Apache-2.0

/// What one node gives others at most, whoever they are.
public struct TransportLimits: Sendable, Hashable {
  /// Datagrams that are read before anything else gets a turn.
  ///
  /// Default 64.
  public var packetsPerTurn: Int
  /// Connections that haven't proved yet that they know a key; the oldest one is closed for a new one.
  ///
  /// Those that have are limited by the core's `incomingExchanges`. Default 64.
  public var strangers: Int
  /// A connection that hasn't proved it within this time is closed.
  ///
  /// Default 3 s.
  public var strangerTime: Duration
  /// A connection that can't be made within this time is given up.
  ///
  /// Default 2 s.
  public var connectTime: Duration
  /// Bytes that one stream may bring.
  ///
  /// Default 512 MiB.
  public var streamBytes: Int
  /// How long one stream may live.
  ///
  /// Default 2 min.
  public var streamTime: Duration
  /// Senders whose packets are remembered, so that none is taken twice.
  ///
  /// Default 65,536, which take 2 MiB when they are there.
  public var senders: Int
  /// The first frame of a stream, in bytes: digests fit, tables don't.
  var firstFrameBytes: Int { 16 << 10 }

  /// Makes limits; every parameter has a default.
  public init(
    packetsPerTurn: Int = 64,
    strangers: Int = 64,
    strangerTime: Duration = .seconds(3),
    connectTime: Duration = .seconds(2),
    streamBytes: Int = 512 << 20,
    streamTime: Duration = .seconds(120),
    senders: Int = 1 << 16
  ) {
    self.packetsPerTurn = packetsPerTurn
    self.strangers = strangers
    self.strangerTime = strangerTime
    self.connectTime = connectTime
    self.streamBytes = streamBytes
    self.streamTime = streamTime
    self.senders = senders
  }
}
