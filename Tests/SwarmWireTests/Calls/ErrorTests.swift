// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import NIOCore
internal import NIOPosix
internal import SwarmModel
internal import SwarmWire
internal import TestTraits
internal import Testing

@Suite("Errors across the wire", .takingTurns, .timeLimit(.minutes(1)))
struct ErrorTests {
  static let allCodes: [SwarmError.Code] = (1...UInt16(64)).compactMap { SwarmError.Code(rawValue: $0) }

  @Test("every error arrives as it was thrown", arguments: allCodes)
  func exact(code: SwarmError.Code) async throws {
    let thrown = SwarmError(code: code, message: "service wéb not found", leaderHint: "10.0.0.7:2377")
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in throw thrown }
    backend.onSubmit = { _ in throw thrown }
    try await withClient(of: backend) { client, _ in
      let first = await #expect(throws: SwarmError.self) {
        try await client.heartbeat(node: Sample.node, session: Sample.session)
      }
      let second = await #expect(throws: SwarmError.self) { try await client.submit([1]) }
      #expect(first == thrown)
      #expect(second == thrown)
    }
  }

  @Test("SwarmKit's managers are understood by gRPC's code alone")
  func foreign() {
    let codes: [(RPCError.Code, SwarmError.Code)] = [
      (.notFound, .notFound), (.invalidArgument, .invalidArgument), (.aborted, .aborted), (.unavailable, .unavailable),
      (.permissionDenied, .permissionDenied), (.failedPrecondition, .failedPrecondition), (.unimplemented, .unimplemented),
      (.resourceExhausted, .unavailable), (.unauthenticated, .permissionDenied), (.internalError, .internalError),
    ]
    for (foreign, own) in codes {
      #expect(SwarmError(RPCError(code: foreign, message: "why")) == SwarmError(code: own, message: "why"))
    }
    #expect(SwarmError(RPCError(code: .unknown, message: "update out of sequence")).code == .outOfSequence)
  }

  @Test("our errors use the codes of SwarmKit")
  func codes() {
    let codes: [(SwarmError.Code, Int)] = [
      (.invalidArgument, 3), (.deadlineExceeded, 4), (.notFound, 5), (.alreadyExists, 6), (.permissionDenied, 7),
      (.failedPrecondition, 9), (.aborted, 10), (.unimplemented, 12), (.internalError, 13), (.unavailable, 14),
      (.outOfSequence, 2),
    ]
    for (own, number) in codes {
      #expect(SwarmError(code: own, message: "").rpcErrorCode.rawValue == number)
    }
  }

  @Test("what isn't a SwarmError reaches the caller without its details")
  func unexpected() async throws {
    struct Private: Error {}
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in throw Private() }
    try await withClient(of: backend) { client, _ in
      let error = await #expect(throws: SwarmError.self) {
        try await client.heartbeat(node: Sample.node, session: Sample.session)
      }
      #expect(error?.code == .internalError)
      #expect(error?.message.contains("Private") == false)
    }
  }

  @Test("nobody at the address is unavailable, no address at all is invalid")
  func unreachable() async throws {
    // Nothing listens at port 1, and no test that runs meanwhile can take it by chance.
    let refused = await #expect(throws: SwarmError.self) {
      _ = try await ManagerClient.connect(to: "127.0.0.1:1", as: nil, on: group)
    }
    #expect(refused?.code == .unavailable)
    #expect(refused?.message.contains("127.0.0.1:1") == true)
    let invalid = await #expect(throws: SwarmError.self) {
      _ = try await ManagerClient.connect(to: "2377", as: nil, on: group)
    }
    #expect(invalid?.code == .invalidArgument)
  }

  @Test("a connection that nobody runs can be closed, or just dropped", arguments: [true, false])
  func idle(isClosed: Bool) async throws {
    try await withListener(ScriptedBackend()) { listener in
      let client = try await ManagerClient.connect(to: listener.address, as: Sample.node, on: group)
      if isClosed { client.close() }
    }
  }

  @Test("a manager that accepts and then says nothing is given up")
  func mute() async throws {
    let mute = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    let address = "127.0.0.1:\(mute.localAddress?.port ?? 0)"
    let configuration = ManagerClient.Configuration(requestTimeout: .milliseconds(50))
    try await ManagerClient.withConnection(to: address, as: Sample.node, on: group, configuration: configuration) { client in
      let call = await #expect(throws: SwarmError.self) {
        try await client.heartbeat(node: Sample.node, session: Sample.session)
      }
      #expect(call?.code == .deadlineExceeded)
      let stream = await #expect(throws: SwarmError.self) {
        _ = try await client.assignments(node: Sample.node, session: Sample.session)
      }
      #expect(stream?.code == .deadlineExceeded)
      let request = await #expect(throws: SwarmError.self) { try await client.submit([1]) }
      #expect(request?.code == .outcomeUnknown)
    }
    try await mute.close()
  }

  @Test("a request on its way when the manager dies has an unknown outcome; one after that has none")
  func lost() async throws {
    let arrived = Latch()
    var backend = ScriptedBackend()
    backend.onSubmit = { _ in
      arrived.open()
      try await Task.sleep(for: .seconds(3_600))
      return []
    }
    let scripted = backend
    let listener = try await SwarmListener.bind(.init(port: 0), on: group, logger: quiet)
    let serving = Task { try await listener.run(backend: scripted) { $0.close() } }
    try await ManagerClient.withConnection(
      to: listener.address,
      as: Sample.node,
      on: group,
      configuration: patient
    ) { client in
      let outcome = Task { try await client.submit([1]) }
      await arrived.wait()
      serving.cancel()
      let lost = await #expect(throws: SwarmError.self) { try await outcome.value }
      #expect(lost?.code == .outcomeUnknown)
      _ = await serving.result
      await #expect(throws: SwarmError.self) { try await client.submit([2]) }
      let late = await #expect(throws: SwarmError.self) {
        _ = try await client.assignments(node: Sample.node, session: Sample.session)
      }
      #expect(late?.code == .unavailable)
    }
  }
}
