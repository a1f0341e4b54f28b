// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SwarmModel

/// Files that only this user may read, in directories that only this user may enter.
///
/// Links are never followed, children never inherit a descriptor, and a crash leaves the old file or the new one, whole.
enum ProtectedFile {
  /// What no file of an identity exceeds.
  static let maximumSize = 1 << 20

  /// Makes a directory with mode 0700, and those above it; one that is there already must be closed to others.
  ///
  /// - Throws: `failedPrecondition`, naming the directory.
  static func makeDirectory(_ path: String) throws(SwarmError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      guard unsafe mkdir(part, 0o700) == 0 || errno == EEXIST else { throw Self.failure("\(part) can't be made", .last) }
    }
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw Self.failure("\(path) can't be used", .last) }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else { throw Self.failure("\(path) can't be used", .last) }
    guard information.st_uid == geteuid() else {
      throw SwarmError(code: .failedPrecondition, message: "\(path) belongs to another user")
    }
    guard information.st_mode & 0o077 == 0 || fchmod(descriptor, 0o700) == 0 else {
      throw Self.failure("\(path) can't be closed to other users", .last)
    }
  }

  /// Reads a file; `nil` when there is none.
  ///
  /// - Throws: `failedPrecondition` when it can't be read, isn't a plain file, belongs to another user or is open to others; `dataLoss` when it is
  ///   larger than it can be.
  static func read(_ path: String) throws(SwarmError) -> [UInt8]? {
    var descriptor: CInt
    repeat {
      descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Self.failure("\(path) can't be read", .last)
    }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else { throw Self.failure("\(path) can't be read", .last) }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw SwarmError(code: .failedPrecondition, message: "\(path) isn't a plain file")
    }
    guard information.st_uid == geteuid(), information.st_mode & 0o077 == 0 else {
      throw SwarmError(code: .failedPrecondition, message: "\(path) is open to other users; it must have mode 0600")
    }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &piece, piece.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure("\(path) can't be read", .last)
      }
      bytes += piece.prefix(count)
      guard bytes.count <= Self.maximumSize else {
        throw SwarmError(code: .dataLoss, message: "\(path) is damaged: it is larger than it can be")
      }
    }
  }

  /// Replaces a file, with mode 0600; returns when it lasts.
  ///
  /// - Throws: `failedPrecondition`, naming the file.
  static func replace(_ path: String, with bytes: [UInt8]) throws(SwarmError) {
    let temporary = "\(path).new"
    // What an interrupted replacement left, or somebody put there.
    guard unsafe unlink(temporary) == 0 || errno == ENOENT else { throw Self.failure("\(temporary) can't be removed", .last) }
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure("\(temporary) can't be written", .last) }
    let failure = Self.write(bytes, to: descriptor)
    close(descriptor)
    if let failure { throw Self.failure("\(temporary) can't be written", failure) }
    guard unsafe rename(temporary, path) == 0 else { throw Self.failure("\(path) can't be replaced", .last) }
    try Self.syncDirectory(of: path)
  }

  /// Removes a file; it may be gone already.
  static func remove(_ path: String) throws(SwarmError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw Self.failure("\(path) can't be removed", .last) }
  }

  private static func write(_ bytes: [UInt8], to descriptor: CInt) -> SystemFailure? {
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return .last
        }
        done += count
      }
      return fsync(descriptor) == 0 ? nil : .last
    }
  }

  private static func syncDirectory(of path: String) throws(SwarmError) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("\(directory) can't be synced", .last) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Self.failure("\(directory) can't be synced", .last) }
  }

  private static func failure(_ sentence: String, _ failure: SystemFailure) -> SwarmError {
    SwarmError(code: .failedPrecondition, message: "\(sentence): \(failure)")
  }
}
