// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
public import SwarmModel
internal import X509

/// Replacing the root certificate without a moment in which two nodes distrust each other.
///
/// 1. ``startRotation(of:to:now:using:)``: a next root appears, cross-signed by the present one. From now on it signs, and leaves carry the
///    cross-signed certificate behind them; whoever trusts the present root trusts them.
/// 2. Nodes renew one by one. Both sides still trust the present root.
/// 3. ``finishRotation(of:)`` when all have: the next root is the one to trust. A leaf's issuer is its key, so leaves go on being trusted; the
///    cross-signed certificate behind them is ignored.
extension CertificateAuthority {
  /// Puts a next root into the state; a rotation under way is replaced by this one.
  ///
  /// - Parameters:
  ///   - state: the present state; its ``SwarmModel/RootCA/caCert`` stays what nodes trust.
  ///   - root: a root certificate and key of the operator's, PEM; `nil` makes one.
  ///   - now: the time.
  ///   - random: where serial numbers come from.
  /// - Throws: ``SwarmError`` with code `invalidArgument` when `root` can't be used, `failedPrecondition` when the managers don't have the present key.
  public static func startRotation(
    of state: RootCA,
    to root: (certificate: [UInt8], key: [UInt8])? = nil,
    now: Timestamp,
    using random: inout some RandomNumberGenerator
  ) throws(SwarmError) -> RootCA {
    var present = state
    present.rootRotation = nil
    let old = try CertificateAuthority(present)
    let made = root == nil ? try Self.makeRoot(now: now, using: &random) : nil
    guard let next = root ?? made else { preconditionFailure("a root was given or made") }
    let new = try CertificateAuthority(RootCA(caKey: next.key, caCert: next.certificate))
    guard now < Timestamp(new.signer.notValidAfter), now >= Timestamp(new.signer.notValidBefore) else {
      throw SwarmError(code: .invalidArgument, message: "the next root certificate isn't valid now")
    }
    present.rootRotation = RootRotation(
      caCert: next.certificate,
      caKey: next.key,
      crossSignedCACert: try old.crossSign(new.signer, using: &random)
    )
    return present
  }

  /// Makes the next root the one to trust, and both tokens speak of it; their secrets stay.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition` when no rotation is under way, `invalidArgument` when the state can't be read.
  public static func finishRotation(of state: RootCA) throws(SwarmError) -> RootCA {
    guard let rotation = state.rootRotation else {
      throw SwarmError(code: .failedPrecondition, message: "no root rotation is under way")
    }
    let roots = try TrustRoots(pem: rotation.caCert)
    var state = state
    state.rootRotation = nil
    state.caCert = rotation.caCert
    state.caKey = rotation.caKey
    state.caCertHash = Self.hash(roots)
    state.joinTokens = try state.joinTokens.renewed(for: roots)
    return state
  }

  /// Signs another root certificate as an intermediate one.
  private func crossSign(_ root: Certificate, using random: inout some RandomNumberGenerator) throws(SwarmError) -> [UInt8] {
    do {
      let certificate = try Certificate(
        version: .v3,
        serialNumber: Self.serialNumber(using: &random),
        publicKey: root.publicKey,
        notValidBefore: root.notValidBefore,
        notValidAfter: min(root.notValidAfter, self.signer.notValidAfter),
        issuer: self.signer.subject,
        subject: root.subject,
        extensions: Self.authorityExtensions(
          // As in the root itself: leaves must find both by it.
          root.extensions.subjectKeyIdentifier ?? SubjectKeyIdentifier(hash: root.publicKey),
          issuer: self.signer
        ),
        issuerPrivateKey: self.key
      )
      return try PEMText.write([certificate])
    } catch {
      throw SwarmError(code: .internalError, message: "the next root certificate can't be cross-signed", cause: error)
    }
  }
}
