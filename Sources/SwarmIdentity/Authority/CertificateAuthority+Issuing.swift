// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
public import SwarmModel
internal import X509

extension CertificateAuthority {
  /// Issues a node's certificate.
  ///
  /// Of the request only the public key is taken. Subject `O=<cluster>, OU=swarm-<role>, CN=<node>`; names `swarm-<role>` and the node's id, and
  /// `swarm-ca` on a manager, by which joining nodes call it; usages digital signature and key encipherment, both ends of a connection; valid from
  /// an hour ago for `validity` from now.
  ///
  /// - Parameters:
  ///   - request: the node's request.
  ///   - identity: who the node is; never taken from the request.
  ///   - validity: how long the certificate is valid; less than ``minimumValidity`` is taken as ``defaultValidity``.
  ///   - now: the time.
  ///   - random: where the serial number comes from.
  /// - Returns: the certificate, followed by those between it and the root, PEM.
  /// - Throws: ``SwarmError`` with code `internalError`.
  public func issue(
    _ request: CertificateRequest,
    for identity: PeerIdentity,
    validity: Duration,
    now: Timestamp,
    using random: inout some RandomNumberGenerator
  ) throws(SwarmError) -> [UInt8] {
    let life = validity < Self.minimumValidity ? Self.defaultValidity : validity
    var names: [GeneralName] = [
      .dnsName(identity.role.organizationalUnit), .dnsName(identity.nodeID.description),
    ]
    if identity.role == .manager { names.append(.dnsName("swarm-ca")) }
    do {
      let issuerKey = try self.signer.extensions.subjectKeyIdentifier?.keyIdentifier
      let certificate = try Certificate(
        version: .v3,
        serialNumber: Self.serialNumber(using: &random),
        publicKey: request.publicKey,
        notValidBefore: (now - Self.backdating).date,
        notValidAfter: min((now + life).date, self.signer.notValidAfter),
        issuer: self.signer.subject,
        subject: identity.subject,
        extensions: Certificate.Extensions {
          Critical(BasicConstraints.notCertificateAuthority)
          Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
          try ExtendedKeyUsage([.serverAuth, .clientAuth])
          SubjectKeyIdentifier(hash: request.publicKey)
          if let issuerKey { AuthorityKeyIdentifier(keyIdentifier: issuerKey) }
          SubjectAlternativeNames(names)
        },
        issuerPrivateKey: self.key
      )
      return try PEMText.write([certificate] + self.intermediates)
    } catch {
      throw SwarmError(code: .internalError, message: "a certificate can't be issued", cause: error)
    }
  }

  /// Whether a certificate was signed by what signs now; while nodes move to another root, those that weren't are to be renewed.
  ///
  /// - Parameter chain: the certificate, PEM.
  public func isCurrent(_ chain: [UInt8]) -> Bool {
    guard let leaf = try? PEMText.certificates(chain, "").first else { return false }
    return leaf.issuer == self.signer.subject && self.signer.publicKey.isValidSignature(leaf.signature, for: leaf)
  }
}
