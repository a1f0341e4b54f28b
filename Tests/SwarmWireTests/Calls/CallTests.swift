// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization
internal import TestTraits
internal import Testing

@Suite("Calls between nodes", .takingTurns, .timeLimit(.minutes(1)))
struct CallTests {
  @Test("a heartbeat names node and session, and brings the next period back")
  func heartbeat() async throws {
    var backend = ScriptedBackend()
    backend.onHeartbeat = { node, session in
      #expect(node == Sample.node)
      #expect(session == Sample.session)
      return .milliseconds(4_750)
    }
    try await withClient(of: backend) { client, _ in
      let period = try await client.heartbeat(node: Sample.node, session: Sample.session)
      #expect(period == .milliseconds(4_750))
    }
  }

  @Test("task statuses arrive as they were observed")
  func statuses() async throws {
    let updates = [
      TaskStatusUpdate(
        task: Sample.task,
        status: TaskStatus(
          timestamp: Timestamp(nanoseconds: 1_234_567_890_123_456_789),
          state: .failed,
          err: "task: non-zero exit (3)",
          container: ContainerStatus(containerID: "abc", pid: 7, exitCode: 3)
        )
      )
    ]
    let received = Mutex<[TaskStatusUpdate]>([])
    var backend = ScriptedBackend()
    backend.onStatus = { _, _, updates in received.withLock { $0 += updates } }
    try await withClient(of: backend) { client, _ in
      try await client.updateTaskStatus(node: Sample.node, session: Sample.session, updates: updates)
    }
    #expect(received.withLock { $0 } == updates)
  }

  @Test("an application for a certificate arrives whole, and the certificate comes back as it was issued")
  func certificates() async throws {
    let certificate = NodeCertificate(
      role: .manager,
      csr: [1, 2],
      status: IssuanceStatus(state: .issued),
      certificate: [3, 4],
      cn: "\(Sample.node)"
    )
    var backend = ScriptedBackend()
    backend.onIssue = { application in
      #expect(
        application
          == CertificateApplication(csr: [1, 2], token: "SWMTKN-1-a-b", availability: .drain, caller: nil, address: "127.0.0.1")
      )
      return Sample.node
    }
    backend.onCertificate = { node in
      #expect(node == Sample.node)
      return certificate
    }
    backend.onRoots = { [5, 6] }
    backend.onUnlockKey = { ([7], Version(index: 8)) }
    try await withClient(of: backend, as: nil) { client, _ in
      let application = CertificateApplication(csr: [1, 2], token: "SWMTKN-1-a-b", availability: .drain)
      let id = try await client.issueCertificate(application)
      #expect(id == Sample.node)
      let received = try await client.certificate(of: id)
      #expect(received == certificate)
      let roots = try await client.rootCertificates()
      #expect(roots == [5, 6])
      let unlock = try await client.unlockKey()
      #expect(unlock.key == [7] && unlock.version == Version(index: 8))
    }
  }

  @Test("a manager joins the consensus group and leaves it")
  func membership() async throws {
    let join = RaftJoin(
      raftID: 42,
      clusterID: Sample.cluster,
      members: [.init(raftID: 1, nodeID: Sample.node, address: "10.0.0.1:2377")]
    )
    let left = Mutex<UInt64?>(nil)
    var backend = ScriptedBackend()
    backend.onJoin = { node, address in
      #expect(node == Sample.node)
      // The listener fills in where the call came from.
      #expect(address == "127.0.0.1:2399")
      return join
    }
    backend.onLeave = { raftID in left.withLock { $0 = raftID } }
    try await withClient(of: backend) { client, _ in
      let told = try await client.joinRaft(node: Sample.node, address: "0.0.0.0:2399")
      #expect(told == join)
      try await client.leaveRaft(raftID: 42)
    }
    #expect(left.withLock { $0 } == 42)
  }

  @Test("a request's bytes go there and its answer's come back")
  func submit() async throws {
    var backend = ScriptedBackend()
    backend.onSubmit = { $0.reversed() }
    try await withClient(of: backend) { client, _ in
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let answer = try await client.submit(bytes)
      #expect(answer == bytes.reversed())
    }
  }

  @Test("an answer may be longer than gRPC's usual 4 MiB")
  func longAnswer() async throws {
    var backend = ScriptedBackend()
    backend.onSubmit = { _ in [UInt8](repeating: 7, count: 5 << 20) }
    try await withClient(of: backend) { client, _ in
      let answer = try await client.submit([])
      #expect(answer.count == 5 << 20)
    }
  }

  @Test("health is told per service", arguments: ["Raft", "other"])
  func health(service: String) async throws {
    var backend = ScriptedBackend()
    backend.onHealth = { $0 == "Raft" }
    try await withClient(of: backend) { client, _ in
      let isHealthy = try await client.health(service: service)
      #expect(isHealthy == (service == "Raft"))
    }
  }

  @Test("many calls share the connection")
  func concurrent() async throws {
    var backend = ScriptedBackend()
    backend.onSubmit = { $0 }
    try await withClient(of: backend) { client, _ in
      try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for number in 0..<64 as Range<UInt8> {
          tasks.addTask { try await client.submit([number]) == [number] }
        }
        for try await isEcho in tasks { #expect(isEcho) }
      }
    }
  }

  @Test("who has no id yet gets through to where ids are given")
  func anonymous() async throws {
    try await withClient(of: ScriptedBackend(), as: nil) { client, _ in
      let error = await #expect(throws: SwarmError.self) {
        try await client.issueCertificate(CertificateApplication(csr: []))
      }
      #expect(error == ScriptedBackend.unscripted)
    }
  }
}
