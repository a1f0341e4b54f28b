// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// One of the files that every process starts with.
struct StandardFile: Sendable {
  private let descriptor: Int32

  static let standardOutput = Self(descriptor: 1)
  static let standardError = Self(descriptor: 2)

  /// Writes all of a text, at once and unbuffered; what nobody reads any more is dropped.
  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        #if canImport(Glibc)
          unsafe Glibc.write(self.descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
          unsafe Musl.write(self.descriptor, bytes.baseAddress, bytes.count)
        #else
          unsafe Darwin.write(self.descriptor, bytes.baseAddress, bytes.count)
        #endif
      }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
