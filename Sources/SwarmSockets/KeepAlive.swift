// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Lets the kernel find out that a peer is gone without a word: its machine lost power, or the cable was
/// pulled.
///
/// gRPC's own pings don't serve: SwarmKit's managers close connections that ping more often than every five
/// minutes.
package enum KeepAlive {
  /// A socket option with its value.
  package typealias Option = (ChannelOptions.Types.SocketOption, ChannelOptions.Types.SocketOption.Value)

  /// Makes the kernel probe a connection that is idle for 10 s, and give it up after 9 s without an answer.
  ///
  /// It doesn't probe while sent bytes wait to be acknowledged.
  package static let probes: [Option] = {
    var options: [Option] = [(ChannelOptions.Types.SocketOption(level: .socket, name: .so_keepalive), 1)]
    #if os(Linux)
      // Numbers of <netinet/tcp.h>, with seconds: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT.
      for (name, value) in [(4, 10), (5, 3), (6, 3)] as [(CInt, ChannelOptions.Types.SocketOption.Value)] {
        options.append((ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: name)), value))
      }
    #endif
    return options
  }()

  /// The probes, and a limit of 10 s until sent bytes are acknowledged.
  ///
  /// The kernel also gives up who answers and takes nothing for that long: for connections that both sides read all the time.
  package static let options: [Option] = {
    var options = Self.probes
    #if os(Linux)
      // TCP_USER_TIMEOUT of <netinet/tcp.h>, in milliseconds.
      options.append((ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 18)), 10_000))
    #endif
    return options
  }()
}
