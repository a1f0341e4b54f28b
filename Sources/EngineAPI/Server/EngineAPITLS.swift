// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL

/// Mutual TLS for the API's TCP endpoints: whoever shows no certificate of the authority's isn't let in.
///
/// What `dockerd --tlsverify` does, and with the same files.
public struct EngineAPITLS: Sendable, Hashable {
  /// The PEM file with the certificates of the authority that clients' certificates lead to.
  public var authorityFile: String
  /// The PEM file with the server's certificate, and what leads from it to the authority.
  public var certificateFile: String
  /// The PEM file with the server's private key.
  public var keyFile: String

  /// Names the files, which are read when the server is made.
  public init(authorityFile: String, certificateFile: String, keyFile: String) {
    self.authorityFile = authorityFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }

  /// Reads the files.
  ///
  /// - Throws: ``EngineAPIError`` with code `invalidCertificate` that names the file.
  func read() throws(EngineAPIError) -> TLSConfiguration {
    let authority = try Self.reading(self.authorityFile) { try NIOSSLCertificate.fromPEMFile($0) }
    let chain = try Self.reading(self.certificateFile) { try NIOSSLCertificate.fromPEMFile($0) }
    let key = try Self.reading(self.keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(key)
    )
    configuration.minimumTLSVersion = .tlsv12
    configuration.trustRoots = .certificates(authority)
    // Clients have no names to verify; that they must show a certificate is part of it.
    configuration.certificateVerification = .noHostnameVerification
    do {
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw Self.unusable("\(self.keyFile) isn't the key of \(self.certificateFile)", error)
    }
    return configuration
  }

  private static func reading<Value>(_ file: String, _ read: (String) throws -> Value) throws(EngineAPIError) -> Value {
    do {
      return try read(file)
    } catch {
      throw self.unusable("\(file) can't be read as PEM", error)
    }
  }

  private static func unusable(_ message: String, _ cause: any Error) -> EngineAPIError {
    EngineAPIError(code: .invalidCertificate, message: "TLS for the API: \(message)", cause: cause)
  }
}
