// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Raft

/// An open file; closed when it goes out of scope.
///
/// Links are never followed, children never inherit it.
struct OpenFile: ~Copyable, Sendable {
  private let descriptor: CInt
  /// Where the file is, for messages.
  var path: String

  /// How to open.
  enum Access {
    /// For reading.
    case read
    /// For reading and writing.
    case update
    /// For reading and writing; made with mode 0600 when it isn't there.
    case create
    /// A directory.
    case directory
  }

  /// - Throws: ``RaftError`` with code `storageFailed`.
  init(_ path: String, _ access: Access) throws(RaftError) {
    let flags =
      switch access {
      case .read: O_RDONLY
      case .update: O_RDWR
      case .create: O_RDWR | O_CREAT
      case .directory: O_RDONLY | O_DIRECTORY
      }
    var descriptor: CInt
    repeat {
      descriptor = unsafe open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw .storage(path, .last("open")) }
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    _ = close(self.descriptor)
  }

  /// Writes all bytes at an offset.
  func write(_ bytes: [UInt8], at offset: Int) throws(RaftError) {
    try self.write(bytes[...], at: offset)
  }

  /// Writes all bytes at an offset.
  func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(RaftError) {
    let failure: SystemError? = unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        let count = unsafe pwrite(self.descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        if count < 0 {
          if errno == EINTR { continue }
          return .last("write")
        }
        done += count
      }
      return nil
    }
    if let failure { throw .storage(self.path, failure) }
  }

  /// Reads up to `count` bytes from an offset; fewer only at the end of the file.
  func read(_ count: Int, at offset: Int) throws(RaftError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[initialized...])
        let read = unsafe pread(self.descriptor, rest.baseAddress, rest.count, off_t(offset + initialized))
        if read < 0 {
          if errno == EINTR { continue }
          failure = .last("read")
          return
        }
        if read == 0 { return }
        initialized += read
      }
    }
    if let failure { throw .storage(self.path, failure) }
    return bytes
  }

  /// Cuts the file off.
  func truncate(to length: Int) throws(RaftError) {
    guard ftruncate(self.descriptor, off_t(length)) == 0 else { throw .storage(self.path, .last("ftruncate")) }
  }

  /// The file's length in bytes.
  func size() throws(RaftError) -> Int {
    var information = stat()
    guard unsafe fstat(self.descriptor, &information) == 0 else { throw .storage(self.path, .last("stat")) }
    return Int(information.st_size)
  }

  /// Waits until the data is on the disk.
  ///
  /// After a failure nothing is known about any byte written before.
  func syncData() throws(RaftError) {
    guard fdatasync(self.descriptor) == 0 else { throw .storage(self.path, .last("fdatasync")) }
  }

  /// Waits until data and metadata are on the disk; for a directory, the names in it.
  func sync() throws(RaftError) {
    guard fsync(self.descriptor) == 0 else { throw .storage(self.path, .last("fsync")) }
  }

  /// Takes the file for this process alone.
  ///
  /// - Returns: Whether it was free.
  func lock() throws(RaftError) -> Bool {
    if flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw .storage(self.path, .last("flock")) }
    return false
  }
  /// Lets others take the file.
  ///
  /// Closing it may not be enough: a process that is being started holds a copy until it executes its program.
  func unlock() {
    _ = flock(self.descriptor, LOCK_UN)
  }
}
