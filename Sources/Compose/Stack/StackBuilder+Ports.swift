// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension StackBuilder {
  /// The published ports of a service, in order of the ports outside.
  mutating func ports(_ reader: inout MapReader) throws(ComposeError) -> [Engine.PortConfig] {
    guard let node = reader.take("ports") else { return [] }
    let path = reader.path("ports")
    var ports: [Engine.PortConfig] = []
    for (index, element) in try node.list(path).enumerated() {
      if element.map != nil {
        ports += try self.longPort(element, path: "\(path)[\(index)]")
      } else {
        ports += try self.shortPort(element, path: "\(path)[\(index)]")
      }
    }
    return ports.sorted { ($0.publishedPort ?? 0, $0.targetPort ?? 0) < ($1.publishedPort ?? 0, $1.targetPort ?? 0) }
  }

  /// `[[address:]published:]target[/protocol]`, each a number or a range.
  private mutating func shortPort(_ node: ComposeNode, path: String) throws(ComposeError) -> [Engine.PortConfig] {
    let expected = "a port like 8080:80/tcp"
    var text = try node.text(path, expected)
    if let address = Self.address(of: text) {
      text = String(text.dropFirst(address.count + 1))
      if text.hasPrefix(":") { text.removeFirst() }
      self.noteAddress(address, path: path, at: node.position)
    }
    guard !text.contains("="), let value = PortValue(text) else { throw node.refused(path, expected) }
    return value.ports
  }

  /// The address in front of two ports, with its brackets.
  private static func address(of text: String) -> Substring? {
    if text.hasPrefix("[") { return text.firstIndex(of: "]").map { text[...$0] } }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 3 ? parts[0] : nil
  }

  private mutating func longPort(_ node: ComposeNode, path: String) throws(ComposeError) -> [Engine.PortConfig] {
    var reader = try MapReader(node, path: path)
    guard let target: UInt16 = try reader.integer("target"), target > 0 else {
      throw ComposeError("\(path): target, a port from 1 to 65535, is missing", at: node.position)
    }
    var port = Engine.PortConfig()
    port.targetPort = UInt32(target)
    port.protocol = try reader.word("protocol", of: ["tcp", "udp", "sctp"]) ?? "tcp"
    port.publishMode = try reader.word("mode", of: ["ingress", "host"]) ?? "ingress"
    port.name = try reader.text("name")
    if let address = try reader.text("host_ip") { self.noteAddress(address[...], path: path, at: node.position) }
    if let published = reader.take("published") {
      port.publishedPort = UInt32(try published.integer(reader.path("published"), as: UInt16.self))
    }
    reader.ignore(["app_protocol"])
    try reader.finish()
    self.noteIgnored(by: reader)
    return [port]
  }

  private mutating func noteAddress(_ address: Substring, path: String, at position: ComposePosition) {
    self.note("\(path): a swarm publishes on all addresses, not on \(address) alone", at: position)
  }
}
