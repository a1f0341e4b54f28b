// SPDX-License-Identifier: Apache-2.0

/// A task's log records in the order in which they were written.
///
/// Records are produced as they are asked for, so a slow reader costs no memory. Cancelling the reader ends
/// the stream.
public struct LogStream: AsyncSequence, Sendable {
  /// Records.
  public typealias Element = LogRecord
  /// Whatever the runtime meets while it reads.
  public typealias Failure = any Error

  private let start: @Sendable () -> AsyncIterator

  /// Wraps any sequence of records.
  public init<Base: AsyncSequence & Sendable>(_ base: Base) where Base.Element == LogRecord {
    self.start = {
      var iterator = base.makeAsyncIterator()
      return AsyncIterator { try await iterator.next(isolation: #isolation) }
    }
  }

  /// Makes a stream from a function that makes, per reader, a function that gives the next record, and nil
  /// after the last one.
  public init(unfolding make: @escaping @Sendable () -> () async throws -> LogRecord?) {
    self.start = { AsyncIterator(make()) }
  }

  /// A stream that fails at once.
  public init(failing error: any Error) {
    self.init(unfolding: { { throw error } })
  }

  /// Begins to read.
  public func makeAsyncIterator() -> AsyncIterator { self.start() }

  /// Reads records one after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let produce: () async throws -> LogRecord?

    fileprivate init(_ produce: @escaping () async throws -> LogRecord?) {
      self.produce = produce
    }

    /// The next record, or nil at the end.
    public mutating func next() async throws -> LogRecord? {
      try await self.produce()
    }
  }
}
