// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import EngineAPI
internal import Foundation
internal import Swarm
internal import SwarmModel

/// The flags that `swarm-manager` and `swarm-worker` share.
public struct NodeOptions: ParsableArguments, Sendable {
  @Option(help: "All state of this node; created with mode 0700.")
  var stateDir: String?

  @Option(
    help:
      "The one node-to-node port; port 0 takes any free one. (default: port 2377, on all addresses with --advertise-addr, else on 127.0.0.1)"
  )
  var listenAddr: NetworkAddress?

  @Option(help: "Where other nodes reach this one, HOST[:PORT].")
  var advertiseAddr: String?

  @Option(help: "Where the node gossips, by UDP and TCP. (default: port 7946 beside listen port 2377, else listen port + 1)")
  var gossipAddr: NetworkAddress?

  @Option(help: "Where to serve the Docker Engine API: unix:///path/api.sock or tcp://127.0.0.1:2375. Repeatable.")
  var api: [String] = []

  @Option(help: "Mutual TLS for tcp:// endpoints: the authority whose certificates are let in (PEM).")
  var apiTlsCa: String?

  @Option(help: "The certificate that tcp:// endpoints show (PEM).")
  var apiTlsCert: String?

  @Option(help: "The key of that certificate (PEM).")
  var apiTlsKey: String?

  @Flag(help: "Allow a plain tcp:// endpoint that other machines can reach: whoever reaches it owns the swarm.")
  var insecureApi = false

  @Option(help: "What runs the tasks: process, docker, docker=unix:///path/docker.sock, or none.")
  var runtime: RuntimeChoice = .process

  @Option(help: "A manager to join, HOST:PORT. Repeatable.")
  var join: [NetworkAddress] = []

  @Option(help: "The join token, which decides about the role. Others see it in the list of processes: --token-file is better.")
  var token: String?

  @Option(help: "A file with the join token.")
  var tokenFile: String?

  @Flag(help: "Start outside any swarm and wait for init or join through the API.")
  var idle = false

  @Option(help: "The name this node shows.")
  var hostname: String?

  @Option(help: "Whether the node takes tasks: active, pause or drain.")
  var availability: AvailabilityArgument = .active

  @Option(help: "How long followers wait for a leader before they elect another, e.g. 500ms.")
  var electionTimeout: DurationArgument = DurationArgument(.milliseconds(500))

  @Option(help: "How often a leader makes itself heard, e.g. 100ms.")
  var heartbeat: DurationArgument = DurationArgument(.milliseconds(100))

  @Option(help: "trace, debug, info, notice, warning, error or critical; logs go to stderr.")
  var logLevel: LogLevelArgument = .notice

  /// Creates the default options.
  public init() {}

  /// Refuses combinations that can't be meant.
  public func validate() throws {
    if let listenAddr, listenAddr.isUnspecified, self.advertiseAddr == nil, self.join.isEmpty {
      throw ValidationError("--listen-addr \(listenAddr): say with --advertise-addr where other nodes reach this one")
    }
    let tlsFiles = [self.apiTlsCa, self.apiTlsCert, self.apiTlsKey].compactMap(\.self)
    guard tlsFiles.isEmpty || tlsFiles.count == 3 else {
      throw ValidationError("--api-tls-ca, --api-tls-cert and --api-tls-key belong together")
    }
    guard tlsFiles.isEmpty || self.api.contains(where: { $0.hasPrefix("tcp://") }) else {
      throw ValidationError("--api-tls-ca, --api-tls-cert and --api-tls-key are for an --api tcp://… endpoint, and there is none")
    }
    guard self.token == nil || self.tokenFile == nil else {
      throw ValidationError("--token and --token-file exclude each other")
    }
    guard self.join.isEmpty || self.token != nil || self.tokenFile != nil || Self.tokenInEnvironment != nil else {
      throw ValidationError("--join needs a join token: --token, --token-file, or SWARM_JOIN_TOKEN in the environment")
    }
    guard self.join.isEmpty || !self.idle else {
      throw ValidationError("--idle and --join exclude each other")
    }
    guard self.heartbeat.duration > .zero, self.electionTimeout.duration >= self.heartbeat.duration * 2 else {
      throw ValidationError("--election-timeout must be at least twice --heartbeat")
    }
  }

  private static var tokenInEnvironment: String? { ProcessInfo.processInfo.environment["SWARM_JOIN_TOKEN"] }

  /// The join token, from wherever it was said.
  func joinToken() throws -> String {
    if let tokenFile {
      let text = try String(contentsOf: URL(filePath: tokenFile), encoding: .utf8)
      return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return self.token ?? Self.tokenInEnvironment ?? ""
  }

  /// The node-to-node port, from which whatever isn't said is derived.
  var port: Int { self.listenAddr?.port ?? SwarmNodeConfiguration.defaultPort }

  /// What the node is to be.
  func configuration() throws -> SwarmNodeConfiguration {
    let directory =
      self.stateDir
      ?? SwarmNodeConfiguration
      .defaultStateDirectory(port: self.port, environment: ProcessInfo.processInfo.environment)
    var configuration = SwarmNodeConfiguration(stateDirectory: URL(filePath: directory).path)
    configuration.listenAddress = self.listenAddr
    if let advertiseAddr {
      configuration.advertiseAddress = try NetworkAddress(advertiseAddr, defaultPort: self.port)
    }
    configuration.gossipAddress = self.gossipAddr
    configuration.hostname = self.hostname
    configuration.availability = self.availability.availability
    configuration.electionTimeout = self.electionTimeout.duration
    configuration.heartbeat = self.heartbeat.duration
    return configuration
  }

  /// How the API's TCP endpoints are secured.
  var apiTLS: EngineAPITLS? {
    guard let apiTlsCa, let apiTlsCert, let apiTlsKey else { return nil }
    return EngineAPITLS(authorityFile: apiTlsCa, certificateFile: apiTlsCert, keyFile: apiTlsKey)
  }

  /// The endpoints to serve the API at.
  func endpoints(stateDirectory: String) -> [String] {
    self.api.isEmpty ? ["unix://\(stateDirectory)/api.sock"] : self.api
  }
}
