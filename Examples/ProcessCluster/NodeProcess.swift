// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Foundation
internal import NIOPosix
internal import Synchronization

/// One swarm node as a child process, with its own state directory and ports.
package final class NodeProcess: Sendable {
  /// Which program the child is.
  package enum Kind: String, Sendable {
    case manager = "swarm-manager"
    case worker = "swarm-worker"
  }

  /// A manager to join, and what lets a node in.
  package struct Seed: Sendable {
    /// The manager, as `host:port`.
    package var address: String
    /// The join token.
    package var token: String
  }

  /// What to start.
  package struct Launch: Sendable {
    /// The program's file.
    package var executable: String
    /// The name that it is called by; says what it is where one file is several programs.
    package var kind: Kind
    /// The node's hostname.
    package var name: String
    /// The node's state directory.
    package var directory: String
    /// A manager to join.
    package var seed: Seed?
    /// Further flags.
    package var flags: [String] = []

    package init(executable: String, kind: Kind, name: String, directory: String, seed: Seed? = nil, flags: [String] = []) {
      self.executable = executable
      self.kind = kind
      self.name = name
      self.directory = directory
      self.seed = seed
      self.flags = flags
    }
  }

  package let launch: Launch
  /// The swarm's id of the node.
  package let nodeID: String
  /// The address of its node-to-node port.
  package let address: String
  /// The process.
  package let pid: Int32
  private let ended = Mutex(false)

  package var name: String { self.launch.name }
  package var kind: Kind { self.launch.kind }
  package var socket: String { "\(self.launch.directory)/api.sock" }
  package var hasEnded: Bool { self.ended.withLock { $0 } }

  /// Starts a node and waits until it says that it is usable.
  ///
  /// - Throws: ``NodeFailure`` with what the node said instead.
  package static func start(_ launch: Launch) async throws -> NodeProcess {
    try FileManager.default.createDirectory(
      atPath: launch.directory,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    var arguments = [launch.kind.rawValue, "--state-dir", launch.directory, "--hostname", launch.name]
    if !launch.flags.contains("--listen-addr") { arguments += ["--listen-addr", "127.0.0.1:0"] }
    if let seed = launch.seed {
      // A file, for others see a process's arguments and its environment.
      let file = "\(launch.directory)/join-token"
      guard FileManager.default.createFile(atPath: file, contents: Data(seed.token.utf8), attributes: [.posixPermissions: 0o600])
      else { throw NodeFailure("\(file) can't be written") }
      arguments += ["--join", seed.address, "--token-file", file]
    }
    defer { try? FileManager.default.removeItem(atPath: "\(launch.directory)/join-token") }
    let log = "\(launch.directory)/log"
    let (pid, output) = try Self.spawn(launch.executable, arguments + launch.flags, log: log)
    let line = try await NIOThreadPool.singleton.runIfActive {
      defer { try? output.close() }
      return Self.firstLine(of: output)
    }
    let facts = Dictionary(
      line.split(separator: " ").compactMap { word in
        word.firstIndex(of: "=").map { (String(word[..<$0]), String(word[word.index(after: $0)...])) }
      },
      uniquingKeysWith: { first, _ in first }
    )
    guard line.hasPrefix("ready "), let id = facts["node"], let address = facts["listen"] else {
      kill(pid, SIGKILL)
      _ = try await Self.exit(of: pid)
      let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw NodeFailure("\(launch.name) didn't start: \(said.isEmpty ? "it said nothing" : said)")
    }
    return NodeProcess(launch: launch, nodeID: id, address: address, pid: pid)
  }

  private init(launch: Launch, nodeID: String, address: String, pid: pid_t) {
    self.launch = launch
    self.nodeID = nodeID
    self.address = address
    self.pid = pid
  }

  /// What lets another node into this manager's swarm.
  package func seed(for kind: Kind) async throws -> Seed {
    let tokens = try await ManagerAPI(self).joinTokens()
    let token = kind == .manager ? tokens.manager : tokens.worker
    return Seed(address: self.address, token: token ?? "")
  }

  /// Kills the node without a word, as a power cut would.
  package func killAtOnce() async throws {
    kill(self.pid, SIGKILL)
    try await self.waitForEnd()
  }

  /// Asks the node to stop its tasks and go.
  ///
  /// - Returns: its exit code; negative for the signal that ended it.
  @discardableResult
  package func terminate() async throws -> Int32 {
    guard !self.hasEnded else { return 0 }
    kill(self.pid, SIGTERM)
    return try await self.waitForEnd()
  }

  @discardableResult
  private func waitForEnd() async throws -> Int32 {
    let code = try await Self.exit(of: self.pid)
    self.ended.withLock { $0 = true }
    return code
  }

  private static func exit(of pid: pid_t) async throws -> Int32 {
    try await NIOThreadPool.singleton.runIfActive {
      var status: Int32 = 0
      while unsafe waitpid(pid, &status, 0) == -1, errno == EINTR {}
      return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }
  }

  /// Starts a program with its standard output as a pipe and its log in a file.
  private static func spawn(_ executable: String, _ arguments: [String], log: String) throws -> (pid_t, FileHandle) {
    let output = Pipe()
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, output.fileHandleForWriting.fileDescriptor, 1)
    unsafe posix_spawn_file_actions_addclose(&actions, output.fileHandleForWriting.fileDescriptor)
    unsafe posix_spawn_file_actions_addclose(&actions, output.fileHandleForReading.fileDescriptor)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)

    var argv: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let code = unsafe posix_spawn(&pid, executable, &actions, nil, &argv, environ)
    guard code == 0 else { throw NodeFailure("\(executable) can't be started: \(unsafe String(cString: strerror(code)))") }
    try output.fileHandleForWriting.close()
    return (pid, output.fileHandleForReading)
  }

  private static func firstLine(of output: FileHandle) -> String {
    var line: [UInt8] = []
    while let byte = try? output.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}

/// Why a node process, or a call to its API, didn't do what it should.
package struct NodeFailure: Error, CustomStringConvertible {
  package var description: String
  /// The HTTP status, when the node's API answered.
  package var status: UInt?

  package init(_ description: String, status: UInt? = nil) {
    self.description = description
    self.status = status
  }
}
