// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOSSL
internal import RaftNIO

/// An authority and one certificate for everybody, made by `openssl` when they are needed.
struct Certificates {
  let directory: String

  /// Takes those that are in the directory.
  init(in directory: String) { self.directory = directory }

  /// Makes new ones.
  static func make(in directory: String) throws -> Self {
    let certificates = Self(in: directory)
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    try certificates.openssl(["req", "-x509"] + curve + ["-subj", "/CN=benchmark-ca", "-keyout", "ca.key", "-out", "ca.crt"])
    try certificates.openssl(["req"] + curve + ["-subj", "/CN=member", "-keyout", "member.key", "-out", "member.csr"])
    try Data("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n".utf8)
      .write(to: URL(filePath: "\(directory)/extensions"))
    try certificates.openssl([
      "x509", "-req", "-in", "member.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile",
      "extensions", "-out", "member.crt",
    ])
    return certificates
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.currentDirectoryURL = URL(filePath: self.directory)
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchmarkError("openssl \(arguments[0]) failed") }
  }

  private var chain: [NIOSSLCertificateSource] {
    get throws {
      try NIOSSLCertificate.fromPEMFile("\(self.directory)/member.crt").map { .certificate($0) }
    }
  }

  private var key: NIOSSLPrivateKeySource {
    get throws { try .privateKey(NIOSSLPrivateKey(file: "\(self.directory)/member.key", format: .pem)) }
  }

  private var roots: NIOSSLTrustRoots { .file("\(self.directory)/ca.crt") }

  /// For members.
  var mutualTLS: MutualTLS {
    get throws { try MutualTLS(certificateChain: self.chain, privateKey: self.key, trustRoots: self.roots) }
  }

  /// For clients.
  var client: NIOSSLContext {
    get throws {
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.certificateChain = try self.chain
      configuration.privateKey = try self.key
      configuration.trustRoots = self.roots
      configuration.certificateVerification = .noHostnameVerification
      return try NIOSSLContext(configuration: configuration)
    }
  }

  /// For what clients connect to.
  var server: NIOSSLContext {
    get throws {
      var configuration = try TLSConfiguration.makeServerConfigurationWithMTLS(
        certificateChain: self.chain,
        privateKey: self.key,
        trustRoots: self.roots
      )
      configuration.certificateVerification = .noHostnameVerification
      return try NIOSSLContext(configuration: configuration)
    }
  }
}

/// Why a benchmark can't go on.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
