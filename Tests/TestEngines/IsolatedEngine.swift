// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Foundation
internal import Synchronization

/// A Docker Engine in namespaces of its own, which a test may kill and start again.
///
/// Its processes, mounts and network belong to the namespaces, and all are gone when the first process in them ends: at the end of the test, or of this process,
/// however it ends. A pair of interfaces connects the engine with this machine.
package final class IsolatedEngine: Sendable {
  /// The name of the engine's machine.
  package static let hostname = "engine"

  /// This machine's address, as the engine sees it.
  package let hostAddress: String
  /// The engine's address.
  package let address: String
  /// The engine's socket.
  package let socketPath: String

  private let directory: String
  private let shell = Process()
  private let input = Pipe()

  /// Why there can't be such an engine; empty when there can be.
  package static let reason: String = {
    do throws(TestEngine.Reason) {
      try TestEngine.require(["dockerd", "docker", "busybox", "tar", "ip", "iptables", "unshare", "nsenter"])
      _ = try TestEngine.shared.get()
      let tried = TestEngine.runHere(
        """
        unshare --net --mount --pid --uts --fork --kill-child --mount-proc \
          sh -c 'mount -t tmpfs tmpfs /tmp && ip link add eth0 type veth peer name eth1'
        """
      )
      guard tried.code == 0 else { throw TestEngine.Reason(text: "there can't be namespaces here: \(tried.output)") }
      return ""
    } catch {
      return "no Docker Engine to test with: \(error.text)"
    }
  }()

  /// Runs `body` with an engine that has ``TestEngine/image`` and belongs to no swarm.
  package static func with(_ body: (IsolatedEngine) async throws -> Void) async throws {
    let engine = try IsolatedEngine()
    do {
      try await engine.sh("\(engine.waiting) && \(engine.importing)")
      try await body(engine)
    } catch {
      await engine.ended()
      throw error
    }
    await engine.ended()
  }

  private init() throws(TestEngine.Reason) {
    // Two hosts of a network that nothing else has.
    let network = "10.79.\(UInt8.random(in: 0 ... .max))"
    let first = 4 * UInt8.random(in: 0...63)
    self.hostAddress = "\(network).\(first + 1)"
    self.address = "\(network).\(first + 2)"
    let name = "swe\(UInt32.random(in: 0 ... .max))"
    self.directory = "/tmp/\(name)"
    self.socketPath = "\(self.directory)/d.sock"
    self.shell.executableURL = URL(filePath: "/bin/sh")
    self.shell.arguments = ["-c", self.script(name)]
    self.shell.standardInput = self.input
    do {
      try self.shell.run()
    } catch {
      throw TestEngine.Reason(text: "\(error)")
    }
  }

  /// What lives in the namespaces, and what is done when they are gone.
  private func script(_ name: String) -> String {
    """
    trap '' INT TERM HUP
    mkdir -p \(self.directory)/work
    exec 4< /proc/self/ns/net
    unshare --net --mount --pid --uts --fork --kill-child --mount-proc sh -c '
      hostname \(Self.hostname)
      ip link set lo up
      ip link add eth0 type veth peer name \(name)
      ip link set \(name) netns /proc/self/fd/4
      nsenter --net=/proc/self/fd/4 sh -c "ip addr add \(self.hostAddress)/30 dev \(name); ip link set \(name) up"
      ip addr add \(self.address)/30 dev eth0
      ip link set eth0 up
      mount -t tmpfs tmpfs \(self.directory)/work
      start() {
        dockerd --data-root \(self.directory)/work/data --exec-root \(self.directory)/work/exec --pidfile \(self.directory)/work/pid \
          -H unix://\(self.socketPath) --storage-driver vfs --cgroup-parent \(name) 4<&- >> \(self.directory)/log 2>&1 < /dev/null &
        engine=$!
      }
      start
      while read command argument; do
        case $command in
          kill) kill -9 $engine; wait $engine ;;
          start) start ;;
          copy) cp \(self.directory)/work/data/$argument \(self.directory)/copy ;;
        esac
        touch \(self.directory)/done
      done
    ' > \(self.directory)/errors 2>&1
    for try in 1 2 3 4 5; do
      find /sys/fs/cgroup -depth -type d -path "*/\(name)*" -exec rmdir {} + 2> /dev/null
      [ -z "$(find /sys/fs/cgroup -type d -name \(name))" ] && break
      sleep 0.1
    done
    rm -rf \(self.directory)
    """
  }

  /// Shell that waits until the engine answers.
  private var waiting: String {
    """
    (for try in $(seq 200); do
      docker -H unix://\(self.socketPath) version > /dev/null 2>&1 && exit
      sleep 0.1
    done
    cat \(self.directory)/errors \(self.directory)/log; exit 1)
    """
  }

  /// Shell that gives the engine its image.
  private var importing: String {
    "\(TestEngine.imageRoot("\(self.directory)/root")) && tar -C \(self.directory)/root -c . | docker -H unix://\(self.socketPath) import - \(TestEngine.image)"
  }

  private func end() {
    try? self.input.fileHandleForWriting.close()
    self.shell.waitUntilExit()
  }

  private func ended() async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        self.end()
        continuation.resume()
      }
    }
  }

  // MARK: - What tests do with it

  /// Kills the engine without a word; its containers go on, as after a crash.
  package func kill() async throws { try await self.inside("kill") }

  /// Starts the engine again, and waits until it answers.
  package func start() async throws {
    try await self.inside("start")
    try await self.sh(self.waiting)
  }

  /// Runs a command of the docker client and returns what it said.
  ///
  /// - Throws: ``Failure`` when it fails.
  @discardableResult
  package func docker(_ arguments: String) async throws -> String {
    try await self.sh("timeout 100 docker -H unix://\(self.socketPath) \(arguments)")
  }

  /// Runs a command of the docker client that must fail; returns what it complained about.
  package func refusal(of arguments: String) async throws -> String {
    try await self.sh("! timeout 100 docker -H unix://\(self.socketPath) \(arguments)")
  }

  /// Runs a command of the docker client again and again until the text is, as a whole, what it says.
  package func docker(_ arguments: String, says text: String) async throws {
    let command = "timeout 100 docker -H unix://\(self.socketPath) \(arguments) 2>&1"
    try await self.sh(Self.until("[ \"$(\(command))\" = '\(text)' ]") + " || { \(command); exit 1; }")
  }

  /// A file of the engine's own, by its path in the engine's data directory.
  package func file(_ path: String) async throws -> String {
    try await self.inside("copy \(path)")
    return try await self.sh("cat \(self.directory)/copy")
  }

  /// What a command of the docker client complained about.
  package struct Failure: Error, CustomStringConvertible {
    /// What it said.
    package var description: String
  }

  /// Has the first process in the namespaces do something; returns when it is done.
  private func inside(_ command: String) async throws {
    self.input.fileHandleForWriting.write(Data("\(command)\n".utf8))
    try await self.sh("\(Self.until("[ -e \(self.directory)/done ]")) && rm \(self.directory)/done")
  }

  private static func until(_ condition: String) -> String {
    "(for try in $(seq 150); do \(condition) && exit; sleep 0.1; done; exit 1)"
  }

  @discardableResult
  private func sh(_ line: String) async throws -> String {
    let (code, output) = await TestEngine.run(line)
    guard code == 0 else { throw Failure(description: "\(line): \(output)") }
    return output
  }
}
