// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A real Docker Engine that only these tests use.
///
/// It is started once, in a directory of its own and without a network, and ends with the tests. `SWARM_TEST_DOCKER_SOCKET` names one that runs already and
/// has the image `alpine:latest` with a shell.
struct TestEngine: Sendable {
  static let image = "alpine:latest"

  let socketPath: String

  /// The engine, or why there is none.
  static let shared: Result<TestEngine, Reason> = {
    do {
      return .success(try start())
    } catch let reason as Reason {
      return .failure(reason)
    } catch {
      return .failure(Reason(text: "\(error)"))
    }
  }()

  /// Whether the tests can run.
  static var isThere: Bool { (try? self.shared.get()) != nil }

  /// Why they can't.
  static var reason: String {
    guard case .failure(let reason) = self.shared else { return "" }
    return "no Docker Engine to test with: \(reason.text)"
  }

  struct Reason: Error {
    var text: String
  }

  private static func start() throws -> TestEngine {
    if let socket = ProcessInfo.processInfo.environment["SWARM_TEST_DOCKER_SOCKET"] { return TestEngine(socketPath: socket) }
    guard geteuid() == 0 else { throw Reason(text: "only root can start dockerd") }
    for program in ["dockerd", "docker", "busybox", "tar"] {
      guard run("command -v \(program)").code == 0 else { throw Reason(text: "\(program) isn't installed") }
    }
    let directory = "/tmp/swarm-docker-\(getpid())"
    let socket = "\(directory)/d.sock"
    let engine = Process()
    engine.executableURL = URL(filePath: "/bin/sh")
    // The engine ends when nobody holds the other end of its input any more, however this process ends.
    engine.arguments = [
      "-c",
      """
      mkdir -p \(directory)/root/bin \(directory)/root/tmp \(directory)/root/etc
      cp "$(command -v busybox)" \(directory)/root/bin/box
      for applet in $(busybox --list); do ln -sf box \(directory)/root/bin/$applet; done
      echo 'root:x:0:0:root:/:/bin/sh' > \(directory)/root/etc/passwd
      dockerd --data-root \(directory)/data --exec-root \(directory)/exec -H unix://\(socket) --pidfile \(directory)/pid \
        --iptables=false --bridge=none --storage-driver vfs --cgroup-parent swarm-docker-\(getpid()) \
        > \(directory)/log 2>&1 < /dev/null &
      engine=$!
      read end
      kill $engine; wait $engine; rm -rf \(directory)
      """,
    ]
    let input = Pipe()
    engine.standardInput = input
    try engine.run()
    keptOpen.withLock { $0.append(input) }
    let docker = "docker -H unix://\(socket)"
    let ready = run(
      """
      for try in $(seq 100); do \(docker) version >/dev/null 2>&1 && break; sleep 0.2; done
      \(docker) version >/dev/null && tar -C \(directory)/root -c . | \(docker) import - \(image) && \(docker) run --rm --network none \(image) true
      """
    )
    guard ready.code == 0 else {
      let words = ready.output.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("sha256:") }.joined(separator: "; ")
      throw Reason(text: "dockerd doesn't run containers here: \(words.prefix(500))")
    }
    return TestEngine(socketPath: socket)
  }

  private static let keptOpen = Mutex<[Pipe]>([])

  /// Runs a line of shell.
  static func run(_ line: String) -> (code: Int32, output: String) {
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", line]
    let output = Pipe()
    shell.standardOutput = output
    shell.standardError = output
    guard (try? shell.run()) != nil else { return (127, "no shell") }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    return (shell.terminationStatus, text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Runs a command of the docker client.
  @discardableResult
  func docker(_ arguments: String) -> (code: Int32, output: String) {
    Self.run("docker -H unix://\(self.socketPath) \(arguments)")
  }
}
