// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Lets the kernel find out that a peer is gone without a word: its machine lost power, or the cable was
/// pulled.
///
/// gRPC's own pings don't serve: SwarmKit's managers close connections that ping more often than every five
/// minutes.
enum KeepAlive {
  /// The socket options, with their values.
  ///
  /// An idle connection is probed after 10 s and given up after 9 s without an answer; sent bytes must be
  /// acknowledged within 10 s.
  static let options: [(ChannelOptions.Types.SocketOption, ChannelOptions.Types.SocketOption.Value)] = {
    var options: [(ChannelOptions.Types.SocketOption, ChannelOptions.Types.SocketOption.Value)] = [
      (ChannelOptions.Types.SocketOption(level: .socket, name: .so_keepalive), 1)
    ]
    #if os(Linux)
      // Numbers of <netinet/tcp.h>: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT in seconds, TCP_USER_TIMEOUT in
      // milliseconds.
      for (name, value) in [(4, 10), (5, 3), (6, 3), (18, 10_000)] as [(CInt, ChannelOptions.Types.SocketOption.Value)] {
        options.append((ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: name)), value))
      }
    #endif
    return options
  }()
}
