// SPDX-License-Identifier: Apache-2.0

public import SwarmModel
internal import SwiftASN1
internal import X509

/// Who a node is, as its certificate's subject tells: `O=<cluster id>, OU=swarm-manager|swarm-worker, CN=<node id>`.
public struct PeerIdentity: Sendable, Hashable {
  /// What the node may do.
  public var role: NodeRole
  /// The node.
  public var nodeID: NodeID
  /// The cluster that the node belongs to.
  public var clusterID: ClusterID

  /// Creates a value.
  public init(role: NodeRole, nodeID: NodeID, clusterID: ClusterID) {
    self.role = role
    self.nodeID = nodeID
    self.clusterID = clusterID
  }

  /// Reads a certificate's subject; any part that is missing, comes twice or isn't of its form refuses the whole.
  init(_ certificate: Certificate) throws(SwarmError) {
    var parts: [RDNName: [String?]] = [:]
    for component in certificate.subject {
      for attribute in component {
        guard let name = RDNName(attribute.type) else { continue }
        parts[name, default: []].append(String(attribute.value))
      }
    }
    guard
      let unit = Self.only(parts[.unit]), let role = NodeRole(organizationalUnit: unit),
      let node = Self.only(parts[.commonName]).flatMap({ NodeID($0) }),
      let cluster = Self.only(parts[.organization]).flatMap({ ClusterID($0) })
    else {
      throw SwarmError(code: .permissionDenied, message: "the peer's certificate isn't a swarm node's")
    }
    self.init(role: role, nodeID: node, clusterID: cluster)
  }

  /// The subject of the node's certificate.
  var subject: DistinguishedName {
    get throws {
      try DistinguishedName {
        OrganizationName(self.clusterID.description)
        OrganizationalUnitName(self.role.organizationalUnit)
        CommonName(self.nodeID.description)
      }
    }
  }

  private static func only(_ values: [String?]?) -> String? {
    guard let values, values.count == 1 else { return nil }
    return values[0]
  }

  private enum RDNName: Hashable {
    case commonName, unit, organization

    init?(_ type: ASN1ObjectIdentifier) {
      switch type {
      case .RDNAttributeType.commonName: self = .commonName
      case .RDNAttributeType.organizationalUnitName: self = .unit
      case .RDNAttributeType.organizationName: self = .organization
      default: return nil
      }
    }
  }
}

extension NodeRole {
  /// The role's name in certificates, and the name that a server of that role is called by.
  public var organizationalUnit: String {
    switch self {
    case .worker: "swarm-worker"
    case .manager: "swarm-manager"
    }
  }

  init?(organizationalUnit: String) {
    switch organizationalUnit {
    case NodeRole.worker.organizationalUnit: self = .worker
    case NodeRole.manager.organizationalUnit: self = .manager
    default: return nil
    }
  }
}
