// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmKitProtobuf
internal import SwarmModel
internal import SwarmWire
internal import Synchronization
internal import TestTraits
internal import Testing

@Suite("Logs between nodes", .takingTurns, .timeLimit(.minutes(1)))
struct LogCallTests {
  private static let subscription: LogSubscriptionID = Identifier(String(repeating: "l", count: 25)) ?? Identifier()
  private static let request = LogRequest(
    selector: LogSelector(services: [Sample.service], nodes: [Sample.node], tasks: [Sample.task]),
    sources: [.stderr],
    follow: true,
    tail: 12,
    since: Timestamp(nanoseconds: 1_700_000_000_000_000_123)
  )

  private static func line(_ text: String) -> LogMessage {
    LogMessage(
      service: Sample.service,
      node: Sample.node,
      task: Sample.task,
      time: Timestamp(nanoseconds: 1_700_000_000_123_456_789),
      source: .stdout,
      bytes: Array("\(text)\n".utf8),
      attributes: ["a": "1", "b": "2"]
    )
  }

  @Test(
    "SwarmKit's count of last lines: zero is all, minus one is none",
    arguments: [(nil, 0), (0, -1), (1, -2), (100, -101)] as [(Int?, Int64)]
  )
  func tail(count: Int?, wire: Int64) throws {
    var request = LogRequest(selector: LogSelector(), tail: count)
    let proto = request.proto
    #expect(proto.options.tail == wire)
    request = try LogRequest(proto)
    #expect(request.tail == count)
  }

  @Test("without streams both are meant, and counting from the beginning is refused")
  func options() throws {
    var proto = ProtoSubscribeLogsRequest()
    #expect(try LogRequest(proto).sources == [.stdout, .stderr])
    proto.options.tail = 1
    #expect(throws: SwarmError.self) { try LogRequest(proto) }
  }

  @Test("a node hears which logs are wanted, and which no more")
  func orders() async throws {
    let orders = [
      LogOrder(subscription: Self.subscription, request: Self.request), LogOrder(subscription: Self.subscription, request: nil),
    ]
    var backend = ScriptedBackend()
    backend.onLogOrders = { node in
      #expect(node == Sample.node)
      let (stream, continuation) = AsyncThrowingStream.makeStream(of: LogOrder.self, throwing: (any Error).self)
      for order in orders { continuation.yield(order) }
      continuation.finish()
      return stream
    }
    try await withClient(of: backend) { client, _ in
      var received: [LogOrder] = []
      for try await order in try await client.logOrders(node: Sample.node) { received.append(order) }
      #expect(received == orders)
    }
  }

  @Test("lines that a node publishes arrive whole and in order, and it is known that they have a connection of their own")
  func publishes() async throws {
    let publications = [
      LogPublication(subscription: Self.subscription, messages: [Self.line("one"), Self.line("two")]),
      LogPublication(subscription: Self.subscription, messages: [], isLast: true),
    ]
    let received = Mutex<[LogPublication]>([])
    var backend = ScriptedBackend()
    backend.onPublish = { publication, node, patience in
      #expect(node == Sample.node)
      #expect(patience == .endless)
      received.withLock { $0.append(publication) }
    }
    try await withClient(of: backend) { client, _ in
      try await client.publishLogs(node: Sample.node) { send in
        for publication in publications { try await send(publication) }
      }
      #expect(received.withLock { $0 } == publications)
    }
  }

  @Test("publishing that ends without a word is told")
  func breaksOff() async throws {
    let broke = Latch()
    var backend = ScriptedBackend()
    backend.onPublish = { _, _, _ in }
    backend.onBreak = { subscription, node in
      #expect(subscription == Self.subscription && node == Sample.node)
      broke.open()
    }
    try await withClient(of: backend) { client, _ in
      try await client.publishLogs(node: Sample.node) { send in
        try await send(LogPublication(subscription: Self.subscription, messages: [Self.line("one")]))
      }
      await broke.wait()
    }
  }

  @Test("another manager gets the lines that it asked for, and why some are missing")
  func subscribes() async throws {
    var backend = ScriptedBackend()
    backend.onSubscribe = { request, receive in
      #expect(request == Self.request)
      try await receive([Self.line("one"), Self.line("two")])
      try await receive([Self.line("three")])
      throw SwarmError(code: .dataLoss, message: "incomplete")
    }
    try await withClient(of: backend) { client, _ in
      let received = Mutex<[LogMessage]>([])
      let error = await #expect(throws: SwarmError.self) {
        try await client.subscribeLogs(Self.request) { messages in received.withLock { $0 += messages } }
      }
      #expect(error == SwarmError(code: .dataLoss, message: "incomplete"))
      #expect(received.withLock { $0 } == ["one", "two", "three"].map(Self.line))
    }
  }
}
