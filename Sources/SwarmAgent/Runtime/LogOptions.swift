// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// Which part of a task's logs is wanted.
public struct LogOptions: Hashable, Sendable {
  /// Whether to wait for what the task still writes.
  ///
  /// Default: no.
  public var follow: Bool
  /// How many of the last records that are there already to begin with; nil means all.
  ///
  /// Applied after ``since`` and ``streams``.
  public var tail: Int?
  /// Only records written at or after this time.
  public var since: Timestamp?
  /// Only records of these streams.
  ///
  /// Default: both.
  public var streams: Set<LogRecord.Stream>

  /// Creates options.
  public init(
    follow: Bool = false,
    tail: Int? = nil,
    since: Timestamp? = nil,
    streams: Set<LogRecord.Stream> = [.stdout, .stderr]
  ) {
    self.follow = follow
    self.tail = tail
    self.since = since
    self.streams = streams
  }

  /// Whether a record passes ``since`` and ``streams``.
  public func includes(_ record: LogRecord) -> Bool {
    guard self.streams.contains(record.stream) else { return false }
    guard let since = self.since else { return true }
    return record.timestamp >= since
  }
}
