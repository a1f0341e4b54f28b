// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

/// What the shim of a command beside a task is told to run.
struct ExecInstructions: Hashable, Sendable {
  /// The program and its arguments.
  let arguments: [String]
  /// The environment as `NAME=value`, sorted by name, every name once.
  let environment: [String]
  /// The working directory, as an absolute path.
  let workingDirectory: String
  /// The terminal that the command gets.
  let terminal: TerminalSize?
  /// The task's control group, if it has one.
  let group: String?
  /// The task's main process; when that ends, so does the command.
  let beside: ProcessRecord.Identity

  /// Says how a request is run in the surroundings of a task's own command.
  ///
  /// - Throws: when the request asks for something that a plain process can't have.
  init(
    _ request: ExecRequest,
    beside: ProcessRecord.Identity,
    of task: ProcessCommand,
    group: String?
  ) throws(RuntimeError) {
    guard request.user.isEmpty else {
      throw RuntimeError(
        code: .unsupported,
        message: "commands beside tasks of the process runtime run as the agent's own user, not as \(request.user)"
      )
    }
    do {
      try request.validate()
    } catch {
      throw RuntimeError(code: .invalidArgument, message: error.message)
    }
    self.arguments = request.arguments
    var variables: [String: String] = request.terminal == nil ? [:] : ["TERM": "xterm"]
    for variable in task.environment + request.environment {
      let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      variables[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
    }
    self.environment = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    self.workingDirectory = request.directory.isEmpty ? task.workingDirectory : request.directory
    guard self.workingDirectory.hasPrefix("/") else {
      throw RuntimeError(
        code: .invalidArgument,
        message: "the working directory \"\(request.directory)\" is not an absolute path"
      )
    }
    self.terminal = request.terminal
    self.beside = beside
    self.group = group
  }

  /// As the shim reads them: see ``Instructions/encoded``.
  var encoded: [UInt8] {
    var bytes = Array("swarm-task 1\0".utf8)
    func add(_ kind: Character, _ text: String) {
      bytes.append(contentsOf: "\(kind)\(text)\0".utf8)
    }
    for argument in self.arguments { add("A", argument) }
    for variable in self.environment { add("E", variable) }
    add("D", self.workingDirectory)
    add("B", "\(self.beside.pid) \(self.beside.startTime)")
    if self.terminal != nil { add("T", "") }
    if let group { add("C", group) }
    add("Z", "")
    return bytes
  }
}
