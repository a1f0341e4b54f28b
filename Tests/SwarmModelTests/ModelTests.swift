// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

@Suite("Model")
struct ModelTests {
  @Test("task states have SwarmKit's numbers and compare by progress")
  func states() {
    #expect(TaskState.allCases.map(\.rawValue) == [0, 64, 192, 256, 320, 384, 448, 512, 576, 640, 704, 768, 800, 832])
    #expect(TaskState.allCases.sorted() == TaskState.allCases)
  }

  @Test("times add and subtract, and stop at the ends of their range")
  func timestamps() {
    let time = Timestamp(nanoseconds: 1_000)
    #expect(time + .nanoseconds(5) - time == .nanoseconds(5))
    #expect(time - .seconds(1) < time)
    #expect(Timestamp(nanoseconds: .max) + .seconds(1) == Timestamp(nanoseconds: .max))
    #expect(Timestamp(nanoseconds: .min) - .seconds(1) == Timestamp(nanoseconds: .min))
    #expect(time + .seconds(Int64.max) == Timestamp(nanoseconds: .max))
    #expect(Timestamp(nanoseconds: .max) - Timestamp(nanoseconds: .min) > .seconds(18_000_000_000))
  }

  @Test("versions compare by index, then by position in the entry")
  func versions() {
    #expect(Version(index: 1, ordinal: 9) < Version(index: 2))
    #expect(Version(index: 2) < Version(index: 2, ordinal: 1))
    #expect(Version(index: 2, ordinal: 1).description == "2.1")
  }

  @Test("architectures have one name each")
  func platforms() {
    #expect(Platform(architecture: "x86_64", os: "linux").normalized.architecture == "amd64")
    #expect(Platform(architecture: "aarch64").normalized.architecture == "arm64")
    #expect(Platform(architecture: "amd64").accepts(Platform(architecture: "x86_64", os: "linux")))
    #expect(Platform().accepts(Platform(architecture: "riscv64", os: "linux")))
    #expect(!Platform(os: "windows").accepts(Platform(architecture: "amd64", os: "linux")))
  }

  @Test("what nobody said has docker's defaults")
  func defaults() {
    let spec = ServiceSpec()
    #expect(spec.mode == .replicated(replicas: 1))
    #expect(spec.effectiveUpdate == UpdateConfig(parallelism: 1, failureAction: .pause, order: .stopFirst))
    #expect(spec.effectiveUpdate.effectiveMonitor == .seconds(5))
    #expect(spec.task.effectiveRestart.condition == .any)
    #expect(spec.task.effectiveRestart.effectiveDelay == .seconds(5))
    #expect(ContainerSpec().effectiveStopGracePeriod == .seconds(10))
    let shown = spec.insertingDefaults()
    #expect(shown.task.container?.stopGracePeriod == .seconds(10))
    #expect(shown.task.restart?.delay == .seconds(5))
    #expect(shown.rollback?.monitor == .seconds(5))
    #expect(shown.insertingDefaults() == shown)
    #expect(ClusterSpec().caConfig.nodeCertExpiry == .seconds(90 * 24 * 3600))
    #expect(ClusterSpec().orchestration.taskHistoryRetentionLimit == 5)
  }

  @Test("a monitor is longer than the delay between batches", arguments: [(4, 5), (5, 6), (60, 61)])
  func monitor(delay: Int, expected: Int) {
    #expect(UpdateConfig(delay: .seconds(delay)).effectiveMonitor == .seconds(expected))
  }

  @Test("error codes read back from what is stored")
  func errorCodes() {
    for raw in 1...16 as ClosedRange<UInt16> {
      #expect(SwarmError.Code(rawValue: raw)?.rawValue == raw)
    }
    #expect(SwarmError.Code(rawValue: 0) == nil)
    #expect(SwarmError.Code.outOfSequence.description == "outOfSequence")
  }

  @Test("errors survive encoding without their cause")
  func errorCodec() throws {
    struct Cause: Error {}
    let error = SwarmError(code: .notManager, message: "m", cause: Cause(), leaderHint: "h:1")
    let read = try SwarmError(encoded: error.encoded())
    #expect(read == error)
    #expect(read.cause == nil)
    #expect(error.description == #"notManager: "m" (cause: Cause())"#)
  }

  @Test("boxes are equal when their values are")
  func boxes() {
    #expect(TaskSpecBox(TaskSpec()) == TaskSpecBox(TaskSpec()))
    #expect(TaskSpecBox(TaskSpec()) != TaskSpecBox(TaskSpec(forceUpdate: 1)))
  }

  @Test("what holds keys and tokens shows none of them, also inside of others")
  func secrecy() {
    let canary = Array("CANARY".utf8)
    let rootCA = RootCA(
      caKey: canary,
      joinTokens: JoinTokens(worker: "CANARY", manager: "CANARY"),
      rootRotation: RootRotation(caKey: canary)
    )
    let cluster = Cluster(rootCA: rootCA, unlockKeys: [NetworkKey(key: canary)])
    for text in ["\(cluster)", String(reflecting: cluster), "\(rootCA)", "\(rootCA.joinTokens)", "\([rootCA.rootRotation])"] {
      #expect(!text.contains("CANARY") && !text.contains("67, 65"), "\(text)")
    }
  }
}
