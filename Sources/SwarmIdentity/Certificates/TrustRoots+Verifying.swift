// SPDX-License-Identifier: Apache-2.0

public import SwarmModel
internal import SwiftASN1
// A time of the caller's choosing instead of the system's is behind this name, which the library documents.
@_spi(FixedExpiryValidationTime) internal import X509

extension TrustRoots {
  /// Verifies a node's certificate.
  ///
  /// It must lead to one of these roots by the rules of RFC 5280, be valid at the time, be meant for both ends of a connection, not sign others, and
  /// name a node.
  ///
  /// - Parameters:
  ///   - chain: the certificate, followed by those between it and the root, PEM.
  ///   - now: the time.
  /// - Returns: who the certificate is for.
  /// - Throws: ``SwarmError`` with code `permissionDenied` and the reason, `invalidArgument` when the chain can't be read.
  public func verify(chain: [UInt8], now: Timestamp) async throws(SwarmError) -> PeerIdentity {
    try await self.verify(PEMText.certificates(chain, "node certificate"), now: now)
  }

  /// Verifies a node's certificate as it was shown on a connection.
  ///
  /// - Parameters:
  ///   - certificates: the certificate, followed by those between it and the root, DER.
  ///   - now: the time.
  /// - Returns: who the certificate is for.
  /// - Throws: ``SwarmError`` with code `permissionDenied` and the reason, `invalidArgument` when a certificate can't be read.
  public func verify(shown certificates: [[UInt8]], now: Timestamp) async throws(SwarmError) -> PeerIdentity {
    let parsed: [Certificate]
    do {
      parsed = try certificates.map { try Certificate(derEncoded: $0) }
    } catch {
      throw SwarmError(code: .invalidArgument, message: "the node certificate can't be read", cause: error)
    }
    return try await self.verify(parsed, now: now)
  }

  private func verify(_ certificates: [Certificate], now: Timestamp) async throws(SwarmError) -> PeerIdentity {
    guard let leaf = certificates.first else { throw Self.refused("there is none") }
    var verifier = Verifier(rootCertificates: CertificateStore(self.certificates)) {
      RFC5280Policy(fixedExpiryValidationTime: now.date)
      ForNodes()
    }
    switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(certificates.dropFirst())) {
    case .validCertificate: return try PeerIdentity(leaf)
    case .couldNotValidate(let failures):
      throw Self.refused(
        failures.isEmpty
          ? "it doesn't lead to the root certificate of this swarm"
          : failures.map { "\($0.policyFailureReason)" }.joined(separator: "; ")
      )
    }
  }

  private static func refused(_ reason: String) -> SwarmError {
    SwarmError(code: .permissionDenied, message: "the node certificate is refused: \(reason)")
  }
}

/// The first certificate of the chain is a node's, not an authority's.
private struct ForNodes: VerifierPolicy {
  var verifyingCriticalExtensions: [ASN1ObjectIdentifier] { [.X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage] }

  func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
    let leaf = chain.leaf
    guard chain.count >= 2, case .notCertificateAuthority = try? leaf.extensions.basicConstraints else {
      return .failsToMeetPolicy(reason: "it is an authority's")
    }
    guard (try? leaf.extensions.keyUsage)?.digitalSignature == true,
      let usages = try? leaf.extensions.extendedKeyUsage, usages.contains(.clientAuth), usages.contains(.serverAuth)
    else { return .failsToMeetPolicy(reason: "it isn't meant for both ends of a connection") }
    return .meetsPolicy
  }
}
