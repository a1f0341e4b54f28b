// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization
internal import TestTraits
internal import Testing

@Suite("Streams between nodes", .takingTurns, .timeLimit(.minutes(1)))
struct StreamTests {
  private static let message = SessionMessage(
    sessionID: Sample.session,
    node: Node(id: Sample.node, spec: NodeSpec(availability: .pause), role: .worker),
    managers: [WeightedPeer(nodeID: Sample.node, address: "10.0.0.1:2377", weight: 10)]
  )
  private static let request = SessionRequest(
    nodeID: Sample.node,
    description: NodeDescription(hostname: "host-1", platform: Platform(architecture: "x86_64", os: "linux")),
    sessionID: Sample.session
  )

  /// A stream that stays open, and the latch that opens when nobody reads it any more.
  private static func endless<Element: Sendable>(
    _ first: Element
  ) -> (AsyncThrowingStream<Element, any Error>, Latch) {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: Element.self, throwing: (any Error).self)
    let gone = Latch()
    continuation.onTermination = { _ in gone.open() }
    continuation.yield(first)
    return (stream, gone)
  }

  @Test("a session's request and messages arrive whole, and its end is an end")
  func session() async throws {
    var backend = ScriptedBackend()
    backend.onSession = { request in
      var expected = Self.request
      expected.remoteAddress = "127.0.0.1"
      #expect(request == expected)
      let (stream, continuation) = AsyncThrowingStream.makeStream(of: SessionMessage.self, throwing: (any Error).self)
      continuation.yield(Self.message)
      continuation.yield(SessionMessage(sessionID: Sample.session))
      continuation.finish()
      return stream
    }
    try await withClient(of: backend) { client, _ in
      var received: [SessionMessage] = []
      for try await message in try await client.session(Self.request) { received.append(message) }
      #expect(received == [Self.message, SessionMessage(sessionID: Sample.session)])
    }
  }

  @Test("assignments of every kind arrive in order")
  func assignments() async throws {
    let task = SwarmTask(
      id: Sample.task,
      spec: TaskSpecBox(TaskSpec(runtime: .container(ContainerSpec(image: "web", args: ["serve"])))),
      serviceID: Sample.service,
      slot: 3,
      nodeID: Sample.node,
      status: TaskStatus(state: .assigned),
      desiredState: .running,
      specVersion: Version(index: 9, ordinal: 2)
    )
    let messages = [
      AssignmentsMessage(kind: .complete, appliesTo: "", resultsIn: "1", changes: []),
      AssignmentsMessage(
        kind: .incremental,
        appliesTo: "1",
        resultsIn: "2",
        changes: [
          AssignmentChange(action: .update, object: .task(task)),
          AssignmentChange(action: .update, object: .secret(Secret(id: Sample.secret, spec: SecretSpec(data: [1, 2, 3])))),
          AssignmentChange(action: .remove, object: .config(Config(id: Sample.config))),
        ]
      ),
    ]
    var backend = ScriptedBackend()
    backend.onAssignments = { node, session in
      #expect(node == Sample.node)
      #expect(session == Sample.session)
      let (stream, continuation) = AsyncThrowingStream.makeStream(of: AssignmentsMessage.self, throwing: (any Error).self)
      for message in messages { continuation.yield(message) }
      continuation.finish()
      return stream
    }
    try await withClient(of: backend) { client, _ in
      var received: [AssignmentsMessage] = []
      for try await message in try await client.assignments(node: Sample.node, session: Sample.session) {
        received.append(message)
      }
      #expect(received == messages)
    }
  }

  @Test("a follower refuses with the leader's address before there is a stream")
  func follower() async throws {
    let refusal = SwarmError(code: .unavailable, message: "this manager isn't the leader", leaderHint: "10.0.0.2:2377")
    var backend = ScriptedBackend()
    backend.onSession = { _ in throw refusal }
    try await withClient(of: backend) { client, _ in
      let error = await #expect(throws: SwarmError.self) { _ = try await client.session(Self.request) }
      #expect(error == refusal)
    }
  }

  @Test("the error that ends a stream comes behind its messages")
  func failure() async throws {
    let failure = SwarmError(code: .aborted, message: "dispatcher is stopped")
    var backend = ScriptedBackend()
    backend.onSession = { _ in
      let (stream, continuation) = AsyncThrowingStream.makeStream(of: SessionMessage.self, throwing: (any Error).self)
      continuation.yield(Self.message)
      continuation.finish(throwing: failure)
      return stream
    }
    try await withClient(of: backend) { client, _ in
      var iterator = try await client.session(Self.request).makeAsyncIterator()
      let first = try await iterator.next()
      #expect(first == Self.message)
      let error = await #expect(throws: SwarmError.self) { _ = try await iterator.next() }
      #expect(error == failure)
    }
  }

  @Test("a reader that leaves ends the manager's side")
  func readerLeaves() async throws {
    let (stream, gone) = Self.endless(Self.message)
    var backend = ScriptedBackend()
    backend.onSession = { _ in stream }
    try await withClient(of: backend) { client, _ in
      for try await message in try await client.session(Self.request) {
        #expect(message == Self.message)
        break
      }
      await gone.wait()
      // The connection is still good.
      _ = try await client.health(service: "Raft")
    }
  }

  @Test("a reader whose task is cancelled ends the manager's side")
  func readerIsCancelled() async throws {
    let (stream, gone) = Self.endless(Self.message)
    var backend = ScriptedBackend()
    backend.onSession = { _ in stream }
    try await withClient(of: backend) { client, _ in
      await withThrowingTaskGroup(of: Void.self) { tasks in
        let reading = Latch()
        tasks.addTask {
          for try await _ in try await client.session(Self.request) { reading.open() }
        }
        await reading.wait()
        tasks.cancelAll()
        await gone.wait()
      }
    }
  }

  @Test("a client that hangs up ends the manager's side")
  func clientLeaves() async throws {
    let (stream, gone) = Self.endless(Self.message)
    var backend = ScriptedBackend()
    backend.onSession = { _ in stream }
    try await withClient(of: backend) { client, _ in
      var iterator = try await client.session(Self.request).makeAsyncIterator()
      _ = try await iterator.next()
      client.close()
      await gone.wait()
      let error = await #expect(throws: SwarmError.self) { while try await iterator.next() != nil {} }
      #expect(error?.code == .unavailable)
    }
  }

  @Test("a manager that shuts down ends its streams, and then itself")
  func managerLeaves() async throws {
    let (stream, gone) = Self.endless(Self.message)
    var backend = ScriptedBackend()
    backend.onSession = { _ in stream }
    try await withClient(of: backend) { client, listener in
      var iterator = try await client.session(Self.request).makeAsyncIterator()
      _ = try await iterator.next()
      listener.shutdown()
      await gone.wait()
      let error = await #expect(throws: SwarmError.self) { while try await iterator.next() != nil {} }
      #expect(error?.code == .unavailable)
    }
  }

  @Test("a manager that dies ends its streams at once")
  func managerDies() async throws {
    let (stream, _) = Self.endless(Self.message)
    var backend = ScriptedBackend()
    backend.onSession = { _ in stream }
    let scripted = backend
    let listener = try await SwarmListener.bind(.init(port: 0), on: group, logger: quiet)
    let serving = Task { try await listener.run(backend: scripted) { $0.close() } }
    try await ManagerClient.withConnection(
      to: listener.address,
      as: Sample.node,
      on: group,
      configuration: patient
    ) { client in
      var iterator = try await client.session(Self.request).makeAsyncIterator()
      _ = try await iterator.next()
      serving.cancel()
      let error = await #expect(throws: SwarmError.self) { while try await iterator.next() != nil {} }
      #expect(error?.code == .unavailable)
      _ = await serving.result
    }
  }

  /// Messages without end; opens a latch when many were taken, or when nobody can want more.
  private final class Flood: Sendable {
    private let isOver: Latch
    private let taken = Mutex(0)

    init(_ isOver: Latch) { self.isOver = isOver }

    deinit { self.isOver.open() }

    func next() -> SessionMessage {
      let count = self.taken.withLock { count in
        count += 1
        return count
      }
      if count == 5_000 { self.isOver.open() }
      return StreamTests.message
    }
  }

  @Test("a reader that is too slow loses the stream, not the memory")
  func slowReader() async throws {
    let isOver = Latch()
    var backend = ScriptedBackend()
    backend.onSession = { _ in
      let flood = Flood(isOver)
      return AsyncThrowingStream(unfolding: { flood.next() })
    }
    var slow = patient
    slow.streamBuffer = 4
    try await withClient(of: backend, configuration: slow) { client, _ in
      let messages = try await client.session(Self.request)
      await isOver.wait()
      var count = 0
      let error = await #expect(throws: SwarmError.self) {
        for try await _ in messages { count += 1 }
      }
      // What is still on its way when the reader begins finds room as it reads.
      #expect((4...64).contains(count))
      #expect(error?.code == .unavailable)
    }
  }
}
