// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Raft

/// The one directory that a node keeps everything in.
///
/// It is held under a lock as long as this value lives.
struct StorageDirectory: ~Copyable, Sendable {
  /// Its path.
  let path: String
  private let handle: OpenFile
  private let lockFile: OpenFile?

  /// Makes the directory with mode 0700 when it isn't there, and takes its lock.
  ///
  /// - Throws: ``RaftError`` with code `storageFailed`, also when another node uses the directory.
  init(_ path: String) throws(RaftError) {
    try Self.create(path)
    let lockFile = try OpenFile("\(path)/lock", .create)
    guard try lockFile.lock() else {
      throw RaftError(.storageFailed, "\(path) is in use by another node")
    }
    let handle = try OpenFile(path, .directory)
    self.path = path
    self.handle = handle
    self.lockFile = consume lockFile
  }

  /// Opens a directory whose lock somebody else in this process holds.
  init(unlocked path: String) throws(RaftError) {
    let handle = try OpenFile(path, .directory)
    self.path = path
    self.handle = handle
    self.lockFile = nil
  }

  deinit {
    self.lockFile?.unlock()
  }

  /// Whether there is anything of that name.
  static func exists(_ path: String) -> Bool {
    var information = stat()
    return unsafe stat(path, &information) == 0
  }

  private static func create(_ path: String) throws(RaftError) {
    if Self.exists(path) { return }
    var parent = "."
    if let slash = path.lastIndex(of: "/") {
      parent = slash > path.startIndex ? String(path[..<slash]) : "/"
      try Self.create(parent)
    }
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .storage(path, .last("mkdir")) }
    // Else everything in it could be lost with its name.
    try OpenFile("\(parent)/.", .directory).sync()
  }

  /// The path of a file in the directory.
  func path(of name: String) -> String { "\(self.path)/\(name)" }

  /// Waits until the names in the directory are on the disk.
  func sync() throws(RaftError) { try self.handle.sync() }

  /// The names in the directory, sorted.
  func names() throws(RaftError) -> [String] {
    guard let stream = unsafe opendir(self.path) else { throw .storage(self.path, .last("opendir")) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Gives a file another name, replacing what had it.
  ///
  /// Call ``sync()`` to make it last.
  func rename(_ name: String, to newName: String) throws(RaftError) {
    guard unsafe Glibc.rename(self.path(of: name), self.path(of: newName)) == 0 else {
      throw .storage(self.path(of: name), .last("rename"))
    }
  }

  /// Removes a file; it may be gone already.
  func remove(_ name: String) throws(RaftError) {
    guard unsafe unlink(self.path(of: name)) == 0 || errno == ENOENT else {
      throw .storage(self.path(of: name), .last("unlink"))
    }
  }
}
