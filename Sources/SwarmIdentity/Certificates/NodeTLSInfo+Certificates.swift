// SPDX-License-Identifier: Apache-2.0

public import SwarmModel
internal import SwiftASN1
internal import X509

extension NodeTLSInfo {
  /// What a certificate says of itself as an issuer.
  init(_ issuer: Certificate, roots: TrustRoots) throws(SwarmError) {
    self.init(trustRoot: roots.pem)
    var serializer = DER.Serializer()
    do {
      try serializer.serialize(issuer.subject)
      self.certIssuerPublicKey = try issuer.publicKey.serializeAsPEM().derBytes
    } catch {
      throw SwarmError(code: .invalidArgument, message: "an authority's certificate can't be read", cause: error)
    }
    self.certIssuerSubject = serializer.serializedBytes
  }
}

extension NodeCredentials {
  /// What the node trusts and who signed its certificate, as managers are told; `nil` when the chain leads nowhere.
  public var tlsInfo: NodeTLSInfo? {
    guard let chain = try? PEMText.certificates(self.chain, "node certificate"), let leaf = chain.first else { return nil }
    let issuer = (chain.dropFirst() + self.trustRoots.certificates).first {
      $0.subject == leaf.issuer && $0.publicKey.isValidSignature(leaf.signature, for: leaf)
    }
    return issuer.flatMap { try? NodeTLSInfo($0, roots: self.trustRoots) }
  }
}

extension RootCA {
  /// What nodes trust now, and the root certificate that they are to come to, which is the next one while they move; `nil` when either can't be read.
  public var tlsInfo: NodeTLSInfo? {
    guard let roots = try? TrustRoots(pem: self.caCert),
      let wanted = try? TrustRoots(pem: self.rootRotation?.caCert ?? self.caCert),
      let root = wanted.certificates.first
    else { return nil }
    return try? NodeTLSInfo(root, roots: roots)
  }
}

extension CertificateAuthority {
  /// Who signs now: the root certificate, or the next one while nodes move to it.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument`.
  public var issuerInfo: NodeTLSInfo {
    get throws(SwarmError) { try NodeTLSInfo(self.signer, roots: self.trustRoots) }
  }
}
