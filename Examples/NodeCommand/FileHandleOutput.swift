// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Unbuffered output: a line is seen by whoever waits for it as soon as it is written.
enum FileHandleOutput: Int32 {
  case standardOutput = 1
  case standardError = 2

  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(self.rawValue, $0.baseAddress, $0.count) }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
