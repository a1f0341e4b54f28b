// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import SwiftASN1
internal import X509

/// Certificates, keys and requests as text.
enum PEMText {
  /// The longest text that is looked at, in bytes; a chain has a few kilobytes.
  static let maximumSize = 64 << 10
  /// The most certificates that a text may hold.
  static let maximumCertificates = 16

  /// Reads one or more certificates.
  ///
  /// - Throws: `invalidArgument`, naming what was read.
  static func certificates(_ pem: some Collection<UInt8>, _ name: String) throws(SwarmError) -> [Certificate] {
    let documents = try Self.documents(pem, name)
    guard documents.count <= Self.maximumCertificates else {
      throw SwarmError(code: .invalidArgument, message: "\(name): more than \(Self.maximumCertificates) certificates")
    }
    do {
      return try documents.map { try Certificate(pemDocument: $0) }
    } catch {
      throw SwarmError(code: .invalidArgument, message: "\(name): not a certificate", cause: error)
    }
  }

  /// Reads one document or more.
  static func documents(_ pem: some Collection<UInt8>, _ name: String) throws(SwarmError) -> [PEMDocument] {
    guard pem.count <= Self.maximumSize, let text = String(validating: pem, as: UTF8.self) else {
      throw SwarmError(code: .invalidArgument, message: "\(name): not PEM text")
    }
    let documents: [PEMDocument]
    do {
      documents = try PEMDocument.parseMultiple(pemString: text)
    } catch {
      throw SwarmError(code: .invalidArgument, message: "\(name): not PEM text", cause: error)
    }
    guard !documents.isEmpty else { throw SwarmError(code: .invalidArgument, message: "\(name): not PEM text") }
    return documents
  }

  /// Writes certificates, one after the other, each with a line feed at its end.
  static func write(_ certificates: [Certificate]) throws(SwarmError) -> [UInt8] {
    do {
      return try certificates.flatMap { Self.bytes(try $0.serializeAsPEM()) }
    } catch {
      throw SwarmError(code: .internalError, message: "a certificate can't be written", cause: error)
    }
  }

  /// A document's text with a line feed at its end.
  static func bytes(_ document: PEMDocument) -> [UInt8] {
    let text = document.pemString
    return Array((text.hasSuffix("\n") ? text : text + "\n").utf8)
  }
}
