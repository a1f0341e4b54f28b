// SPDX-License-Identifier: Apache-2.0

public import SwarmModel
internal import SwiftASN1
internal import X509

/// A node's request for a certificate, of which only the public key counts.
public struct CertificateRequest: Sendable {
  let publicKey: Certificate.PublicKey

  /// Reads a request, PEM, and checks the proof that whoever made it has the private key.
  ///
  /// Total: any bytes give a request or an error.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument`.
  public init(pem: some Collection<UInt8>) throws(SwarmError) {
    let documents = try PEMText.documents(pem, "certificate request")
    guard documents.count == 1 else {
      throw SwarmError(code: .invalidArgument, message: "certificate request: more than one")
    }
    let request: CertificateSigningRequest
    do {
      request = try CertificateSigningRequest(pemDocument: documents[0])
    } catch {
      throw SwarmError(code: .invalidArgument, message: "certificate request: it can't be read", cause: error)
    }
    guard request.publicKey.isValidSignature(request.signature, for: request) else {
      throw SwarmError(code: .invalidArgument, message: "certificate request: its signature is wrong")
    }
    self.publicKey = request.publicKey
  }

  /// Whether the request is for the key of a certificate (the first one of the text).
  public func hasKey(of chain: [UInt8]) -> Bool {
    (try? PEMText.certificates(chain, "").first)?.publicKey == self.publicKey
  }
}
