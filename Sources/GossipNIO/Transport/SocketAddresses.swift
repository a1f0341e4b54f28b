// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import NIOCore

extension GossipAddress {
  /// The address of a socket; nil for a unix socket.
  init?(_ address: SocketAddress) {
    // Where the numbers stand is part of the system's interface: family, port and then, for IPv6, flow before the address.
    let numbers: (first: UInt64, second: UInt64)? = unsafe address.withSockAddr { pointer, size in
      let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: size)
      switch address.protocol {
      case .inet where size >= 8:
        return unsafe (0, UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))))
      case .inet6 where size >= 24:
        return unsafe (
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        )
      default:
        return nil
      }
    }
    guard let numbers, let port = address.port.flatMap({ UInt16(exactly: $0) }) else { return nil }
    if address.protocol == .inet {
      self.init(ipv4: UInt32(truncatingIfNeeded: numbers.second), port: port)
    } else {
      self.init(ipv6: (numbers.first, numbers.second), port: port)
    }
  }

  /// Whether it is no place to send to.
  var isWildcard: Bool { self.ipv4 == 0 || self.ipv6 == (0, 0) }

  /// Whether it is reached from this machine alone.
  var isLoopback: Bool {
    if let ipv4 { return ipv4 >> 24 == 127 }
    return self.ipv6 == (0, 1)
  }
}

extension SocketAddress {
  /// The address for a socket.
  ///
  /// - Parameter isMapped: whether the socket is one of IPv6 that reaches IPv4 through mapped addresses.
  init(_ address: GossipAddress, isMapped: Bool = false) throws {
    var packed = ByteBuffer()
    if let ipv4 = address.ipv4, !isMapped {
      packed.writeInteger(ipv4)
    } else {
      packed.writeInteger(address.ipv6.upper)
      packed.writeInteger(address.ipv6.lower)
    }
    try self.init(packedIPAddress: packed, port: Int(address.port))
  }
}
