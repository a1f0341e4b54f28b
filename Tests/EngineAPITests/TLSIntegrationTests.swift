// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import EngineSchema
import Foundation
import Glibc
import Swarm
import SwarmCommands
import SwarmModel
import TestTraits
import Testing

/// The API's TCP port behind mutual TLS, with certificates that `openssl` made.
@Suite("API behind TLS", .takingTurns)
struct TLSIntegrationTests {
  /// Folders with `ca.pem`, `cert.pem` and `key.pem`: of the server, of a client that it lets in, and of one of another authority.
  private struct Certificates {
    let directory: TemporaryDirectory

    init() throws {
      self.directory = try TemporaryDirectory()
      let script = """
        set -e
        authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $1.key -out $1.pem -days 2 -subj /CN=$1; }
        issue() {
          mkdir $2 && cp $1.pem $2/ca.pem && echo "subjectAltName=IP:127.0.0.1" > $2/names
          openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $2/key.pem -out $2/request -subj /CN=$2
          openssl x509 -req -in $2/request -CA $1.pem -CAkey $1.key -CAcreateserial -days 2 -extfile $2/names -out $2/cert.pem
        }
        cd \(self.directory.path)
        authority ours; authority others; issue ours server; issue ours client; issue others stranger
        """
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", script]
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
    }

    func folder(_ name: String) -> String { "\(self.directory.path)/\(name)" }

    func tls(certificate: String = "server", key: String = "server") -> EngineAPITLS {
      EngineAPITLS(
        authorityFile: "\(self.folder("server"))/ca.pem",
        certificateFile: "\(self.folder(certificate))/cert.pem",
        keyFile: "\(self.folder(key))/key.pem"
      )
    }
  }

  private static func swarmctl(_ arguments: [String], _ environment: [String: String] = [:]) async -> CommandOutput {
    let console = RecordedConsole()
    let code = await SwarmCommandLine.run(arguments, environment: environment, console: console.console) {
      EngineTime(nanosecondsSince1970: Int64(Date().timeIntervalSince1970 * 1e9))
    }
    return CommandOutput(exitCode: code, output: console.output, errors: console.errors)
  }

  @Test("who shows a certificate of the authority's is let in, and nobody else")
  func mutual() async throws {
    let certificates = try Certificates()
    try await RunningServer.with(ScriptedSwarm.active(), extraEndpoints: ["tcp://127.0.0.1:0"]) {
      $0.tls = certificates.tls()
    } body: { server in
      let url = try #require(server.endpoints.last).description
      let client = certificates.folder("client")
      let flags = ["--tlscacert", "\(client)/ca.pem", "--tlscert=\(client)/cert.pem", "--tlskey", "\(client)/key.pem"]
      let known = await Self.swarmctl(["--tlsverify", "-H", url] + flags + ["node", "ls", "-q"])
      #expect(known.exitCode == 0 && !known.output.isEmpty, "\(known)")
      let environment = ["DOCKER_HOST": url, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": client]
      #expect(await Self.swarmctl(["node", "ls", "-q"], environment) == known)
      #expect(
        await Self.swarmctl(["--tls", "-H\(url)", "node", "ls", "-q"], ["HOME": client, "DOCKER_CERT_PATH": client]) == known
      )
      if DockerClient.path != nil {
        let docker = try await DockerClient.run(["--tlsverify"] + flags + ["node", "ls", "-q"], host: url)
        #expect(docker.exitCode == 0 && docker.output == known.output, "\(docker)")
      }

      let stranger = certificates.folder("stranger")
      for (flags, environment) in [
        (["--tls"], ["DOCKER_CERT_PATH": stranger]), (["--tls"], ["HOME": "/nonexistent"]), ([], [:]),
        (["--tlsverify"], ["DOCKER_CERT_PATH": stranger]),
        (["--tlsverify", "--tlscacert", "\(stranger)/ca.pem"], ["DOCKER_CERT_PATH": client]),
      ] as [([String], [String: String])] {
        let refused = await Self.swarmctl(flags + ["-H", url, "node", "ls"], environment)
        #expect(refused.exitCode == 1 && refused.output.isEmpty && refused.errors.contains(url), "\(flags) \(refused)")
      }
      #expect(await Self.swarmctl(["-H", server.host, "node", "ls", "-q"]) == known, "the socket is as it was")
    }
  }

  @Test("a client that is killed is told from one that has no more input, and its command ends at once")
  func killed() async throws {
    let certificates = try Certificates()
    let swarm = ScriptedSwarm.active()
    _ = try await swarm.createService(ServiceSpec(name: "web", image: "web:1", replicas: 2))
    let (ended, ender) = AsyncStream<Never>.makeStream()
    swarm.change { state in
      state.onExec = { _, _, input, output in
        defer { ender.finish() }
        try await output(.stdout([0x3B]))
        for try await piece in input where piece == .end { return 3 }
        try Task.checkCancellation()
        return 1
      }
    }
    let task = try #require(try await swarm.tasks().first { $0.nodeID == swarm.local.nodeID })
    try await RunningServer.with(swarm, extraEndpoints: ["tcp://127.0.0.1:0"]) {
      $0.tls = certificates.tls()
    } body: { server in
      guard case .tcp(_, let port) = server.endpoints.last?.kind else { return }
      let command = #"{"AttachStdin":true,"AttachStdout":true,"Cmd":["cat"],"Tty":true}"#
      let created = try await server.request("POST", "/containers/web.\(task.slot).\(task.id)/exec", body: command)
      guard case .string(let id)? = created.json?["Id"] else { return #expect(Bool(false), "\(created)") }
      let client = Process()
      client.executableURL = URL(filePath: "/usr/bin/openssl")
      client.currentDirectoryURL = URL(filePath: certificates.folder("client"))
      client.arguments =
        ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)", "-CAfile", "ca.pem", "-cert", "cert.pem", "-key", "key.pem"]
      let (input, output) = (Pipe(), Pipe())
      client.standardInput = input
      client.standardOutput = output
      client.standardError = FileHandle.nullDevice
      let (answers, teller) = AsyncStream<Void>.makeStream()
      output.fileHandleForReading.readabilityHandler = { handle in
        if handle.availableData.contains(0x3B) { teller.yield() }
      }
      defer { output.fileHandleForReading.readabilityHandler = nil }
      try client.run()
      let start =
        "POST /exec/\(id)/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"
      try input.fileHandleForWriting.write(contentsOf: Data(start.utf8))
      for await _ in answers { break }
      kill(client.processIdentifier, SIGKILL)
      for await _ in ended {}
      while true {
        let state = try await server.request("GET", "/exec/\(id)/json").json
        if state?["Running"] == .bool(false) {
          #expect(state?["ExitCode"] == .integer(137))
          break
        }
      }
    }
  }

  @Test("files that can't be used are named")
  func files() throws {
    let certificates = try Certificates()
    func refusal(_ tls: EngineAPITLS) throws -> EngineAPIError {
      let configuration = EngineAPIConfiguration(endpoints: [try EngineEndpoint("tcp://127.0.0.1:0")], tls: tls)
      return try #require(
        throws: EngineAPIError.self,
        performing: {
          _ = try EngineAPIServer(backend: ScriptedSwarm(), configuration: configuration, logger: RunningServer.logger)
        }
      )
    }
    var tls = certificates.tls()
    tls.authorityFile = "/nonexistent/ca.pem"
    #expect(try refusal(tls).message.contains("/nonexistent/ca.pem"))
    tls = certificates.tls()
    tls.certificateFile = tls.keyFile
    #expect(try refusal(tls).message.contains(tls.keyFile))
    tls = certificates.tls(key: "client")
    let mixed = try refusal(tls)
    #expect(mixed.code == .invalidCertificate)
    #expect(mixed.message.contains("\(tls.keyFile) isn't the key of \(tls.certificateFile)"), "\(mixed)")
  }

  @Test("other machines may be let in by TLS, without a word about plain TCP")
  func remote() throws {
    let endpoint = try EngineEndpoint("tcp://0.0.0.0:2376")
    var configuration = EngineAPIConfiguration(endpoints: [endpoint])
    #expect(throws: EngineAPIError.self) { try configuration.validate() }
    configuration.tls = EngineAPITLS(authorityFile: "a", certificateFile: "b", keyFile: "c")
    try configuration.validate()
  }
}
