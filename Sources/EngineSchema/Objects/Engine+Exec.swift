// SPDX-License-Identifier: Apache-2.0

/// What frames of kind ``StreamFrame/Kind/control`` hold in `POST /tasks/{id}/exec`.
extension Engine {
  /// The first frame: the command.
  ///
  /// Members are named as in Docker's `POST /containers/{id}/exec`.
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
    /// Whether it gets what frames of kind input hold.
    package var attachStdin: Bool?
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

  /// The last frame of the answer.
  package struct ExecResult: Codable, Hashable, Sendable {
    package var exitCode: Int32?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case exitCode = "ExitCode"
    }
  }
}
