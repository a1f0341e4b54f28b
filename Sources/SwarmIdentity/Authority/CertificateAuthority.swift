// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import FoundationEssentials
public import SwarmModel
internal import X509

/// What signs the certificates of a swarm's nodes.
///
/// Its state is ``SwarmModel/RootCA``, which managers replicate; this value is what one of them makes of it. Everything is SwarmKit's: the root
/// `CN=swarm-ca`, P-256, 20 years; leaves as ``issue(_:for:validity:now:)`` tells.
public struct CertificateAuthority: Sendable {
  /// How long a root certificate is valid: 20 years.
  public static let rootValidity = Duration.seconds(630_720_000)
  /// How far certificates are dated back, for nodes whose clocks are behind.
  public static let backdating = Duration.seconds(3600)
  /// The shortest life that a node's certificate can have; less is taken as ``defaultValidity``.
  public static let minimumValidity = Duration.seconds(3600)
  /// The life of a node's certificate: 90 days.
  public static let defaultValidity = Duration.seconds(90 * 24 * 3600)

  /// What nodes trust.
  public let trustRoots: TrustRoots
  /// Whose name and key sign: the root, or the next root while nodes move to it.
  let signer: Certificate
  let key: Certificate.PrivateKey
  /// What leads from ``signer`` to ``trustRoots`` and so belongs behind each leaf; empty but while nodes move to another root.
  let intermediates: [Certificate]

  /// Takes over the state that managers replicate.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition` when the cluster's root certificate is kept elsewhere, `invalidArgument` when the state
  ///   can't be read or key and certificate don't belong together.
  public init(_ state: RootCA) throws(SwarmError) {
    let roots = try TrustRoots(pem: state.caCert)
    let signing: (certificate: [UInt8], key: [UInt8])
    if let rotation = state.rootRotation {
      signing = (rotation.crossSignedCACert, rotation.caKey)
      self.intermediates = try PEMText.certificates(rotation.crossSignedCACert, "cross-signed root certificate")
    } else {
      signing = (state.caCert, state.caKey)
      self.intermediates = []
    }
    guard !signing.key.isEmpty else {
      throw SwarmError(code: .failedPrecondition, message: "the swarm's root key isn't kept by its managers")
    }
    let key: Certificate.PrivateKey
    do {
      key = try Certificate.PrivateKey(pemEncoded: String(decoding: signing.key, as: UTF8.self))
    } catch {
      // The cause could quote the text.
      throw SwarmError(code: .invalidArgument, message: "the root key can't be read")
    }
    guard
      let signer = try PEMText.certificates(signing.certificate, "root certificate").first(where: {
        $0.publicKey == key.publicKey
      })
    else {
      throw SwarmError(code: .invalidArgument, message: "the root key isn't that of the root certificate")
    }
    self.trustRoots = roots
    self.signer = signer
    self.key = key
  }

  /// Makes the state of a new authority: a root certificate and both tokens.
  ///
  /// - Parameters:
  ///   - now: the time.
  ///   - random: where the tokens' secrets and the serial number come from.
  /// - Throws: ``SwarmError`` with code `internalError`.
  public static func makeState(now: Timestamp, using random: inout some RandomNumberGenerator) throws(SwarmError) -> RootCA {
    let (certificate, key) = try Self.makeRoot(now: now, using: &random)
    let roots = try TrustRoots(pem: certificate)
    return RootCA(
      caKey: key,
      caCert: certificate,
      caCertHash: Self.hash(roots),
      joinTokens: JoinTokens(roots: roots, using: &random)
    )
  }

  /// Makes a self-signed root certificate and its key, both PEM.
  static func makeRoot(
    now: Timestamp,
    using random: inout some RandomNumberGenerator
  ) throws(SwarmError) -> (certificate: [UInt8], key: [UInt8]) {
    let key = P256.Signing.PrivateKey()
    let signing = Certificate.PrivateKey(key)
    do {
      let name = try DistinguishedName { CommonName("swarm-ca") }
      let certificate = try Certificate(
        version: .v3,
        serialNumber: Self.serialNumber(using: &random),
        publicKey: signing.publicKey,
        notValidBefore: (now - Self.backdating).date,
        notValidAfter: (now + Self.rootValidity).date,
        issuer: name,
        subject: name,
        signatureAlgorithm: .ecdsaWithSHA256,
        extensions: try Self.authorityExtensions(SubjectKeyIdentifier(hash: signing.publicKey)),
        issuerPrivateKey: signing
      )
      return (try PEMText.write([certificate]), Array((key.pemRepresentation + "\n").utf8))
    } catch {
      throw SwarmError(code: .internalError, message: "the root certificate can't be made", cause: error)
    }
  }

  /// What makes a certificate an authority's; `issuer` is who signs it when it doesn't itself.
  static func authorityExtensions(
    _ keyIdentifier: SubjectKeyIdentifier,
    issuer: Certificate? = nil
  ) throws -> Certificate.Extensions {
    let issuerKey = try issuer?.extensions.subjectKeyIdentifier?.keyIdentifier
    return try Certificate.Extensions {
      Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
      Critical(KeyUsage(keyCertSign: true, cRLSign: true))
      keyIdentifier
      if let issuerKey { AuthorityKeyIdentifier(keyIdentifier: issuerKey) }
    }
  }

  /// 160 bits of chance, positive.
  static func serialNumber(using random: inout some RandomNumberGenerator) -> Certificate.SerialNumber {
    var bytes = (0..<20).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    bytes[0] = bytes[0] & 0x7f | 0x01
    return Certificate.SerialNumber(bytes: bytes)
  }

  /// The digest of root certificates, as the cluster object shows it.
  static func hash(_ roots: TrustRoots) -> String {
    "sha256:" + roots.digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
