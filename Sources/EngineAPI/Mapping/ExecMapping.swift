// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension ExecRequest {
  init(_ wanted: Engine.ExecRequest) throws(APIFailure) {
    let size = try TerminalSize(wanted.consoleSize) ?? TerminalSize()
    self.init(
      wanted.cmd ?? [],
      environment: wanted.env ?? [],
      directory: wanted.workingDir ?? "",
      user: wanted.user ?? "",
      terminal: wanted.tty ?? false ? size : nil,
      takesInput: wanted.attachStdin ?? false
    )
    do {
      try self.validate()
    } catch {
      throw .badRequest(error.message)
    }
  }
}

extension TerminalSize {
  /// Reads height and width; `nil` when there are none.
  init?(_ size: [UInt16]?) throws(APIFailure) {
    guard let size else { return nil }
    guard size.count == 2 else { throw .badRequest("ConsoleSize has to be height and width") }
    self.init(columns: size[1], rows: size[0])
  }
}
