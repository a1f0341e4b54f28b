// SPDX-License-Identifier: Apache-2.0

import ProcessRuntime
import SwarmAgent
import SwarmModel
import Testing

@Suite("ProcessRuntime")
struct DescriptionTests {
  @Test("the node is described as this machine")
  func describe() async throws {
    let description = try await ProcessRuntime().describe()
    #expect(!description.hostname.isEmpty)
    #expect(description.platform.os == "linux")
    #expect(!description.platform.architecture.isEmpty)
    #expect(description.resources.nanoCPUs >= 1_000_000_000)
    #expect(description.resources.memoryBytes > 1 << 20)
  }

  @Test("the host name can be given")
  func hostname() async throws {
    let runtime = ProcessRuntime(configuration: ProcessRuntimeConfiguration(hostname: "alpha"))
    #expect(try await runtime.describe().hostname == "alpha")
  }

  @Test("a lease that a single late renewal would let run out is refused")
  func configuration() {
    #expect(throws: RuntimeError.self) {
      try ProcessRuntimeConfiguration(lease: .seconds(1), renewal: .seconds(1)).validate()
    }
    #expect(throws: RuntimeError.self) { try ProcessRuntimeConfiguration(logFileSize: 0).validate() }
    #expect(throws: Never.self) { try ProcessRuntimeConfiguration().validate() }
  }

  @Test("without a directory nothing works")
  func notOpen() async {
    let expected = RuntimeError(code: .invalidState, message: "the process runtime isn't open")
    await #expect(throws: expected) { try await ProcessRuntime().knownTasks() }
  }
}
