// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Files below the state directory: private to the user.
enum StateFiles {
  /// Makes a directory (0700) and those above it, as far as they are missing.
  static func makeDirectory(_ path: String) throws(SwarmError) {
    if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw Self.error("make the directory", path)
    }
    try Self.makeDirectory(String(path[..<slash]))
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.error("make the directory", path) }
  }

  /// The names in a directory, without those that begin with a dot.
  static func names(in path: String) throws(SwarmError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw Self.error("read", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  /// The bytes of a file.
  static func read(_ path: String) throws(SwarmError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.error("read", path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe systemRead(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.error("read", path)
      }
      bytes += buffer[..<count]
    }
  }

  /// Adds bytes to the end of a file, which is made (0600) when missing.
  ///
  /// When that fails, what was added is cut off again.
  static func append(_ bytes: [UInt8], to path: String) throws(SwarmError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.error("write", path) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { unsafe systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        let error = Self.error("write", path)
        let end = lseek(descriptor, 0, SEEK_END)
        if written > 0, end >= off_t(written) { _ = ftruncate(descriptor, end - off_t(written)) }
        throw error
      }
      written += count
    }
  }

  /// Cuts a file off.
  static func cut(_ path: String, to count: Int) throws(SwarmError) {
    guard unsafe truncate(path, off_t(count)) == 0 else { throw Self.error("cut", path) }
  }

  /// Gives a file another name, in place of whatever has that name.
  static func rename(_ path: String, to other: String) throws(SwarmError) {
    guard systemRename(path, other) == 0 else { throw Self.error("rename", path) }
  }

  /// Deletes a file, if it is there.
  static func delete(_ path: String) throws(SwarmError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw Self.error("delete", path) }
  }

  private static func error(_ what: String, _ path: String) -> SwarmError {
    let reason = unsafe String(cString: strerror(errno))
    return SwarmError(code: .internalError, message: "can't \(what) \(path): \(reason)")
  }
}

private func systemRead(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  unsafe read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: CInt, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(descriptor, buffer, count)
}

private func systemRename(_ path: String, _ other: String) -> CInt {
  unsafe rename(path, other)
}
