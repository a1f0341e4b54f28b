// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import SwarmModel
internal import X509

/// The root certificates that a node trusts.
public struct TrustRoots: Sendable, Hashable {
  /// The certificates, PEM, byte for byte as they came: join tokens have a digest of these bytes.
  public let pem: [UInt8]
  let certificates: [Certificate]

  /// Reads root certificates.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` when they can't be read, or one of them doesn't sign others.
  public init(pem: some Collection<UInt8>) throws(SwarmError) {
    let certificates = try PEMText.certificates(pem, "root certificates")
    for certificate in certificates {
      guard case .isCertificateAuthority = try? certificate.extensions.basicConstraints else {
        throw SwarmError(code: .invalidArgument, message: "root certificates: one isn't an authority's")
      }
    }
    self.pem = Array(pem)
    self.certificates = certificates
  }

  /// The SHA-256 of ``pem``.
  public var digest: [UInt8] { Array(SHA256.hash(data: self.pem)) }

  /// Compares the bytes.
  public static func == (left: Self, right: Self) -> Bool { left.pem == right.pem }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) { hasher.combine(self.pem) }
}
