// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Glibc
internal import SwarmModel
internal import Synchronization

/// The directory that holds all state of one node: held by one process at a time, 0700, its files 0600.
final class StateDirectory: Sendable {
  let path: String
  private let lock: Mutex<Int32?>

  /// Where the Raft log lives.
  var raft: String { "\(self.path)/raft" }
  /// Where the agent and its runtime keep their tasks.
  var agent: String { "\(self.path)/agent" }
  /// Where the node's certificate and keys live.
  var certificates: String { "\(self.path)/certificates" }
  /// Where gossip remembers its epoch and whom it met.
  var gossipPeers: String { "\(self.path)/gossip-peers" }
  private var identity: String { "\(self.path)/identity" }

  /// Makes the directory if it isn't there, and holds it until this value is gone.
  ///
  /// - Throws: `failedPrecondition` when it is in use or can't be used.
  init(path: String) throws(SwarmError) {
    self.path = path
    try Self.make(path)
    let lock = unsafe Glibc.open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw Self.failure("\(path) can't be used as a state directory") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let error = errno
      close(lock)
      throw error == EWOULDBLOCK
        ? SwarmError(code: .failedPrecondition, message: "state directory \(path) is in use by another node")
        : Self.failure("\(path) can't be locked", error)
    }
    self.lock = Mutex(lock)
  }

  deinit { self.release() }

  /// Lets another node use the directory.
  func release() {
    self.lock.withLock { lock in
      guard let held = lock.take() else { return }
      // A process that is being started holds a copy of the file until it executes its program: closing alone wouldn't free it.
      _ = flock(held, LOCK_UN)
      close(held)
    }
  }

  /// What this node was; `nil` outside any swarm.
  ///
  /// - Throws: `dataLoss` for a damaged file, `failedPrecondition` for one that can't be read.
  func readIdentity() throws(SwarmError) -> NodeIdentity? {
    guard let bytes = try Self.read(self.identity) else { return nil }
    guard bytes.count > 5, bytes.prefix(5).elementsEqual(Self.header) else {
      throw SwarmError(code: .dataLoss, message: "\(self.identity) is damaged: it doesn't begin as a node's identity does")
    }
    do {
      return try NodeIdentity(encoded: bytes.dropFirst(5))
    } catch {
      throw SwarmError(code: error.code, message: "\(self.identity) is damaged: \(error.message)", cause: error)
    }
  }

  /// Stores what this node is, before it acts on it.
  func write(_ identity: NodeIdentity) throws(SwarmError) {
    try Self.replace(self.identity, with: Self.header + identity.encoded())
  }

  /// Forgets the swarm: identity first, so that a crash in between doesn't leave half a member.
  func wipe() throws(SwarmError) {
    for path in [self.identity, self.certificates, self.raft, self.agent, self.gossipPeers] { try Self.remove(path) }
  }

  /// Forgets the Raft log: the node isn't a manager any more, or a new one.
  func wipeLog() throws(SwarmError) { try Self.remove(self.raft) }

  /// Four letters and the version of the format.
  private static let header = Array("SWID".utf8) + [1]
}

// MARK: - Files

extension StateDirectory {
  private static func make(_ path: String) throws(SwarmError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      guard unsafe mkdir(part, 0o700) == 0 || errno == EEXIST else { throw Self.failure("\(part) can't be made") }
    }
  }

  private static func read(_ path: String) throws(SwarmError) -> [UInt8]? {
    let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw Self.failure("\(path) can't be read")
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe Glibc.read(file, &chunk, chunk.count)
      guard count >= 0 else { throw Self.failure("\(path) can't be read") }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= 1 << 20 else {
        throw SwarmError(code: .dataLoss, message: "\(path) is damaged: it is larger than it can be")
      }
    }
  }

  /// A crash leaves the old file or the new one, whole.
  private static func replace(_ path: String, with bytes: [UInt8]) throws(SwarmError) {
    let temporary = "\(path).new"
    let file = unsafe Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw Self.failure("\(temporary) can't be written") }
    let isWritten = unsafe Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    let error = errno
    close(file)
    guard isWritten else { throw Self.failure("\(temporary) can't be written", error) }
    guard unsafe rename(temporary, path) == 0 else { throw Self.failure("\(path) can't be replaced") }
    let directory = unsafe Glibc.open(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex) + "/", O_RDONLY | O_DIRECTORY)
    defer { close(directory) }
    guard directory >= 0, fsync(directory) == 0 else { throw Self.failure("the directory of \(path) can't be synced") }
  }

  private static func remove(_ path: String) throws(SwarmError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch let error as CocoaError where error.code == .fileNoSuchFile {
      return
    } catch {
      throw SwarmError(code: .failedPrecondition, message: "\(path) can't be deleted", cause: error)
    }
  }

  private static func failure(_ sentence: String, _ error: Int32 = errno) -> SwarmError {
    SwarmError(code: .failedPrecondition, message: "\(sentence): \(unsafe String(cString: strerror(error)))")
  }
}
