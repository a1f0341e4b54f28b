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

  /// All of a file; `nil` when there is none.
  static func contentsIfPresent(of path: String) throws(CommandFailure) -> [UInt8]? {
    guard unsafe access(path, F_OK) == 0 || errno != ENOENT else { return nil }
    return try self.contents(of: path)
  }

  /// All of a file; `-` is standard input.
  static func contents(of path: String) throws(CommandFailure) -> [UInt8] {
    #if canImport(Glibc)
      let descriptor = path == "-" ? 0 : unsafe Glibc.open(path, O_RDONLY)
    #elseif canImport(Musl)
      let descriptor = path == "-" ? 0 : unsafe Musl.open(path, O_RDONLY)
    #else
      let descriptor = path == "-" ? 0 : unsafe Darwin.open(path, O_RDONLY)
    #endif
    guard descriptor >= 0 else { throw CommandFailure("open \(path): \(Self.reason(errno))") }
    defer { if descriptor > 0 { _ = close(descriptor) } }
    var contents: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 else { throw CommandFailure("read \(path): \(Self.reason(errno))") }
      guard count > 0 else { return contents }
      contents += piece.prefix(count)
    }
  }

  /// Why the system refused something, as docker says it.
  private static func reason(_ error: Int32) -> String {
    switch error {
    case ENOENT: "no such file or directory"
    case EACCES: "permission denied"
    case EISDIR: "is a directory"
    default: "the file can't be read (error \(error))"
    }
  }

  /// Writes all of a text, at once and unbuffered; what nobody reads any more is dropped.
  func write(_ text: String) { self.write(Array(text.utf8)) }

  /// Writes all bytes, likewise.
  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
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
