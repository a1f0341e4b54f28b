// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Gossip
internal import NIOCore

/// What a member remembers from one start to the next: its epoch, and where others were.
///
/// ```
/// swift-swarm gossip 1
/// epoch 1764108000000
/// peer 10.0.0.2:7946
/// ```
struct PeerFile: Hashable, Sendable {
  /// The epoch of the latest start.
  var epoch: UInt64 = 0
  var peers: [GossipAddress] = []

  /// How many peers are remembered: enough to find one that is still there.
  static let limit = 64
  private static let heading = "swift-swarm gossip 1"
  private static let maximumBytes = 64 << 10

  // MARK: - Text

  var text: String {
    var lines = [Self.heading, "epoch \(self.epoch)"]
    lines += self.peers.prefix(Self.limit).map { "peer \(GossipEndpoint($0))" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads the text; lines that later versions add are passed over.
  ///
  /// - Throws: `GossipError` with code `malformed` or `unsupportedFormat`.
  init(text: String) throws(GossipError) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    guard lines.first == Self.heading[...] else {
      throw GossipError(.unsupportedFormat, "it doesn't begin with \"\(Self.heading)\"")
    }
    for line in lines.dropFirst() {
      let words = line.split(separator: " ")
      guard words.count == 2 else { throw GossipError(.malformed, "a line isn't a word and a value") }
      switch words[0] {
      case "epoch":
        guard let epoch = UInt64(words[1]), epoch < 1 << 56 else { throw GossipError(.malformed, "the epoch is no number") }
        self.epoch = epoch
      case "peer":
        guard self.peers.count < Self.limit else { continue }
        let endpoint = try GossipEndpoint(String(words[1]))
        guard let socket = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port),
          let address = GossipAddress(socket)
        else { throw GossipError(.malformed, "\(words[1]) is no address") }
        self.peers.append(address)
      default: continue
      }
    }
  }

  init(epoch: UInt64 = 0, peers: [GossipAddress] = []) {
    self.epoch = epoch
    self.peers = peers
  }

  // MARK: - Files

  /// Reads the file; nil when there is none.
  ///
  /// - Throws: `GossipError` with code `storageFailed`, and what ``init(text:)`` throws.
  static func read(_ path: String) throws(GossipError) -> PeerFile? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Self.failure("open", path)
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Self.maximumBytes)
    var count = 0
    while count < bytes.count {
      let done = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
      }
      if done < 0 {
        if errno == EINTR { continue }
        throw Self.failure("read", path)
      }
      if done == 0 { break }
      count += done
    }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw GossipError(.malformed, "it isn't text")
    }
    return try PeerFile(text: text)
  }

  /// Writes the file beside, syncs it, and puts it in place, so that it is whole whenever the machine stops.
  ///
  /// Its mode is 0600.
  func write(_ path: String) throws(GossipError) {
    let beside = "\(path).new"
    let descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure("open", beside) }
    let bytes = Array(self.text.utf8)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        let failure = Self.failure("write", beside)
        close(descriptor)
        throw failure
      }
      done += count
    }
    let isSynced = fsync(descriptor) == 0
    close(descriptor)
    guard isSynced else { throw Self.failure("fsync", beside) }
    guard unsafe rename(beside, path) == 0 else { throw Self.failure("rename", beside) }
    try Self.syncDirectory(of: path)
  }

  private static func syncDirectory(of path: String) throws(GossipError) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("open", directory) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Self.failure("fsync", directory) }
  }

  private static func failure(_ call: String, _ path: String) -> GossipError {
    let reason = unsafe String(cString: strerror(errno))
    return GossipError(.storageFailed, "\(path): \(call): \(reason)")
  }
}
