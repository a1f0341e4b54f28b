// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import SwarmModel
internal import SwiftASN1
internal import X509

/// A node's private key, P-256.
///
/// Descriptions don't show it.
public struct NodeKey: Sendable {
  let key: P256.Signing.PrivateKey

  /// Makes a key.
  public init() {
    self.key = P256.Signing.PrivateKey()
  }

  /// Reads a key.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument`; the text isn't part of the error.
  public init(pem: some Collection<UInt8>) throws(SwarmError) {
    guard pem.count <= PEMText.maximumSize, let text = String(validating: pem, as: UTF8.self),
      let key = try? P256.Signing.PrivateKey(pemRepresentation: text)
    else { throw SwarmError(code: .invalidArgument, message: "not a P-256 private key") }
    self.key = key
  }

  /// The key as PKCS#8, PEM.
  public var pem: [UInt8] { Array((self.key.pemRepresentation + "\n").utf8) }

  /// Asks for a certificate: the public key and a proof that the private one is at hand, nothing else.
  ///
  /// Whoever issues it decides about the subject, the names and the usages.
  ///
  /// - Returns: the request, PEM.
  /// - Throws: ``SwarmError`` with code `internalError`.
  public func certificateRequest() throws(SwarmError) -> [UInt8] {
    do {
      let request = try CertificateSigningRequest(
        version: .v1,
        subject: DistinguishedName(),
        privateKey: Certificate.PrivateKey(self.key),
        attributes: CertificateSigningRequest.Attributes(),
        signatureAlgorithm: .ecdsaWithSHA256
      )
      return PEMText.bytes(try request.serializeAsPEM())
    } catch {
      throw SwarmError(code: .internalError, message: "a certificate request can't be made", cause: error)
    }
  }

  /// Whether this is the key of a certificate (the first one of the text).
  public func belongs(to chain: [UInt8]) -> Bool {
    guard let leaf = try? PEMText.certificates(chain, "").first else { return false }
    return leaf.publicKey == Certificate.PublicKey(self.key.publicKey)
  }
}

extension NodeKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Says only what this is.
  public var description: String { "a private key" }

  /// Says only what this is.
  public var debugDescription: String { self.description }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
