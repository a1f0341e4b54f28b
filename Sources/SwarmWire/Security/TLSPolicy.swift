// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL
internal import SwarmIdentity
internal import SwarmModel

/// How connections are secured: TLS 1.2 or 1.3, keys that are made for the connection (ECDHE), and ciphers that authenticate what they encrypt.
enum TLSPolicy {
  /// The suites of TLS 1.2 that are spoken, those that SwarmKit allows; TLS 1.3 has no others.
  static let suites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  /// For the port: a client may show a certificate, and it must be a good one then.
  static func server(_ credentials: NodeCredentials) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try self.chain(credentials),
      privateKey: try self.key(credentials)
    )
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = self.suites
    configuration.certificateVerification = .optionalVerification
    configuration.trustRoots = try self.roots(credentials.trustRoots)
    configuration.sendCANameList = true
    configuration.applicationProtocols = [WireProtocol.grpc.name, WireProtocol.raft.name]
    return configuration
  }

  /// For a connection to another node, by a node.
  static func client(_ credentials: NodeCredentials, speaking wireProtocol: WireProtocol) throws -> TLSConfiguration {
    var configuration = try self.client(credentials.trustRoots, speaking: wireProtocol)
    configuration.certificateChain = try self.chain(credentials)
    configuration.privateKey = try self.key(credentials)
    return configuration
  }

  /// For a connection to a manager, by a node that has no certificate yet.
  static func client(_ roots: TrustRoots, speaking wireProtocol: WireProtocol) throws -> TLSConfiguration {
    var configuration = self.unverified
    // Raft dials a certain node and compares the certificate's subject with it; gRPC's connections are to any manager, by its role's name.
    configuration.certificateVerification = wireProtocol == .raft ? .noHostnameVerification : .fullVerification
    configuration.trustRoots = try self.roots(roots)
    configuration.applicationProtocols = [wireProtocol.name]
    return configuration
  }

  /// For a connection to a manager that can't be verified yet: only the root certificates may be asked for on it.
  static var unverified: TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = self.suites
    configuration.certificateVerification = .none
    configuration.applicationProtocols = [WireProtocol.grpc.name]
    return configuration
  }

  private static func chain(_ credentials: NodeCredentials) throws -> [NIOSSLCertificateSource] {
    try NIOSSLCertificate.fromPEMBytes(credentials.chain).map { .certificate($0) }
  }

  private static func key(_ credentials: NodeCredentials) throws -> NIOSSLPrivateKeySource {
    .privateKey(try NIOSSLPrivateKey(bytes: credentials.key.pem, format: .pem))
  }

  private static func roots(_ roots: TrustRoots) throws -> NIOSSLTrustRoots {
    .certificates(try NIOSSLCertificate.fromPEMBytes(roots.pem))
  }
}
