// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwarmAgent

@Suite("What is used of a machine")
struct HostUsageTests {
  @Test("busy time leaves idle time and waiting for disks out; memory is what isn't available")
  func parsed() {
    let usage = HostUsage(
      stat: """
        cpu  100 20 30 4000 500 6 7 8 90 1
        cpu0 50 10 15 2000 250 3 3 4 45 0
        cpu1 50 10 15 2000 250 3 4 4 45 1
        intr 1 2 3
        """,
      meminfo: "MemTotal:        1000 kB\nMemFree:  10 kB\nMemAvailable:     400 kB\nSwapTotal: 0 kB\n",
      ticks: 100
    )
    #expect(usage.processors == 2)
    #expect(usage.cpuTime == .milliseconds(1710))
    #expect(usage.memoryTotal == 1_024_000 && usage.memoryBytes == 614_400)
  }

  @Test("what can't be read is zero", arguments: ["", "cpu", "cpu x y z\nMemTotal:", "MemTotal: 99999999999999999999 kB"])
  func damaged(text: String) {
    let usage = HostUsage(stat: text, meminfo: text, ticks: 0)
    #expect(usage.cpuTime == .zero && usage.memoryBytes == 0)
  }

  @Test("this machine has processors, memory and has worked")
  func now() {
    let usage = HostUsage.now()
    #expect(usage.processors > 0 && usage.memoryTotal > usage.memoryBytes && usage.memoryBytes > 0 && usage.cpuTime > .zero)
  }
}
