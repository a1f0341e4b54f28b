// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The file of a unix socket: who has it, and what becomes of it.
struct SocketFile: Sendable {
  let path: String

  /// Makes room for a new socket: what a dead server left is removed, a live server's socket is refused.
  func claim(on eventLoop: any EventLoop) async throws(EngineAPIError) {
    guard let type = self.type else { return try self.checkDirectory() }
    guard type == .typeSocket else {
      throw EngineAPIError(
        code: .endpointInUse,
        message: "\(self.path) exists and isn't a socket: remove it or choose another path"
      )
    }
    do {
      let channel = try await ClientBootstrap(group: eventLoop)
        .connectTimeout(.seconds(1))
        .connect(unixDomainSocketPath: self.path)
        .get()
      channel.close(promise: nil)
    } catch let error as IOError where error.errnoCode == ECONNREFUSED {
      return self.remove()
    } catch {
      throw EngineAPIError(
        code: .endpointInUse,
        message: "\(self.path) exists and can't be connected to: \(error)",
        cause: error
      )
    }
    throw EngineAPIError(
      code: .endpointInUse,
      message: "another server answers at unix://\(self.path): stop it or choose another path"
    )
  }

  /// What tells this socket from one that another server makes at the same path later.
  var identity: UInt64? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: self.path)
    return (attributes?[.systemFileNumber] as? any BinaryInteger).map { UInt64(truncatingIfNeeded: $0) }
  }

  func setPermissions(_ permissions: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: self.path)
  }

  /// Removes the socket if it is still the one that was made.
  func remove(ifStill identity: UInt64?) {
    if identity != nil, self.identity == identity { self.remove() }
  }

  private func remove() {
    try? FileManager.default.removeItem(atPath: self.path)
  }

  private var type: FileAttributeType? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: self.path)
    return attributes?[.type] as? FileAttributeType
  }

  private func checkDirectory() throws(EngineAPIError) {
    let directory = self.path.lastIndex(of: "/").map { self.path[..<$0] } ?? ""
    var isDirectory = false
    let exists = FileManager.default.fileExists(atPath: directory.isEmpty ? "/" : String(directory), isDirectory: &isDirectory)
    guard exists, isDirectory else {
      throw EngineAPIError(code: .bindFailed, message: "the directory of the API's socket, \(directory), doesn't exist")
    }
  }
}
