// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import SwarmModel

extension JoinTokens {
  /// Makes both tokens.
  ///
  /// - Parameters:
  ///   - roots: what nodes shall trust.
  ///   - random: where the secrets come from; a `SystemRandomNumberGenerator` but in tests.
  public init(roots: TrustRoots, using random: inout some RandomNumberGenerator) {
    self.init(
      worker: JoinToken(roots: roots, using: &random).text,
      manager: JoinToken(roots: roots, using: &random).text
    )
  }

  /// The role that a token gives; `nil` for a token that isn't one of the two.
  ///
  /// Takes the same time whatever the token has in common with the right ones: digests are compared, which are of one length and say nothing about
  /// each other's neighbours, and both are.
  public func role(of token: String) -> NodeRole? {
    let offered = SHA256.hash(data: Array(token.utf8))
    let isWorker = offered == SHA256.hash(data: Array(self.worker.utf8)) && !self.worker.isEmpty
    let isManager = offered == SHA256.hash(data: Array(self.manager.utf8)) && !self.manager.isEmpty
    return isManager ? .manager : isWorker ? .worker : nil
  }

  /// Replaces the token of a role; the old one lets nobody in any more.
  public mutating func rotate(_ role: NodeRole, roots: TrustRoots, using random: inout some RandomNumberGenerator) {
    let token = JoinToken(roots: roots, using: &random).text
    switch role {
    case .worker: self.worker = token
    case .manager: self.manager = token
    }
  }

  /// Both tokens for other root certificates, with the secrets that they had.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` when one of them isn't a token.
  public func renewed(for roots: TrustRoots) throws(SwarmError) -> JoinTokens {
    JoinTokens(
      worker: try JoinToken(self.worker).renewed(for: roots).text,
      manager: try JoinToken(self.manager).renewed(for: roots).text,
      unknownFields: self.unknownFields
    )
  }
}
