// SPDX-License-Identifier: Apache-2.0

/// What frames of kind ``StreamFrame/Kind/control`` hold in `POST /tasks/{id}/exec`, and bodies of Docker's own requests for commands.
extension Engine {
  /// The first frame, and the body of `POST /containers/{id}/exec`: the command.
  package struct ExecRequest: Codable, Hashable, Sendable {
    /// The program and its arguments.
    package var cmd: [String]?
    /// Variables beyond the task's own, `NAME=value`.
    package var env: [String]?
    /// The working directory; the task's by default.
    package var workingDir: String?
    /// Who runs it; the task's user by default.
    package var user: String?
    /// Whether it gets a terminal.
    package var tty: Bool?
    /// Whether it gets what its client sends.
    package var attachStdin: Bool?
    /// Whether the client gets its standard output; only in Docker's request.
    package var attachStdout: Bool?
    /// Whether the client gets its standard error; only in Docker's request.
    package var attachStderr: Bool?
    /// Whether it may do everything; only in Docker's request.
    package var privileged: Bool?
    /// The keys by which a user leaves it; only in Docker's request.
    package var detachKeys: String?
    /// The terminal's height and width.
    package var consoleSize: [UInt16]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case cmd = "Cmd"
      case env = "Env"
      case workingDir = "WorkingDir"
      case user = "User"
      case tty = "Tty"
      case attachStdin = "AttachStdin"
      case attachStdout = "AttachStdout"
      case attachStderr = "AttachStderr"
      case privileged = "Privileged"
      case detachKeys = "DetachKeys"
      case consoleSize = "ConsoleSize"
    }
  }

  /// A later frame: what changes.
  package struct ExecChange: Codable, Hashable, Sendable {
    /// The terminal's height and width.
    package var consoleSize: [UInt16]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case consoleSize = "ConsoleSize"
    }
  }

  /// The body of `POST /exec/{id}/start`.
  package struct ExecStart: Codable, Hashable, Sendable {
    /// Whether nobody waits for its end.
    package var detach: Bool?
    /// The terminal's height and width.
    package var consoleSize: [UInt16]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case detach = "Detach"
      case consoleSize = "ConsoleSize"
    }
  }

  /// The last frame of the answer.
  package struct ExecResult: Codable, Hashable, Sendable {
    package var exitCode: Int32?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case exitCode = "ExitCode"
    }
  }
}
