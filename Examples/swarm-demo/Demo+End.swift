// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import ProcessCluster

extension Demo {
  /// Stops every node, workers first, waits for the last process and removes all files.
  func cleanUp() async -> Bool {
    self.screen.headline("Everything stops")
    let began = ContinuousClock.now
    for node in self.nodes.reversed() {
      _ = try? await node.terminate()
    }
    // Tasks of a killed node live until the lease that their node should have renewed runs out.
    while !Self.processes(in: self.directory).isEmpty {
      guard ContinuousClock.now - began < .seconds(20) else {
        self.screen.result("these processes are left: \(Self.processes(in: self.directory))", took: nil)
        return false
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    try? FileManager.default.removeItem(atPath: self.directory)
    self.screen.result("nothing is left behind", took: ContinuousClock.now - began)
    return true
  }

  func explainKeeping() {
    let sockets = self.nodes.filter { $0.kind == .manager && !$0.hasEnded }.map(\.socket)
    print(
      """

      The swarm goes on. Talk to it with

        swift run swarmctl -H unix://\(sockets.first ?? "") node ls
        docker -H unix://\(sockets.first ?? "") service ls

      and end it with

        pkill -TERM -f \(self.directory)
      """
    )
  }

  /// The processes that were started below a directory: by their working directory or by a word of their command line.
  private static func processes(in directory: String) -> [Int] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap(Int.init).filter { pid in
      let working = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
      let command = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
      return pid != Int(getpid()) && (working.hasPrefix(directory) || command.contains(directory))
    }
  }
}
