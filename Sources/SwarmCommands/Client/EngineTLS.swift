// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL

/// How a server's TCP port is spoken to: docker's `--tls` and `--tlsverify`, with the same files.
package struct EngineTLS: Hashable, Sendable {
  /// Whether the server must show a certificate of the authority's for the name that it is called by.
  var verifiesServer: Bool
  /// The PEM file of the authority; `nil` for those that the machine trusts.
  var authorityFile: String?
  /// The PEM file of the certificate that is shown to the server; `nil` for none.
  var certificateFile: String?
  /// The PEM file of its key.
  var keyFile: String?

  /// Reads the files.
  ///
  /// - Throws: ``CommandFailure`` that names the file.
  func configuration() throws(CommandFailure) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.certificateVerification = self.verifiesServer ? .fullVerification : .none
    if self.verifiesServer, let authorityFile {
      configuration.trustRoots = .certificates(try Self.reading(authorityFile) { try NIOSSLCertificate.fromPEMFile($0) })
    }
    if let certificateFile {
      let chain = try Self.reading(certificateFile) { try NIOSSLCertificate.fromPEMFile($0) }
      configuration.certificateChain = chain.map { .certificate($0) }
    }
    if let keyFile {
      configuration.privateKey = .privateKey(try Self.reading(keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) })
    }
    return configuration
  }

  private static func reading<Value>(_ file: String, _ read: (String) throws -> Value) throws(CommandFailure) -> Value {
    do {
      return try read(file)
    } catch {
      throw CommandFailure("\(file) can't be read as PEM: \(error)")
    }
  }
}
