// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A failed system call, in the system's own words.
struct SystemFailure: CustomStringConvertible {
  let number: CInt

  /// What the last failed call of this thread left in `errno`.
  static var last: Self { Self(number: errno) }

  var description: String {
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      unsafe buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, unsafe strerror_r(self.number, start, buffer.count - 1) == 0 else { return "" }
      return unsafe String(cString: start)
    }
    return text.isEmpty ? "error \(self.number)" : text
  }
}
