// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// An open directory that only this user can enter (0700), with files that only this user can read (0600).
///
/// Everything goes through the open descriptor and never follows a symbolic link.
struct PrivateDirectory: Sendable {
  /// The directory's path.
  let path: String
  private let descriptor: Descriptor

  /// Opens a directory, and makes it when it isn't there.
  ///
  /// - Throws: when it belongs to somebody else or lets others in.
  static func create(_ path: String) throws(RuntimeError) -> Self {
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .system("make the directory \(path)", errno)
    }
    guard let directory = try Self.open(path) else { throw .system("open the directory \(path)", ENOENT) }
    return directory
  }

  /// Opens a directory; `nil` when there is none.
  static func open(_ path: String) throws(RuntimeError) -> Self? {
    let number = openFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else {
      if errno == ENOENT { return nil }
      throw .system("open the directory \(path)", errno)
    }
    let descriptor = Descriptor(owning: number)
    var info = stat()
    guard unsafe fstat(number, &info) == 0 else { throw .system("look at the directory \(path)", errno) }
    guard info.st_uid == geteuid(), info.st_mode & 0o077 == 0 else {
      throw RuntimeError(
        code: .invalidState,
        message: "the directory \(path) is open to other users (it must belong to this user and have mode 0700)"
      )
    }
    return Self(path: path, descriptor: descriptor)
  }

  /// Opens a file in the directory; `nil` when there is none (and it isn't to be made).
  func open(_ name: String, flags: Int32) throws(RuntimeError) -> Descriptor? {
    let number = unsafe openat(self.descriptor.number, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else {
      if errno == ENOENT { return nil }
      throw .system("open \(self.path)/\(name)", errno)
    }
    return Descriptor(owning: number)
  }

  /// Opens a file for reading and writing, and makes it when it isn't there.
  func openOrCreate(_ name: String) throws(RuntimeError) -> Descriptor {
    guard let descriptor = try self.open(name, flags: O_RDWR | O_CREAT) else {
      throw .system("open \(self.path)/\(name)", ENOENT)
    }
    return descriptor
  }

  /// The first `limit` bytes of a file; `nil` when there is none.
  func read(_ name: String, limit: Int = 4096) throws(RuntimeError) -> [UInt8]? {
    guard let file = try self.open(name, flags: O_RDONLY) else { return nil }
    return try file.read(at: 0, count: limit)
  }

  /// Writes a file so that a reader sees all of it or none, also after a loss of power when it is `durable`.
  ///
  /// - Parameter mode: What the file's mode is if not 0600.
  func write(_ name: String, _ bytes: [UInt8], durable: Bool, mode: UInt32? = nil) throws(RuntimeError) {
    // Two writers at the same time each write their own file, and the last one wins.
    let temporary = "\(name).new\(temporaryNumber.wrappingAdd(1, ordering: .relaxed).newValue)"
    guard let file = try self.open(temporary, flags: O_WRONLY | O_CREAT | O_TRUNC) else {
      throw .system("write \(self.path)/\(name)", ENOENT)
    }
    try file.write(bytes, at: 0)
    if let mode, fchmod(file.number, mode) != 0 { throw .system("set the mode of \(self.path)/\(name)", errno) }
    if durable, fsync(file.number) != 0 { throw .system("sync \(self.path)/\(name)", errno) }
    guard unsafe renameat(self.descriptor.number, temporary, self.descriptor.number, name) == 0 else {
      throw .system("write \(self.path)/\(name)", errno)
    }
    if durable, fsync(self.descriptor.number) != 0 { throw .system("sync \(self.path)", errno) }
  }

  /// Makes a directory inside, 0700, unless it is there.
  func makeDirectory(_ name: String) throws(RuntimeError) {
    guard unsafe mkdirat(self.descriptor.number, name, 0o700) == 0 || errno == EEXIST else {
      throw .system("make the directory \(self.path)/\(name)", errno)
    }
  }

  /// Deletes a file; does nothing when it isn't there.
  func removeFile(_ name: String) throws(RuntimeError) {
    guard unsafe unlinkat(self.descriptor.number, name, 0) == 0 || errno == ENOENT else {
      throw .system("delete \(self.path)/\(name)", errno)
    }
  }

  /// Renames something inside; does nothing when it isn't there.
  func rename(_ name: String, to other: String) throws(RuntimeError) {
    guard unsafe renameat(self.descriptor.number, name, self.descriptor.number, other) == 0 || errno == ENOENT else {
      throw .system("rename \(self.path)/\(name)", errno)
    }
  }

  /// Deletes a directory inside with all that is in it; does nothing when it isn't there.
  func removeTree(_ name: String) throws(RuntimeError) {
    guard unsafe swarm_remove_tree(self.descriptor.number, name) == 0 || errno == ENOENT else {
      throw .system("delete \(self.path)/\(name)", errno)
    }
  }

  /// The names of all entries, in no particular order.
  func entries() throws(RuntimeError) -> [String] {
    let copy = openFile("\(self.path)/.", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0, let list = unsafe fdopendir(copy) else { throw .system("list \(self.path)", errno) }
    defer { _ = unsafe closedir(list) }
    var names: [String] = []
    while let entry = unsafe readdir(list) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

private let temporaryNumber = Atomic<UInt64>(0)

private func openFile(_ path: String, _ flags: Int32) -> Int32 {
  #if canImport(Glibc)
    unsafe Glibc.open(path, flags)
  #elseif canImport(Musl)
    unsafe Musl.open(path, flags)
  #else
    unsafe Darwin.open(path, flags)
  #endif
}
