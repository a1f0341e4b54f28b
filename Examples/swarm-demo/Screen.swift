// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What the demo shows: a live table on a terminal, plain lines anywhere else.
struct Screen {
  private let isTerminal = isatty(1) == 1
  private var drawnLines = 0

  /// Says what happens next.
  mutating func headline(_ text: String) {
    self.settle()
    self.write("\n\(self.isTerminal ? "\u{1B}[1m\(text)\u{1B}[0m" : text)\n")
  }

  /// Says what came of it, and how long it took.
  mutating func result(_ text: String, took: Duration?) {
    self.settle()
    let time = took.map { String(format: "%8.3f s  ", $0 / .seconds(1)) } ?? "            "
    self.write("  \(time)\(text)\n")
  }

  /// Shows a table that the next one replaces; only on a terminal.
  mutating func live(_ lines: [String]) {
    guard self.isTerminal else { return }
    self.erase()
    self.write(lines.map { "  \($0)\u{1B}[K\n" }.joined())
    self.drawnLines = lines.count
  }

  /// Shows a table that stays.
  mutating func table(_ lines: [String]) {
    self.settle()
    self.write(lines.map { "  \($0)\n" }.joined())
  }

  private mutating func settle() {
    self.erase()
    self.drawnLines = 0
  }

  private func erase() {
    if self.drawnLines > 0 { self.write("\u{1B}[\(self.drawnLines)A\u{1B}[J") }
  }

  private func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }
}
