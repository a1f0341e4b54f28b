// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// A port that a task opens on its node; ports of different protocols don't conflict.
struct HostPort: Sendable, Hashable {
  let transport: PortConfig.ProtocolKind
  let number: UInt32

  /// The ports among these that are published on the task's node, and with a fixed number.
  static func of(_ ports: [PortConfig]) -> [HostPort] {
    guard !ports.isEmpty else { return [] }
    return ports.compactMap { port in
      guard port.publishMode == .host, port.publishedPort != 0 else { return nil }
      return HostPort(transport: port.protocol, number: port.publishedPort)
    }
  }
}
