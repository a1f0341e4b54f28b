// SPDX-License-Identifier: Apache-2.0

/// What `--publish` takes: `8080:80/tcp`, or `published=8080,target=80,protocol=tcp,mode=host`.
package struct PortValue: Hashable, Sendable {
  /// One per port of a range.
  package var ports: [Engine.PortConfig]

  package init?(_ text: String) {
    let ports = text.contains("=") ? Self.long(text).map { [$0] } : Self.short(text)
    guard let ports else { return nil }
    self.ports = ports
  }

  private static func long(_ text: String) -> Engine.PortConfig? {
    var port = Self.port(protocol: "tcp", mode: "ingress")
    for field in text.split(separator: ",") {
      let parts = field.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      let value = String(parts[1])
      switch parts[0] {
      case "target":
        guard let number = UInt16(value), number > 0 else { return nil }
        port.targetPort = UInt32(number)
      case "published":
        guard let number = UInt16(value) else { return nil }
        port.publishedPort = UInt32(number)
      case "protocol":
        guard Self.protocols.contains(value.lowercased()) else { return nil }
        port.protocol = value.lowercased()
      case "mode":
        guard ["ingress", "host"].contains(value.lowercased()) else { return nil }
        port.publishMode = value.lowercased()
      default: return nil
      }
    }
    return port.targetPort == nil ? nil : port
  }

  private static func short(_ text: String) -> [Engine.PortConfig]? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.count > 1 ? parts[1].lowercased() : "tcp"
    let numbers = parts[0].split(separator: ":", omittingEmptySubsequences: false)
    guard Self.protocols.contains(name), (1...2).contains(numbers.count), let target = Self.range(numbers[numbers.count - 1])
    else {
      return nil
    }
    guard numbers.count == 2 else {
      return target.map { Self.port(protocol: name, mode: "ingress", target: $0) }
    }
    // A published port of 0 is any free one, as if none were named.
    if numbers[0] == "0" { return target.map { Self.port(protocol: name, mode: "ingress", target: $0) } }
    guard let published = Self.range(numbers[0]) else { return nil }
    // A target alone is published at each port of a range.
    let targets = target.count == 1 ? published.map { _ in target.lowerBound } : Array(target)
    guard published.count == targets.count else { return nil }
    return zip(published, targets).map { Self.port(protocol: name, mode: "ingress", target: $1, published: $0) }
  }

  private static let protocols: Set<String> = ["tcp", "udp", "sctp"]

  private static func range(_ text: Substring) -> ClosedRange<UInt32>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, 0 < first, first <= last else {
      return nil
    }
    return UInt32(first)...UInt32(last)
  }

  private static func port(
    protocol name: String,
    mode: String,
    target: UInt32? = nil,
    published: UInt32? = nil
  ) -> Engine.PortConfig {
    var port = Engine.PortConfig()
    port.protocol = name
    port.targetPort = target
    port.publishedPort = published
    port.publishMode = mode
    return port
  }
}
