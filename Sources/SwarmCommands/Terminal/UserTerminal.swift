// SPDX-License-Identifier: Apache-2.0

/// Where the user sits: what comes from standard input, and the terminal that it may be.
package protocol UserTerminal: Sendable {
  /// Whether standard input is a terminal.
  var isInput: Bool { get }

  /// Whether standard output is a terminal.
  var isOutput: Bool { get }

  /// The terminal's size; `nil` when there is none.
  var size: ScreenSize? { get }

  /// Standard input, piece by piece as it is asked for.
  var input: AsyncThrowingStream<[UInt8], any Error> { get }

  /// The terminal's size whenever it changes.
  var sizes: AsyncStream<ScreenSize> { get }

  /// Lets the terminal hand over every key as it is pressed, without showing it, while `body` runs.
  func withRawMode<Value>(_ body: () async throws -> Value) async throws -> Value
}

/// How many characters a terminal shows.
package struct ScreenSize: Hashable, Sendable {
  /// Characters in a line.
  package var columns: UInt16
  /// Lines.
  package var rows: UInt16

  package init(columns: UInt16, rows: UInt16) {
    self.columns = columns
    self.rows = rows
  }
}

/// Nobody sits there.
package struct NoTerminal: UserTerminal {
  package init() {}

  package var isInput: Bool { false }
  package var isOutput: Bool { false }
  package var size: ScreenSize? { nil }
  package var input: AsyncThrowingStream<[UInt8], any Error> { AsyncThrowingStream { nil } }
  package var sizes: AsyncStream<ScreenSize> { AsyncStream { nil } }
  package func withRawMode<Value>(_ body: () async throws -> Value) async throws -> Value { try await body() }
}
