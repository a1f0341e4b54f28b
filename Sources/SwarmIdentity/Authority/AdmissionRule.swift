// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// Who is given a certificate, and for which role: the role comes from the token or from the cluster, never from who asks.
public struct AdmissionRule: Sendable {
  /// What comes of an application.
  public enum Decision: Sendable, Hashable {
    /// A new node, which the token gives this role.
    case newcomer(NodeRole)
    /// A member's next certificate.
    case member(NodeID)
    /// The very request was answered before; the node has its certificate.
    case answered(NodeID)
    /// Nobody that is let in.
    case refused
  }

  /// How nodes come back whose certificate has expired.
  public var expired: ExpiredRenewal

  /// Creates a rule.
  public init(expired: ExpiredRenewal = ExpiredRenewal()) {
    self.expired = expired
  }

  /// Decides about an application.
  ///
  /// In SwarmKit's order: who shows a member's certificate gets the next one, else the token counts; and beyond SwarmKit, who proves to have the
  /// key of an expired certificate comes back (``ExpiredRenewal``).
  ///
  /// - Parameters:
  ///   - csr: the request's text.
  ///   - request: the request.
  ///   - token: the join token; empty when none was sent.
  ///   - caller: who asks, as its certificate tells.
  ///   - tokens: the cluster's tokens.
  ///   - nodes: the cluster's nodes.
  ///   - now: the time.
  public func decide(
    _ csr: [UInt8],
    _ request: CertificateRequest,
    token: String,
    caller: PeerIdentity?,
    tokens: JoinTokens,
    nodes: some Sequence<Node>,
    now: Timestamp
  ) -> Decision {
    if let caller { return .member(caller.nodeID) }
    if let role = tokens.role(of: token) {
      let answered = nodes.first { $0.certificate?.csr == csr && $0.certificate?.status.state == .issued }
      return answered.map { .answered($0.id) } ?? .newcomer(role)
    }
    guard token.isEmpty else { return .refused }
    let returning = nodes.first { node in
      guard let certificate = node.certificate else { return false }
      return self.expired.admits(request, lastCertificate: certificate.certificate, now: now)
    }
    return returning.map { .member($0.id) } ?? .refused
  }
}
