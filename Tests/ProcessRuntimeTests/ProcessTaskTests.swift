// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("Process tasks", .takingTurns)
struct ProcessTaskTests {
  @Test("the exit code is the command's", arguments: [0, 1, 3, 126, 127, 255] as [Int32])
  func exitCode(code: Int32) async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("exit \(code)"))
      let status = try await task.launch()
      #expect(status.pid > 1)
      let exit = try await task.wait()
      #expect(exit.exitCode == code)
      #expect(exit.signal == nil)
      #expect(exit.isSuccess == (code == 0))
      #expect(exit.exitedAt.nanoseconds > 1_600_000_000_000_000_000)
      #expect(try await task.wait() == exit)
    }
  }

  @Test("a signal that ends the command is told")
  func signalled() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("kill -USR1 $$"))
      try await task.launch()
      let exit = try await task.wait()
      #expect(exit.exitCode == 138)
      #expect(exit.signal == 10)
    }
  }

  @Test("the environment is the default one, the swarm's variables and the spec's, nothing of the host's")
  func environment() async throws {
    try await TestNode.with { node in
      let spec = try commandTask(["env"]) { spec in
        spec.env = ["GREETING=hello world", "HOME=/nowhere", "HOSTNAME"]
      }
      let task = try await node.controller(spec)
      try await task.launch()
      _ = try await task.wait()
      let lines = try await task.output().map { $0.dropFirst(2).trimmingCharacters(in: .newlines) }
      #expect(
        lines.sorted() == [
          "GREETING=hello world",
          "HOME=/nowhere",
          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "SWARM_NODE_HOSTNAME=testnode",
          "SWARM_NODE_ID=\(node.id)",
          "SWARM_SERVICE_NAME=web",
          "SWARM_TASK_ID=\(spec.id)",
          "SWARM_TASK_NAME=web.1.\(spec.id)",
          "SWARM_TASK_SLOT=1",
        ]
      )
    }
  }

  @Test("a task's ports in host mode are open at the numbers that were given")
  func ports() async throws {
    try await TestNode.with { node in
      var task = try shellTask("exit 0")
      let port = PortConfig(protocol: .udp, targetPort: 53, publishedPort: 10_053, publishMode: .host)
      task.endpoint = Endpoint(ports: [
        port, PortConfig(targetPort: 81, publishMode: .host), PortConfig(targetPort: 82, publishedPort: 8082),
      ])
      let controller = try await node.controller(task)
      try await controller.launch()
      #expect(try await controller.openPorts() == [port])
    }
  }

  @Test("a task has a working directory of its own unless its spec names one")
  func workingDirectory() async throws {
    try await TestNode.with { node in
      let own = try shellTask("pwd; touch file", 1)
      let named = try shellTask("pwd", 2) { $0.dir = "/usr" }
      let first = try await node.controller(own)
      let second = try await node.controller(named)
      for task in [first, second] {
        try await task.launch()
        #expect(try await task.wait().isSuccess)
      }
      let work = "\(node.context.directory(of: own.id))/work"
      #expect(try await first.output() == ["1:\(work)\n"])
      #expect(FileManager.default.fileExists(atPath: "\(work)/file"))
      #expect(try await second.output() == ["1:/usr\n"])
    }
  }

  @Test("signals, masks, descriptors and umask are as a fresh login has them")
  func cleanProcess() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("umask; grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd"))
      try await task.launch()
      _ = try await task.wait()
      let lines = try await task.output().map { $0.dropFirst(2).trimmingCharacters(in: .newlines) }
      #expect(lines.prefix(3) == ["0022", "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"])
      // The fourth is the directory that `ls` reads.
      #expect(lines.dropFirst(3) == ["0", "1", "2", "3"])
    }
  }

  @Test("the shim has a session of its own and none of the host's descriptors")
  func shimIsDetached() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("echo ready; exec sleep 1000")
      let task = try await node.controller(spec)
      let status = try await task.launch()
      try await task.waitForLine("ready")
      let record = try node.record(spec)
      #expect(record.task.pid == status.pid)
      #expect(getsid(record.shim.pid) == record.shim.pid)
      #expect(getpgid(record.task.pid) == record.task.pid)
      #expect(getsid(record.task.pid) == record.shim.pid)
      let name = try String(contentsOfFile: "/proc/\(record.shim.pid)/cmdline", encoding: .utf8)
      #expect(name.split(separator: "\0") == ["swarm-task", "web.1.\(spec.id)"])
      for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(record.shim.pid)/fd") {
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(record.shim.pid)/fd/\(descriptor)")
        #expect(
          target == "/dev/null" || target.hasPrefix(node.context.directory) || target.hasPrefix("anon_inode:[")
            || target.hasPrefix("pipe:"),
          "\(descriptor) is \(target)"
        )
        #expect(target != "\(node.context.directory)/lock")
      }
    }
  }

  @Test("a program that isn't there is an error of the start, not an exit code")
  func missingProgram() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(commandTask(["no-such-program", "x"]))
      try await task.prepare()
      let expected = RuntimeError(code: .notFound, message: "cannot execute \"no-such-program\": No such file or directory")
      await #expect(throws: expected) { try await task.start() }
      await #expect(throws: expected) { try await task.start() }
      #expect(try await task.wait().exitCode == 127)
    }
  }

  @Test("a file that can't be executed is an error of the start")
  func notExecutable() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(commandTask(["/etc/passwd"]))
      try await task.prepare()
      await #expect(throws: RuntimeError(code: .notFound, message: "cannot execute \"/etc/passwd\": Permission denied")) {
        try await task.start()
      }
    }
  }

  @Test("a working directory that isn't there is an error of the preparation")
  func missingDirectory() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("true") { $0.dir = "/no/such/directory" })
      let expected = RuntimeError(
        code: .invalidArgument,
        message: "cannot use the working directory /no/such/directory: No such file or directory"
      )
      await #expect(throws: expected) { try await task.prepare() }
    }
  }

  @Test("starting twice finds the task started")
  func startTwice() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("echo run; exec sleep 1000"))
      let first = try await task.launch()
      #expect(try await task.start() == first)
      try await task.terminate()
      #expect(try await task.start().exitCode == 137)
      #expect(try await task.output() == ["1:run\n"])
    }
  }

  @Test("starts at the same time run one task")
  func startsAtOnce() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("echo run; exec sleep 1000"))
      try await task.prepare()
      let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
        for _ in 0..<8 { group.addTask { try await task.start().pid } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(pids.count == 1)
      try await task.waitForLine("run")
      try await task.terminate()
      #expect(try await task.output() == ["1:run\n"])
    }
  }

  @Test("fifty tasks in parallel")
  func many() async throws {
    try await TestNode.with { node in
      let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
        for number in 1...50 {
          group.addTask {
            let task = try await node.controller(shellTask("echo \(number); exit \(number)", number))
            try await task.launch()
            let exit = try await task.wait()
            #expect(try await task.output() == ["1:\(number)\n"])
            try await task.remove()
            return exit.exitCode
          }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(codes == Set(1...50))
      #expect(try await node.runtime.knownTasks().isEmpty)
    }
  }
}
