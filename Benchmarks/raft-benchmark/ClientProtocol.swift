// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What clients and member processes say to each other; all numbers are little-endian.
enum ClientProtocol {
  /// length of what follows (4), number (8), operation (1), payload.
  struct Request {
    var number: UInt64
    var operation: Operation
    var payload: ByteBuffer

    enum Operation: UInt8 {
      case propose = 0
      case read = 1
      /// Answered with `done` by a leader that has committed in its term.
      case isLeader = 2
      /// How often the member waited for its disk.
      case syncs = 3
      /// How many bytes it wrote to its log.
      case bytes = 4
      /// How many batches of entries it wrote.
      case batches = 5
    }
  }

  /// number (8), outcome (1), value (8).
  struct Answer {
    var number: UInt64
    var outcome: Outcome
    /// The index of what was done, or the number that was asked for.
    var value: UInt64 = 0

    enum Outcome: UInt8 {
      case done = 0
      case notLeader = 1
      case failed = 2
    }
  }

  private static let head = 13
  private static let answerLength = 17

  static func write(_ number: UInt64, _ operation: Request.Operation, _ payload: [UInt8], into buffer: inout ByteBuffer) {
    buffer.writeInteger(UInt32(payload.count + 9), endianness: .little)
    buffer.writeInteger(number, endianness: .little)
    buffer.writeInteger(operation.rawValue)
    buffer.writeBytes(payload)
  }

  /// The next whole request.
  static func readRequest(_ buffer: inout ByteBuffer) throws -> Request? {
    guard buffer.readableBytes >= self.head,
      let length = buffer.getInteger(at: buffer.readerIndex, endianness: .little, as: UInt32.self)
    else { return nil }
    guard 9...(8 << 20) ~= length else { throw BenchmarkError("a request claims \(length) bytes") }
    guard buffer.readableBytes >= Int(length) + 4 else { return nil }
    buffer.moveReaderIndex(forwardBy: 4)
    guard let number = buffer.readInteger(endianness: .little, as: UInt64.self),
      let operation = buffer.readInteger(as: UInt8.self).flatMap(Request.Operation.init),
      let payload = buffer.readSlice(length: Int(length) - 9)
    else { throw BenchmarkError("a request isn't known") }
    return Request(number: number, operation: operation, payload: payload)
  }

  static func write(_ answer: Answer, into buffer: inout ByteBuffer) {
    buffer.writeInteger(answer.number, endianness: .little)
    buffer.writeInteger(answer.outcome.rawValue)
    buffer.writeInteger(answer.value, endianness: .little)
  }

  /// The next whole answer.
  static func readAnswer(_ buffer: inout ByteBuffer) throws -> Answer? {
    guard buffer.readableBytes >= self.answerLength else { return nil }
    guard let number = buffer.readInteger(endianness: .little, as: UInt64.self),
      let outcome = buffer.readInteger(as: UInt8.self).flatMap(Answer.Outcome.init),
      let value = buffer.readInteger(endianness: .little, as: UInt64.self)
    else { throw BenchmarkError("an answer isn't known") }
    return Answer(number: number, outcome: outcome, value: value)
  }
}
