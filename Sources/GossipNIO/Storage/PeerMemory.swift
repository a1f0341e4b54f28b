// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import Logging
internal import NIOCore
internal import NIOPosix

/// Writes the peer file on a thread that may block, one after the other; of what gathers meanwhile only the latest counts.
///
/// Lives on the node's event loop.
final class PeerMemory {
  private let path: String
  private let eventLoop: any EventLoop
  private let logger: Logger
  private var waiting: PeerFile?
  private var isWriting = false
  private var idle: [EventLoopPromise<Void>] = []

  init(path: String, eventLoop: any EventLoop, logger: Logger) {
    self.path = path
    self.eventLoop = eventLoop
    self.logger = logger
  }

  /// Reads what the last start left, and writes the epoch of this one.
  ///
  /// Blocks. A file that can't be understood is replaced: it only helps to find others sooner.
  ///
  /// - Parameter now: milliseconds since 1970.
  static func begin(_ path: String, now: UInt64, logger: Logger) throws(GossipError) -> PeerFile {
    var file = PeerFile()
    do throws(GossipError) {
      file = try PeerFile.read(path) ?? PeerFile()
    } catch {
      if error.code == .storageFailed { throw error }
      logger.warning("the remembered gossip peers can't be read", metadata: ["path": "\(path)", "reason": "\(error)"])
    }
    file.epoch = max(file.epoch + 1, now)
    try file.write(path)
    return file
  }

  func write(_ file: PeerFile) {
    self.waiting = file
    if !self.isWriting { self.writeNext() }
  }

  private func writeNext() {
    guard let file = self.waiting else {
      for promise in self.idle { promise.succeed() }
      self.idle = []
      return
    }
    self.waiting = nil
    self.isWriting = true
    let path = self.path
    NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: self.eventLoop) { try file.write(path) }
      .assumeIsolated().whenComplete { result in
        self.isWriting = false
        if case .failure(let error) = result {
          self.logger.warning("the gossip peers can't be remembered", metadata: ["reason": "\(error)"])
        }
        self.writeNext()
      }
  }

  /// Succeeds when everything is written.
  func whenIdle(_ promise: EventLoopPromise<Void>) {
    self.idle.append(promise)
    if !self.isWriting { self.writeNext() }
  }
}
