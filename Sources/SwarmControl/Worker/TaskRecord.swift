// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What a node keeps of a task across restarts of its agent.
package struct TaskRecord: Sendable, Hashable {
  /// The task as managers assigned it, with the status that was observed here.
  package var task: SwarmTask

  package init(task: SwarmTask) {
    self.task = task
  }
}

// MARK: - Format

extension TaskRecord {
  /// The version that is written: one byte of version, four bytes of length (the lowest first), then the task
  /// in the log's encoding.
  package static let formatVersion: UInt8 = 1

  private static let headerLength = 5

  /// The bytes of the record.
  package func encode() -> [UInt8] {
    let body = self.task.encoded()
    var bytes = [Self.formatVersion]
    bytes.reserveCapacity(Self.headerLength + body.count)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: UInt32(truncatingIfNeeded: body.count) >> shift))
    }
    return bytes + body
  }

  /// Reads the records of one task, written one behind the other: the last one counts.
  ///
  /// What a dying agent or machine left of a record behind whole ones is told from them by its length.
  ///
  /// - Returns: the last whole record, and how many bytes the whole ones have; what comes behind has to be
  ///   cut off before more is written.
  /// - Throws: `dataLoss` when there is no whole record, `unsupportedFormat` when a newer version wrote one.
  package static func last(in bytes: [UInt8]) throws(SwarmError) -> (record: TaskRecord, wholeBytes: Int) {
    var last: (start: Int, end: Int)?
    var position = 0
    while bytes.count - position > Self.headerLength {
      guard bytes[position] == Self.formatVersion else {
        guard bytes[position] > Self.formatVersion else { break }
        throw SwarmError(
          code: .unsupportedFormat,
          message: "a task record has format \(bytes[position]), which this version does not know"
        )
      }
      let start = position + Self.headerLength
      let length = bytes[(position + 1)..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - start else { break }
      position = start + length
      last = (start, position)
    }
    guard let last else { throw SwarmError(code: .dataLoss, message: "there is no whole task record") }
    return (TaskRecord(task: try SwarmTask(encoded: bytes[last.start..<last.end])), last.end)
  }
}
