// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Foundation
internal import Synchronization

/// A real Docker Engine that only these tests use.
///
/// It is started once, in a directory of its own and without a network, and ends with the tests. `SWARM_TEST_DOCKER_SOCKET` names one that runs already and
/// has the image `alpine:latest` with a shell.
package struct TestEngine: Sendable {
  /// An image that every engine of these tests has: a shell and the usual programs.
  package static let image = "alpine:latest"

  /// The engine's socket.
  package let socketPath: String

  /// The engine, or why there is none.
  package static let shared: Result<TestEngine, Reason> = {
    do {
      return .success(try start())
    } catch let reason as Reason {
      return .failure(reason)
    } catch {
      return .failure(Reason(text: "\(error)"))
    }
  }()

  /// Whether the tests can run.
  package static var isThere: Bool { (try? self.shared.get()) != nil }

  /// Why they can't.
  package static var reason: String {
    guard case .failure(let reason) = self.shared else { return "" }
    return "no Docker Engine to test with: \(reason.text)"
  }

  package struct Reason: Error {
    /// The reason, for people.
    package var text: String

    package init(text: String) {
      self.text = text
    }
  }

  private static func start() throws -> TestEngine {
    if let socket = ProcessInfo.processInfo.environment["SWARM_TEST_DOCKER_SOCKET"] { return TestEngine(socketPath: socket) }
    try self.require(["dockerd", "docker", "busybox", "tar"])
    let directory = "/tmp/swarm-docker-\(getpid())"
    let socket = "\(directory)/d.sock"
    let engine = Process()
    engine.executableURL = URL(filePath: "/bin/sh")
    // The engine ends when nobody holds the other end of its input any more, however this process ends.
    engine.arguments = [
      "-c",
      """
      mkdir -p \(directory); \(self.imageRoot("\(directory)/root"))
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
    let ready = self.runHere(
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

  /// Complains about what an engine can't be started without.
  static func require(_ programs: [String]) throws(Reason) {
    guard geteuid() == 0 else { throw Reason(text: "only root can start dockerd") }
    for program in programs where self.runHere("command -v \(program)").code != 0 {
      throw Reason(text: "\(program) isn't installed")
    }
  }

  /// Shell commands that make the files of ``image`` in a directory.
  static func imageRoot(_ directory: String) -> String {
    """
    mkdir -p \(directory)/bin \(directory)/tmp \(directory)/etc
    cp "$(command -v busybox)" \(directory)/bin/box
    for applet in $(busybox --list); do ln -sf box \(directory)/bin/$applet; done
    echo 'root:x:0:0:root:/:/bin/sh' > \(directory)/etc/passwd
    """
  }

  private static let keptOpen = Mutex<[Pipe]>([])

  /// Runs a line of shell, on a thread of its own: the tasks under test need those of the pool.
  package static func run(_ line: String) async -> (code: Int32, output: String) {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: self.runHere(line)) }
    }
  }

  /// Runs a line of shell and waits for it.
  static func runHere(_ line: String) -> (code: Int32, output: String) {
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
  package func docker(_ arguments: String) async -> (code: Int32, output: String) {
    await Self.run("timeout 100 docker -H unix://\(self.socketPath) \(arguments)")
  }
}
