// SPDX-License-Identifier: Apache-2.0

/// A node's certificate, and how far its issuance is.
public struct NodeCertificate: Sendable, Hashable {
  /// The role that the certificate gives.
  public var role: NodeRole
  /// The request that the node sent, PEM.
  public var csr: [UInt8]
  /// How far the issuance is.
  public var status: IssuanceStatus
  /// The certificate, followed by those between it and the root, PEM.
  public var certificate: [UInt8]
  /// The node's id, which the certificate names.
  public var cn: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    role: NodeRole = .worker,
    csr: [UInt8] = [],
    status: IssuanceStatus = IssuanceStatus(),
    certificate: [UInt8] = [],
    cn: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.role = role
    self.csr = csr
    self.status = status
    self.certificate = certificate
    self.cn = cn
    self.unknownFields = unknownFields
  }
}
