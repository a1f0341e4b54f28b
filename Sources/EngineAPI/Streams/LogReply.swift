// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmAgent
internal import SwarmModel

/// Lines of tasks in the form in which Docker's API has them.
struct LogReply: AsyncSequence, Sendable {
  typealias Element = [UInt8]
  typealias Failure = any Error

  let logs: SwarmLogs
  let format: Format

  /// How lines are written.
  struct Format: Sendable {
    /// Whether lines are frames that tell the streams apart; a terminal has one stream only, and no frames.
    var isMultiplexed: Bool
    var showsTimestamps: Bool
    var showsDetails: Bool

    /// Writes a line.
    func write(_ line: TaskLogLine, to bytes: inout [UInt8]) {
      var prefix = ""
      if self.showsTimestamps { prefix += EngineTime(nanosecondsSince1970: line.timestamp.nanoseconds).fixedText + " " }
      if self.showsDetails { prefix += Self.details(of: line) + " " }
      self.begin(line.stream.rawValue, length: prefix.utf8.count + line.bytes.count, &bytes)
      bytes += prefix.utf8
      bytes += line.bytes
    }

    /// Writes why lines are missing; clients show it as the server's error.
    func write(_ error: any Error, to bytes: inout [UInt8]) {
      let text = "Error grabbing logs: \(Self.sentence(error))\n"
      self.begin(3, length: text.utf8.count, &bytes)
      bytes += text.utf8
    }

    private func begin(_ stream: UInt8, length: Int, _ bytes: inout [UInt8]) {
      guard self.isMultiplexed else { return }
      let length = UInt32(clamping: length)
      bytes += [stream, 0, 0, 0]
      bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
    }

    /// `key=value`, sorted by the keys: who wrote the line, and what the log driver says of it.
    private static func details(of line: TaskLogLine) -> String {
      var details = line.details
      details["com.docker.swarm.node.id"] = line.node.description
      details["com.docker.swarm.service.id"] = line.service?.description ?? ""
      details["com.docker.swarm.task.id"] = line.task.description
      return details.sorted { $0.key < $1.key }
        .map { "\(PercentCoding.encode($0.key))=\(PercentCoding.encode($0.value))" }.joined(separator: ",")
    }

    private static func sentence(_ error: any Error) -> String {
      guard let error = error as? SwarmError, error.code == .dataLoss else { return APIFailure(error).message }
      return "rpc error: code = Unknown desc = \(error.message)"
    }
  }

  func makeAsyncIterator() -> Iterator {
    Iterator(lines: self.logs.makeAsyncIterator(), format: self.format)
  }

  struct Iterator: AsyncIteratorProtocol {
    private var lines: SwarmLogs.Iterator
    private let format: Format
    private var isOver = false

    init(lines: SwarmLogs.Iterator, format: Format) {
      self.lines = lines
      self.format = format
    }

    mutating func next() async throws -> [UInt8]? {
      guard !self.isOver else { return nil }
      var bytes: [UInt8] = []
      do {
        guard let batch = try await self.lines.nextBatch() else { return nil }
        for line in batch { self.format.write(line, to: &bytes) }
      } catch {
        if Task.isCancelled { throw error }
        self.isOver = true
        self.format.write(error, to: &bytes)
      }
      return bytes
    }
  }
}
