// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// One line that a task wrote.
public struct LogRecord: Hashable, Sendable {
  /// When it was written.
  public var timestamp: Timestamp
  /// Where to.
  public var stream: Stream
  /// What: a line with its line feed, or a piece of a line that is too long or not finished.
  public var bytes: [UInt8]

  /// Creates a record.
  public init(timestamp: Timestamp, stream: Stream, bytes: [UInt8]) {
    self.timestamp = timestamp
    self.stream = stream
    self.bytes = bytes
  }

  /// The output streams of a task.
  public enum Stream: UInt8, Hashable, Sendable, CaseIterable {
    /// Standard output.
    case stdout = 1
    /// Standard error.
    case stderr = 2
  }
}
