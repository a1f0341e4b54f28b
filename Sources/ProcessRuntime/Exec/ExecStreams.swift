// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent
internal import SwarmModel
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What a command beside a task is connected with: three pipes, or a terminal.
struct ExecStreams: Sendable {
  /// Something that the command writes to.
  struct Output: Sendable {
    let descriptor: Descriptor
    let isError: Bool
  }

  /// What becomes the command's standard input, output and error; to be let go of once it has them.
  var commandEnds: [Descriptor]
  /// What the command writes.
  let outputs: [Output]
  /// Where its input goes.
  let input: Inlet
  private let terminal: Descriptor?

  /// Makes pipes, or a terminal of this size.
  init(terminal size: TerminalSize?) throws(RuntimeError) {
    guard let size else {
      let (input, output, errors) = (try Self.pipe(), try Self.pipe(), try Self.pipe())
      for end in [input.write, output.read, errors.read] where swarm_unblock(end.number) != 0 {
        throw .system("make a pipe", errno)
      }
      self.commandEnds = [input.read, output.write, errors.write]
      self.outputs = [Output(descriptor: output.read, isError: false), Output(descriptor: errors.read, isError: true)]
      self.input = Inlet(input.write)
      self.terminal = nil
      return
    }
    var commandEnd: Int32 = -1
    let number = unsafe swarm_terminal_open(&commandEnd)
    guard number >= 0 else { throw .system("make a terminal", errno) }
    let (terminal, end) = (Descriptor(owning: number), Descriptor(owning: commandEnd))
    self.commandEnds = [end, end, end]
    self.outputs = [Output(descriptor: terminal, isError: false)]
    // A number of its own: one can be waited for in one place only.
    self.input = Inlet(try terminal.copy())
    self.terminal = terminal
    self.resize(size)
  }

  /// Gives the terminal another size.
  func resize(_ size: TerminalSize) {
    guard let terminal else { return }
    _ = swarm_terminal_resize(terminal.number, size.columns, size.rows)
  }

  /// Lets the command see the end of its input: a terminal by the character for it.
  func endInput(_ supervisor: Supervisor) async throws {
    if self.terminal != nil { try await self.input.write([4], supervisor) } else { self.input.close() }
  }

  private static func pipe() throws(RuntimeError) -> (read: Descriptor, write: Descriptor) {
    var (read, write): (Int32, Int32) = (-1, -1)
    guard unsafe swarm_pipe(&read, &write) == 0 else { throw .system("make a pipe", errno) }
    return (Descriptor(owning: read), Descriptor(owning: write))
  }
}

/// The end of a pipe or terminal that input is written to.
final class Inlet: Sendable {
  private let descriptor: Mutex<Descriptor?>

  init(_ descriptor: Descriptor) {
    self.descriptor = Mutex(descriptor)
  }

  /// Writes all bytes, as fast as they are read; what nobody reads any more is dropped.
  func write(_ bytes: [UInt8], _ supervisor: Supervisor) async throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let descriptor = self.descriptor.withLock(\.self) else { return }
      guard let count = try descriptor.writeAvailable(rest) else { return self.close() }
      rest = rest.dropFirst(count)
      if !rest.isEmpty { try await supervisor.writable(descriptor) }
    }
  }

  /// Ends the input.
  func close() {
    self.descriptor.withLock { $0 = nil }
  }
}
