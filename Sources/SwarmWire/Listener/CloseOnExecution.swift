// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore

extension ChannelPipeline.SynchronousOperations {
  /// Keeps the socket from programs that this process starts: one that lives on would hold the port when this process has let it go.
  func closeOnExecution() throws {
    _ = try self.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { fcntl($0, F_SETFD, FD_CLOEXEC) }
  }
}
