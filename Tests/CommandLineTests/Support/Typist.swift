// SPDX-License-Identifier: Apache-2.0

import SwarmCommands
import Synchronization

/// A user who types, and has no terminal.
struct Typist: UserTerminal {
  var typed: [String]

  let isInput = false
  let isOutput = false
  let size: ScreenSize? = nil

  var input: AsyncThrowingStream<[UInt8], any Error> {
    let rest = Mutex(self.typed[...])
    return AsyncThrowingStream { rest.withLock { $0.popFirst() }.map { Array($0.utf8) } }
  }
  var sizes: AsyncStream<ScreenSize> { AsyncStream { nil } }
  func withRawMode<Value>(_ body: () async throws -> Value) async throws -> Value { try await body() }
}
