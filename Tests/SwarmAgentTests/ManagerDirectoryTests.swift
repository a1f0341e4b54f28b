// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("ManagerDirectory")
struct ManagerDirectoryTests {
  func peer(_ number: UInt64, _ address: String, weight: Int64 = 1) -> WeightedPeer {
    WeightedPeer(nodeID: AgentHost.makeID("n", number), address: address, weight: weight)
  }

  @Test("managers that the node heard of elsewhere are tried after those that a manager named")
  func hearsay() {
    var directory = ManagerDirectory(seeds: ["a"])
    directory.update([self.peer(1, "b")])
    directory.heard(["c", "a"])
    #expect(directory.addresses == ["b", "c", "a"])
    // Also in the middle of a round.
    #expect(directory.next() == .connect("a"))
    directory.failed("a")
    #expect(directory.next() == .connect("c"))
    directory.heard([])
    #expect(directory.addresses == ["b", "a"])
  }

  @Test("every address is tried once before the first pause, and pauses double up to eight seconds")
  func rounds() {
    var directory = ManagerDirectory(seeds: ["a", "b"])
    var pauses: [Duration] = []
    for _ in 0..<10 {
      for address in ["a", "b"] {
        #expect(directory.next() == .connect(address))
        directory.failed(address)
      }
      guard case .wait(let pause) = directory.next() else {
        Issue.record("no pause")
        return
      }
      pauses.append(pause)
    }
    #expect(pauses.prefix(4) == [.milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400)])
    #expect(pauses.suffix(2) == [.seconds(8), .seconds(8)])
  }

  @Test("the managers' own list comes first, the seeds stay as a last resort")
  func learned() {
    var directory = ManagerDirectory(seeds: ["seed", "b"])
    directory.update([self.peer(2, "b"), self.peer(1, "a"), self.peer(3, ""), self.peer(4, "heavy", weight: 5)])
    #expect(directory.addresses == ["heavy", "a", "b", "seed"])
    directory.update([])
    #expect(directory.addresses == ["heavy", "a", "b", "seed"])
  }

  @Test("after a stable session the next round begins at once with the same manager, and pauses begin anew")
  func stable() {
    var directory = ManagerDirectory(seeds: ["a", "b"])
    for _ in 0..<5 { if case .connect(let address) = directory.next() { directory.failed(address) } }
    directory.failed("b", lifetime: .seconds(60))
    #expect(directory.next() == .connect("b"))
    directory.failed("b")
    #expect(directory.next() == .connect("a"))
    directory.failed("a")
    #expect(directory.next() == .wait(.milliseconds(50)))
  }

  @Test("a session that breaks at once is followed by a pause")
  func unstable() {
    var directory = ManagerDirectory(seeds: ["a"])
    #expect(directory.next() == .connect("a"))
    directory.failed("a", lifetime: .milliseconds(3))
    #expect(directory.next() == .wait(.milliseconds(50)))
    #expect(directory.next() == .connect("a"))
    directory.failed("a", lifetime: .milliseconds(3))
    #expect(directory.next() == .wait(.milliseconds(100)))
  }

  @Test("hints are followed at once, but not in circles")
  func hints() {
    var directory = ManagerDirectory(seeds: ["a", "b"])
    #expect(directory.next() == .connect("a"))
    directory.failed("a", hint: "b")
    for (from, to) in [("b", "a"), ("a", "b")] {
      #expect(directory.next() == .connect(from))
      directory.failed(from, hint: to)
    }
    #expect(directory.next() == .connect("b"))
    directory.failed("b", hint: "a")
    #expect(directory.next() == .wait(.milliseconds(50)))
  }
}
