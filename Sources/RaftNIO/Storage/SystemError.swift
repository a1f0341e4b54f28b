// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Raft

/// A failed system call, with the system's own words.
struct SystemError: Error, Sendable, CustomStringConvertible {
  /// The call, e.g.
  ///
  /// `fdatasync`.
  var call: String
  /// The error number.
  var number: CInt

  /// Whether there is no room on the disk, and nothing else is wrong.
  ///
  /// A sync that fails, for whatever reason, leaves nobody knowing what is there.
  var isOutOfRoom: Bool {
    (self.number == ENOSPC || self.number == EDQUOT || self.number == EFBIG) && self.call != "fsync" && self.call != "fdatasync"
  }

  /// What the last failed call of this thread left in `errno`.
  static func last(_ call: String) -> Self { Self(call: call, number: errno) }

  var description: String {
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      unsafe buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, unsafe strerror_r(self.number, start, buffer.count - 1) == 0 else {
        return "error \(self.number)"
      }
      return unsafe String(cString: start)
    }
    return "\(self.call): \(text)"
  }
}

extension RaftError {
  /// Whether storage failed for lack of room alone: it may be tried again.
  var isOutOfRoom: Bool { (self.cause as? SystemError)?.isOutOfRoom == true }

  /// Storage that can't go on, named by its path.
  static func storage(_ path: String, _ error: SystemError) -> Self {
    RaftError(.storageFailed, "\(path): \(error)", cause: error)
  }
}
