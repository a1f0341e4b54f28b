// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Gossip
internal import NIOCore

/// What only the machine knows.
enum MachineFacts {
  /// The wall clock: good enough to tell one start from the next, and used for nothing else.
  static var millisecondsSince1970: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// The first address of the machine that others may reach, or that of loopback.
  static func firstAddress(port: UInt16, isIPv6: Bool) -> GossipAddress {
    let devices = (try? System.enumerateDevices()) ?? []
    for device in devices {
      guard let socket = device.address, var address = GossipAddress(socket), !address.isLoopback, !address.isWildcard else {
        continue
      }
      // Addresses that are good on one link alone begin with fe80.
      guard address.ipv4 != nil || isIPv6 && address.ipv6.upper >> 54 != 0x3FA else { continue }
      address.port = port
      return address
    }
    return GossipAddress(ipv4: 0x7F00_0001, port: port)
  }
}
