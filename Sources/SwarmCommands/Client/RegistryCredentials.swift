// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What docker's configuration file says about registries.
struct RegistryCredentials {
  /// Docker's name for its own registry.
  private static let hub = "https://index.docker.io/v1/"

  private let path: String
  private let file: ConfigurationFile

  /// Reads the file: `config.json` in `$DOCKER_CONFIG`, or in `~/.docker`.
  ///
  /// - Returns: `nil` when there is none.
  /// - Throws: ``CommandFailure`` that names the file when it makes no sense.
  init?(_ environment: [String: String]) throws(CommandFailure) {
    let directory = environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(environment["HOME"] ?? "")/.docker"
    self.path = "\(directory)/config.json"
    guard let text = try StandardFile.contentsIfPresent(of: self.path) else { return nil }
    do {
      self.file = try EngineJSON.decode(ConfigurationFile.self, from: text)
    } catch {
      throw CommandFailure("\(self.path): \(error.message)")
    }
  }

  /// What is known of an image's registry.
  enum Answer: Hashable, Sendable {
    /// Nobody has logged in there.
    case nothing
    /// What the header `X-Registry-Auth` is to carry.
    case header(String)
    /// A program keeps them, and it isn't asked here.
    case keptBy(helper: String, registry: String)
  }

  /// The credentials for an image's registry.
  ///
  /// - Throws: ``CommandFailure`` that names file and registry, and nothing of the credentials, when they can't be read.
  func answer(for image: String) throws(CommandFailure) -> Answer {
    let registry = Self.registry(of: image)
    let entries = self.file.auths ?? [:]
    // As docker does: by the very name first, then by the host name of an address.
    let key = entries[registry] != nil ? registry : entries.keys.sorted().first { Self.host($0) == registry }
    let helper = self.file.credHelpers?[registry] ?? (key == nil ? nil : self.file.credsStore)
    if let key, let entry = entries[key], let header = try self.header(entry, key) { return .header(header) }
    if let helper, !helper.isEmpty { return .keptBy(helper: "docker-credential-\(helper)", registry: registry) }
    return .nothing
  }

  private func header(_ entry: Entry, _ key: String) throws(CommandFailure) -> String? {
    var sent = Sent(username: entry.username, password: entry.password, serveraddress: key, identitytoken: entry.identitytoken)
    if let auth = entry.auth, !auth.isEmpty {
      guard let bytes = Base64Bytes(base64: auth)?.bytes, let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
        throw CommandFailure("\(self.path): the \"auth\" of \(key) isn't a user and a password in base64")
      }
      sent.username = String(decoding: bytes[..<colon], as: UTF8.self)
      sent.password = String(decoding: bytes[(colon + 1)...].prefix { $0 != 0 }, as: UTF8.self)
    }
    guard sent.isUseful else { return nil }
    guard let text = try? EngineJSON.encode(sent) else { return nil }
    return Base64Bytes(text).urlText
  }

  /// The registry that an image comes from, by docker's name for it.
  static func registry(of image: String) -> String {
    guard let slash = image.firstIndex(of: "/") else { return Self.hub }
    let first = image[..<slash]
    let isHost = first.contains(".") || first.contains(":") || first == "localhost" || first.lowercased() != first
    return !isHost || first == "docker.io" || first == "index.docker.io" ? Self.hub : String(first)
  }

  /// `registry.example.com:5000` of `https://registry.example.com:5000/v1/`.
  private static func host(_ address: String) -> String {
    var rest = address[...]
    for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
    return String(rest.prefix { $0 != "/" })
  }

  private struct ConfigurationFile: Decodable {
    var auths: [String: Entry]?
    var credsStore: String?
    var credHelpers: [String: String]?
  }

  private struct Entry: Decodable {
    var auth: String?
    var username: String?
    var password: String?
    var identitytoken: String?
  }

  /// What registries get to see, in docker's order.
  private struct Sent: Encodable {
    var username: String?
    var password: String?
    var serveraddress: String
    var identitytoken: String?

    var isUseful: Bool { [self.username, self.password, self.identitytoken].contains { $0?.isEmpty == false } }
  }
}

extension CommandSession {
  /// The credentials for an image's registry, when the user wants them to be sent along and has any.
  func registryAuth(for spec: Engine.ServiceSpec, wanted: Bool) throws(CommandFailure) -> String? {
    guard wanted, let image = spec.taskTemplate?.containerSpec?.image,
      let credentials = try RegistryCredentials(self.environment)
    else { return nil }
    switch try credentials.answer(for: image) {
    case .nothing: return nil
    case .header(let header): return header
    case .keptBy(let helper, let registry):
      self.console.complain(
        "WARNING: the credentials for \(registry) are kept by \(helper), which isn't asked here: none are sent along"
      )
      return nil
    }
  }
}
