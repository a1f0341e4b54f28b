// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension Listing {
  /// The rows of `node ls`, in natural order of host names.
  ///
  /// - Parameter ownID: The id of the node that was asked; it gets a star.
  init(nodes: [Engine.Node], ownID: String) {
    self.columns = [
      Column(name: "ID", heading: "ID"), Column(name: "Hostname", heading: "HOSTNAME"), Column(name: "Status", heading: "STATUS"),
      Column(name: "Availability", heading: "AVAILABILITY"), Column(name: "ManagerStatus", heading: "MANAGER STATUS"),
      Column(name: "EngineVersion", heading: "ENGINE VERSION"),
    ]
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
          "TLSStatus": "Unknown",
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

  private static func managerStatus(of node: Engine.Node) -> String {
    guard let status = node.managerStatus else { return "" }
    return status.leader ?? false ? "Leader" : HumanText.title(status.reachability ?? "")
  }
}
