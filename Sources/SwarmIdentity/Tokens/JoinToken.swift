// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import SwarmModel

/// What lets a node into a swarm: the digest of the root certificates that it shall trust, and a secret.
///
/// The text is SwarmKit's: `SWMTKN-1-<digest>-<secret>`. The digest is the SHA-256 of the root certificates' PEM, byte for byte as a manager hands
/// them out, as a number in base 36 of 50 digits; the secret has 25 digits, for 128 bits of chance. Clusters in FIPS mode write
/// `SWMTKN-2-1-<digest>-<secret>`.
///
/// Descriptions leave the secret out; ``text`` has it.
public struct JoinToken: Sendable {
  /// The SHA-256 of the root certificates' PEM.
  public let rootDigest: [UInt8]
  /// Whether the swarm runs in FIPS mode.
  public let isFIPS: Bool
  private let secret: String

  /// Makes a token.
  ///
  /// - Parameters:
  ///   - roots: what the node shall trust.
  ///   - secret: 16 bytes of chance.
  public init(roots: TrustRoots, secret: [UInt8]) {
    precondition(secret.count == 16, "a token's secret has 16 bytes")
    self.rootDigest = roots.digest
    self.isFIPS = false
    self.secret = Base36.encode(secret, length: 25)
  }

  /// Makes a token with a new secret.
  public init(roots: TrustRoots, using random: inout some RandomNumberGenerator) {
    self.init(roots: roots, secret: (0..<16).map { _ in UInt8.random(in: 0 ... .max, using: &random) })
  }

  /// Reads a token.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` and docker's sentence.
  public init(_ text: some StringProtocol) throws(SwarmError) {
    // Nothing of the text goes into the error: a mistyped token is still most of a secret.
    let invalid = SwarmError(code: .invalidArgument, message: "invalid join token")
    guard text.utf8.count <= 96 else { throw invalid }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let isFIPS = parts.count == 5 && parts[1] == "2"
    guard parts.count == (isFIPS ? 5 : 4), parts[0] == "SWMTKN", parts[parts.count - 3] == "1" else { throw invalid }
    let digest = parts[parts.count - 2]
    let secret = parts[parts.count - 1]
    guard digest.utf8.count == 50, secret.utf8.count == 25,
      let rootDigest = Base36.decode(digest, count: 32), Base36.decode(secret, count: 17) != nil
    else { throw invalid }
    self.rootDigest = rootDigest
    self.isFIPS = isFIPS
    self.secret = String(secret)
  }

  /// The whole token, secret included.
  public var text: String {
    "SWMTKN-\(self.isFIPS ? "2-1" : "1")-\(Base36.encode(self.rootDigest, length: 50))-\(self.secret)"
  }

  /// The same secret for other root certificates: what becomes of a token when the root certificate is replaced.
  public func renewed(for roots: TrustRoots) -> JoinToken {
    JoinToken(rootDigest: roots.digest, isFIPS: self.isFIPS, secret: self.secret)
  }

  /// Whether root certificates are those that the token speaks of.
  ///
  /// - Parameter pem: the certificates, byte for byte as the manager sent them.
  public func vouches(forRoots pem: some Sequence<UInt8>) -> Bool {
    SHA256.hash(data: Array(pem)).elementsEqual(self.rootDigest)
  }

  private init(rootDigest: [UInt8], isFIPS: Bool, secret: String) {
    self.rootDigest = rootDigest
    self.isFIPS = isFIPS
    self.secret = secret
  }
}

extension JoinToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The token without its secret.
  public var description: String {
    "SWMTKN-\(self.isFIPS ? "2-1" : "1")-\(Base36.encode(self.rootDigest, length: 50))-…"
  }

  /// The token without its secret.
  public var debugDescription: String { self.description }

  /// The token without its secret, for `dump` and string interpolation of what holds it.
  public var customMirror: Mirror { Mirror(self, children: ["text": self.description]) }
}
