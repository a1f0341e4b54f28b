// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// A node for people: `node inspect --pretty`.
struct NodeSheet: Sendable {
  private let node: Engine.Node

  init(_ node: Engine.Node) { self.node = node }

  /// The lines, each ended.
  var text: String {
    let description = self.node.description ?? Engine.NodeDescription()
    var lines: [(String, String)] = [("ID:", self.node.id ?? ""), ("Name:", self.node.spec?.name ?? "")].filter { !$0.1.isEmpty }
    lines.append(("Labels:", ""))
    for (key, value) in (self.node.spec?.labels ?? [:]).sorted(by: { $0.key < $1.key }) {
      lines.append((" - \(key)=\(value)", ""))
    }
    lines.append(("Hostname:", description.hostname ?? ""))
    lines.append(("Joined at:", self.node.createdAt?.description ?? ""))
    lines.append(("Status:", ""))
    lines.append((" State:", HumanText.title(self.node.status?.state ?? "")))
    if let message = self.node.status?.message, !message.isEmpty { lines.append((" Message:", message)) }
    lines.append((" Availability:", HumanText.title(self.node.spec?.availability ?? "")))
    lines.append((" Address:", self.node.status?.addr ?? ""))
    if let manager = self.node.managerStatus {
      lines.append(("Manager Status:", ""))
      lines.append((" Address:", manager.addr ?? ""))
      lines.append((" Raft Status:", HumanText.title(manager.reachability ?? "")))
      lines.append((" Leader:", manager.leader ?? false ? "Yes" : "No"))
    }
    lines.append(("Platform:", ""))
    lines.append((" Operating System:", description.platform?.os ?? ""))
    lines.append((" Architecture:", description.platform?.architecture ?? ""))
    lines.append(("Resources:", ""))
    lines.append((" CPUs:", String((description.resources?.nanoCPUs ?? 0) / 1_000_000_000)))
    lines.append((" Memory:", Self.memory(description.resources?.memoryBytes ?? 0)))
    lines.append(("Engine Version:", description.engine?.engineVersion ?? ""))
    for (key, value) in (description.engine?.labels ?? [:]).sorted(by: { $0.key < $1.key }) {
      if key == description.engine?.labels?.keys.min() { lines.append(("Engine Labels:", "")) }
      lines.append((" - \(key)=\(value)", ""))
    }
    return lines.map(Sheet.line).joined(separator: "\n") + "\n"
  }

  /// Bytes in the largest unit that fits, with three digits at most behind the point.
  private static func memory(_ bytes: Int64) -> String {
    var (amount, unit) = (Double(bytes), "B")
    for next in ["KiB", "MiB", "GiB", "TiB"] where amount >= 1024 { (amount, unit) = (amount / 1024, next) }
    return "\(JSONValue.number((amount * 1000).rounded() / 1000).text)\(unit)"
  }
}
