// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import SwarmWire
import Synchronization
import Testing

@Suite("Log hub", .timeLimit(.minutes(1)))
struct LogHubTests {
  private static let node: NodeID = Identifier(String(repeating: "n", count: 25)) ?? Identifier()
  private static let task: TaskID = Identifier(String(repeating: "t", count: 25)) ?? Identifier()

  private static func lines(_ numbers: ClosedRange<Int>) -> [LogMessage] {
    numbers.map { number in
      LogMessage(
        service: nil,
        node: Self.node,
        task: Self.task,
        time: Timestamp(nanoseconds: Int64(number)),
        source: .stdout,
        bytes: [UInt8](repeating: 0x78, count: 1 << 20)
      )
    }
  }

  /// A subscriber to all of the node's tasks, who says when it has a batch in its hands, and hands it on when `mayRead` gives something.
  private static func withSubscriber(
    _ hub: LogHub,
    mayRead: AsyncStream<Void>,
    _ body:
      @escaping @Sendable (
        LogSubscriptionID, _ taken: AsyncStream<Void>, _ read: AsyncStream<[LogMessage]>
      ) async throws -> Void
  ) async throws {
    let (taken, taker) = AsyncStream<Void>.makeStream()
    let (read, reader) = AsyncStream<[LogMessage]>.makeStream()
    let orders = hub.listen(Self.node)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let request = LogRequest(selector: LogSelector(nodes: [Self.node]))
        try await hub.subscribe(request, in: { Store() }) { messages in
          taker.yield()
          var permits = mayRead.makeAsyncIterator()
          _ = await permits.next()
          reader.yield(messages)
        }
        reader.finish()
      }
      defer { group.cancelAll() }
      var iterator = orders.makeAsyncIterator()
      let order = try #require(try await iterator.next())
      try await body(order.subscription, taken, read)
      try await group.waitForAll()
    }
  }

  @Test("lines over a connection of their own wait for a reader that doesn't read, and none is lost")
  func waits() async throws {
    let (permits, permit) = AsyncStream<Void>.makeStream()
    let hub = LogHub(stallLimit: .zero) { Timestamp(nanoseconds: 1) }
    try await Self.withSubscriber(hub, mayRead: permits) { id, _, read in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for number in 1...20 {
            let publication = LogPublication(subscription: id, messages: Self.lines(number...number), isLast: number == 20)
            try await hub.publish(publication, node: Self.node, patience: .endless)
          }
        }
        var times: [Int64] = []
        permit.yield()
        for await messages in read {
          #expect(messages.count <= 3)
          times += messages.map(\.time.nanoseconds)
          permit.yield()
        }
        #expect(times == Array(1...20))
        try await group.waitForAll()
      }
    }
  }

  @Test("lines that heartbeats wait behind are dropped when nobody reads, and counted")
  func drops() async throws {
    let (permits, permit) = AsyncStream<Void>.makeStream()
    let hub = LogHub(stallLimit: .zero) { Timestamp(nanoseconds: 1) }
    try await Self.withSubscriber(hub, mayRead: permits) { id, taken, read in
      @Sendable func publish(_ number: Int) async throws {
        let publication = LogPublication(subscription: id, messages: Self.lines(number...number), isLast: number == 21)
        try await hub.publish(publication, node: Self.node, patience: .limited)
      }
      var takes = taken.makeAsyncIterator()
      var reads = read.makeAsyncIterator()
      try await publish(1)
      _ = await takes.next()
      // One line is in the reader's hands, two more may wait, and the rest finds no room.
      for number in 2...20 { try await publish(number) }
      permit.yield()
      #expect(await reads.next()?.map(\.time.nanoseconds) == [1])
      _ = await takes.next()
      try await publish(21)
      permit.yield()
      #expect(await reads.next()?.map(\.time.nanoseconds) == [2, 3])
      permit.yield()
      let rest = try #require(await reads.next())
      #expect(rest.map(\.time.nanoseconds) == [21, 21])
      #expect(
        String(decoding: rest[0].bytes, as: UTF8.self) == "[swarm] 17 lines were dropped because they were read too slowly\n"
      )
    }
  }

  @Test("subscribers and nodes of a manager that leads no more are sent away")
  func stops() async throws {
    let hub = LogHub { Timestamp(nanoseconds: 1) }
    let (permits, _) = AsyncStream<Void>.makeStream()
    let error = await #expect(throws: SwarmError.self) {
      try await Self.withSubscriber(hub, mayRead: permits) { _, _, _ in hub.stop() }
    }
    #expect(error?.code == .unavailable)
  }

  @Test("a node may leave while it gets an order")
  func leaving() async {
    let hub = LogHub { .zero }
    for _ in 0..<3_000 {
      let orders = hub.listen(Self.node)
      let node = Task { for try await _ in orders {} }
      let reader = Task {
        let request = LogRequest(selector: LogSelector(nodes: [Self.node]))
        try await hub.subscribe(request, in: { Store() }) { _ in }
      }
      // It waits for the next order by then, or soon.
      await Task.yield()
      node.cancel()
      reader.cancel()
      _ = await node.result
      _ = await reader.result
    }
  }
}
