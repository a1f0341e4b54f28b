// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Synchronization

/// Somebody who means ill, on a thread of their own.
final class Flood: Sendable {
  /// What they do.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    /// Connections on which nothing is said.
    case halfOpen = "half-open"
    /// Connections whose handshake comes byte by byte.
    case slowloris
    /// Calls that are reset as soon as they are made.
    case rapidReset = "rapid-reset"
  }

  private let kind: Kind
  private let port: Int
  private let count: Int
  private let isOver = Atomic(false)
  private let isEstablished = Atomic(false)

  init(_ kind: Kind, port: Int, count: Int) {
    self.kind = kind
    self.port = port
    self.count = count
  }

  /// Whether all connections have been opened.
  var hasBegun: Bool { self.isEstablished.load(ordering: .acquiring) }

  /// Lets the flood end.
  func end() { self.isOver.store(true, ordering: .releasing) }

  /// Does it until ``end()``.
  func run() async throws {
    switch self.kind {
    case .halfOpen, .slowloris:
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          self.trickle(byte: self.kind == .slowloris)
          continuation.resume()
        }
      }
    case .rapidReset:
      self.isEstablished.store(true, ordering: .releasing)
      while !self.isOver.load(ordering: .acquiring) {
        try await RapidReset.connect(port: self.port) { self.isOver.load(ordering: .acquiring) }
      }
    }
  }

  private func trickle(byte: Bool) {
    // The beginning of a handshake: a record of 512 bytes, which never becomes whole.
    let start: [UInt8] = [22, 3, 1, 2, 0, 1, 0, 1, 252]
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    while sockets.count < self.count, !self.isOver.load(ordering: .acquiring) {
      guard let socket = self.open() else { continue }
      sockets.append(socket)
      if byte { self.send(start, socket) }
    }
    self.isEstablished.store(true, ordering: .releasing)
    while !self.isOver.load(ordering: .acquiring) {
      usleep(100_000)
      guard byte else { continue }
      for index in sockets.indices where !self.send([0], sockets[index]) {
        // Cut off: from the start.
        close(sockets[index])
        sockets[index] = self.open() ?? -1
        self.send(start, sockets[index])
      }
    }
  }

  private func open() -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(self.port)).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  @discardableResult
  private func send(_ bytes: [UInt8], _ socket: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes {
      unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    } == bytes.count
  }
}
