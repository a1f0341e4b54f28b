// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("Log feed", .timeLimit(.minutes(1)))
struct LogFeedTests {
  private static func line(_ number: Int) -> LogMessage {
    LogMessage(
      service: nil,
      node: AgentHost.nodeID,
      task: AgentHost.id(1),
      time: Timestamp(nanoseconds: Int64(number)),
      source: .stdout,
      bytes: [UInt8](repeating: 0x78, count: 100)
    )
  }

  @Test("writers wait for room, so that a slow reader gets every line of each in order")
  func backpressure() async throws {
    let feed = LogFeed(limit: 1_000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask { for number in 0..<500 { try await feed.send([Self.line(writer * 1_000 + number)]) } }
      }
      group.addTask {
        var next = [0, 0, 0, 0]
        while next.reduce(0, +) < 2_000, let lines = try await feed.next() {
          #expect(lines.count <= 8)
          for line in lines {
            let (writer, number) = Int(line.time.nanoseconds).quotientAndRemainder(dividingBy: 1_000)
            #expect(next[writer] == number)
            next[writer] += 1
          }
          await Task.yield()
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("without room nothing is taken, unless it is waited for")
  func offer() {
    let feed = LogFeed(limit: 300)
    #expect(feed.offer([Self.line(1)]))
    #expect(feed.offer([Self.line(2)]))
    #expect(!feed.offer([Self.line(3)]))
  }

  @Test("what waits is read before the end, with its error")
  func end() async throws {
    let feed = LogFeed(limit: 1_000)
    try await feed.send([Self.line(1)])
    feed.finish(throwing: SwarmError(code: .dataLoss, message: "lost"))
    #expect(try await feed.next() == [Self.line(1)])
    await #expect(throws: SwarmError.self) { try await feed.next() }
  }

  @Test("writers that wait are let go when the reader leaves")
  func readerLeaves() async {
    let feed = LogFeed(limit: 1)
    _ = feed.offer([Self.line(1)])
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await #expect(throws: CancellationError.self) { try await feed.send([Self.line(2)]) } }
      feed.cancel()
    }
    await #expect(throws: CancellationError.self) { try await feed.send([Self.line(3)]) }
  }
}
