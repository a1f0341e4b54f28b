// SPDX-License-Identifier: Apache-2.0

/// The certificate authority that a node trusts, as the node reports it.
public struct NodeTLSInfo: Sendable, Hashable {
  /// The trusted root certificates, PEM.
  public var trustRoot: [UInt8]
  /// The raw subject of the issuer of the node's certificate.
  public var certIssuerSubject: [UInt8]
  /// The raw public key of the issuer of the node's certificate.
  public var certIssuerPublicKey: [UInt8]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    trustRoot: [UInt8] = [],
    certIssuerSubject: [UInt8] = [],
    certIssuerPublicKey: [UInt8] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.trustRoot = trustRoot
    self.certIssuerSubject = certIssuerSubject
    self.certIssuerPublicKey = certIssuerPublicKey
    self.unknownFields = unknownFields
  }
}
