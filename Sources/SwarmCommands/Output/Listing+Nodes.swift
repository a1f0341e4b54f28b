// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension Listing {
  /// The rows of `node ls`, in natural order of host names.
  ///
  /// - Parameters:
  ///   - ownID: The id of the node that was asked; it gets a star.
  ///   - root: What certificates of the swarm are to be signed by.
  init(nodes: [Engine.Node], ownID: String, root: Engine.TLSInfo?) {
    self.columns = [
      Column(name: "ID", heading: "ID"), Column(name: "Hostname", heading: "HOSTNAME"), Column(name: "Status", heading: "STATUS"),
      Column(name: "Availability", heading: "AVAILABILITY"), Column(name: "ManagerStatus", heading: "MANAGER STATUS"),
      Column(name: "EngineVersion", heading: "ENGINE VERSION"),
    ]
    self.furtherColumns = [Column(name: "TLSStatus", heading: "TLS STATUS")]
    self.rows =
      nodes
      .sorted { NaturalOrder.areInOrder($0.description?.hostname ?? "", $1.description?.hostname ?? "") }
      .map { node in
        [
          "ID": node.id ?? "",
          "Self": String(node.id == ownID),
          "Hostname": node.description?.hostname ?? "",
          "Status": HumanText.title(node.status?.state ?? ""),
          "Availability": HumanText.title(node.spec?.availability ?? ""),
          "ManagerStatus": Self.managerStatus(of: node),
          "EngineVersion": node.description?.engine?.engineVersion ?? "",
          "TLSStatus": Self.tlsStatus(of: node, root: root),
        ]
      }
  }

  /// The default table marks the node that was asked.
  var markingOwnNode: Listing {
    var marked = self
    for position in marked.rows.indices {
      let mark = marked.rows[position]["Self"] == "true" ? " *" : "  "
      marked.rows[position]["ID", default: ""] += mark
    }
    return marked
  }

  /// Whether the node's certificate is of the authority that the swarm has now, and the node trusts that one.
  private static func tlsStatus(of node: Engine.Node, root: Engine.TLSInfo?) -> String {
    let nothing = Engine.TLSInfo()
    guard let root, root != nothing, let own = node.description?.tlsInfo, own != nothing else { return "Unknown" }
    return own == root ? "Ready" : "Needs Rotation"
  }

  private static func managerStatus(of node: Engine.Node) -> String {
    guard let status = node.managerStatus else { return "" }
    return status.leader ?? false ? "Leader" : HumanText.title(status.reachability ?? "")
  }
}
