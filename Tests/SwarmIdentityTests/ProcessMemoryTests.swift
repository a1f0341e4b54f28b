// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmIdentity
import Testing

@Suite("The process's memory")
struct ProcessMemoryTests {
  // In a process of its own: the tests' process shall stay open to debuggers.
  @Test("once dumps are forbidden, the kernel says so")
  func forbid() async {
    await #expect(processExitsWith: .success) {
      guard ProcessMemory.mayBeDumped else { exit(2) }
      try ProcessMemory.forbidDumps()
      guard !ProcessMemory.mayBeDumped else { exit(3) }
      let limits = try String(contentsOfFile: "/proc/self/limits", encoding: .utf8)
      guard let cores = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max core file size") }),
        cores.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"]
      else { exit(4) }
    }
  }
}
