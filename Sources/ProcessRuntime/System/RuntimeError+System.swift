// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension RuntimeError {
  /// A failed system call.
  ///
  /// The message is `cannot <what>: <the system's text>`. What may pass by itself (no memory, no disk space, too
  /// many processes or files) is temporary.
  static func system(_ what: String, _ number: Int32) -> RuntimeError {
    let code: Code =
      switch number {
      case ENOENT: .notFound
      case EAGAIN, ENOMEM, ENOSPC, EDQUOT, EMFILE, ENFILE, EBUSY: .temporary
      default: .internalError
      }
    return RuntimeError(code: code, message: "cannot \(what): \(systemText(number))")
  }
}

/// What the system says about an error number.
func systemText(_ number: Int32) -> String {
  guard let text = unsafe strerror(number) else { return "error \(number)" }
  return unsafe String(cString: text)
}
