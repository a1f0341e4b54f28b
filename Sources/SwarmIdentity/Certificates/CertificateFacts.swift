// SPDX-License-Identifier: Apache-2.0

public import SwarmModel
internal import SwiftASN1
internal import X509

/// What a node's certificate says, whoever signed it.
public struct CertificateFacts: Sendable, Hashable {
  /// Who the certificate is for.
  public let identity: PeerIdentity
  /// From when on it is valid.
  public let notBefore: Timestamp
  /// Until when it is valid.
  public let notAfter: Timestamp
  /// The raw name of who signed it, as `docker info` shows it.
  public let issuerName: [UInt8]
  /// The key identifier of who signed it: tells apart authorities of one name.
  public let issuerKeyIdentifier: [UInt8]

  /// Reads a certificate (the first one of the text).
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` when it can't be read, `permissionDenied` when it isn't a node's.
  public init(chain: some Collection<UInt8>) throws(SwarmError) {
    guard let leaf = try PEMText.certificates(chain, "node certificate").first else {
      throw SwarmError(code: .invalidArgument, message: "node certificate: there is none")
    }
    try self.init(leaf)
  }

  /// Reads a certificate, DER.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` when it can't be read, `permissionDenied` when it isn't a node's.
  public init(der: [UInt8]) throws(SwarmError) {
    let certificate: Certificate
    do {
      certificate = try Certificate(derEncoded: der)
    } catch {
      throw SwarmError(code: .invalidArgument, message: "node certificate: it can't be read", cause: error)
    }
    try self.init(certificate)
  }

  private init(_ leaf: Certificate) throws(SwarmError) {
    self.identity = try PeerIdentity(leaf)
    self.notBefore = Timestamp(leaf.notValidBefore)
    self.notAfter = Timestamp(leaf.notValidAfter)
    var serializer = DER.Serializer()
    do {
      try serializer.serialize(leaf.issuer)
    } catch {
      throw SwarmError(code: .invalidArgument, message: "node certificate: its issuer can't be read", cause: error)
    }
    self.issuerName = serializer.serializedBytes
    self.issuerKeyIdentifier = (try? leaf.extensions.authorityKeyIdentifier)?.keyIdentifier.map(Array.init) ?? []
  }
}
