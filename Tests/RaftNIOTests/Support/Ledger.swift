// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO

/// A state machine that remembers every command.
struct Ledger: StateMachine {
  private(set) var commands: [[UInt8]] = []
  private(set) var events: [RaftEvent] = []

  /// Gives the number of commands so far.
  mutating func apply(_ entries: [Entry], into outputs: inout [Int]) {
    for entry in entries {
      self.commands.append(Array(entry.payload))
      outputs.append(self.commands.count)
    }
  }

  mutating func didChange(_ event: RaftEvent) { self.events.append(event) }

  func snapshot() -> any SnapshotSource {
    let commands = self.commands
    return SnapshotBytes {
      commands.flatMap { [UInt8($0.count & 0xFF), UInt8($0.count >> 8)] + $0 }
    }
  }

  mutating func restore(from snapshot: [UInt8]) throws {
    self.commands = []
    var rest = snapshot[...]
    while let low = rest.popFirst(), let high = rest.popFirst() {
      let count = Int(low) | Int(high) << 8
      self.commands.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
  }
}

extension Ledger: RecordingStateMachine {
  static func encode(_ output: Int) -> [UInt8] { Array(String(output).utf8) }

  static func decode(output bytes: ArraySlice<UInt8>) throws -> Int {
    guard let output = Int(String(decoding: bytes, as: UTF8.self)) else { throw RaftError(.corrupt, "an output isn't a number") }
    return output
  }
}
