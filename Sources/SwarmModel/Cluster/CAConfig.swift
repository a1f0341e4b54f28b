// SPDX-License-Identifier: Apache-2.0

/// How node certificates are issued.
public struct CAConfig: Sendable, Hashable {
  /// How long a node's certificate is valid.
  public var nodeCertExpiry: Duration
  /// Authorities outside the cluster.
  public var externalCAs: [ExternalCA]
  /// The root certificate to use, PEM; empty lets the cluster make one.
  public var signingCACert: [UInt8]
  /// The key of the root certificate, PEM.
  public var signingCAKey: [UInt8]
  /// A counter; raising it makes a new root certificate.
  public var forceRotate: UInt64
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    nodeCertExpiry: Duration = .seconds(2160 * 3600),
    externalCAs: [ExternalCA] = [],
    signingCACert: [UInt8] = [],
    signingCAKey: [UInt8] = [],
    forceRotate: UInt64 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.nodeCertExpiry = nodeCertExpiry
    self.externalCAs = externalCAs
    self.signingCACert = signingCACert
    self.signingCAKey = signingCAKey
    self.forceRotate = forceRotate
    self.unknownFields = unknownFields
  }
}
