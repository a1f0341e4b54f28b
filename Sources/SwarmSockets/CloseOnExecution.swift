// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import NIOCore

extension ChannelPipeline.SynchronousOperations {
  /// Keeps the socket from programs that this process starts.
  ///
  /// One that lives on would hold the port when this process has let it go, and a connection open that its other end should see
  /// closed. SwiftNIO makes its sockets without the flag.
  package func closeOnExecution() throws {
    _ = try self.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { fcntl($0, F_SETFD, FD_CLOEXEC) }
  }
}
