// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

/// Ping, version and info.
struct SystemRoutes: Sendable {
  let backend: any SwarmBackend
  let hostname: String?

  var routes: [Route] {
    [
      Route(.get, "_ping") { _ in Self.pong },
      Route(.head, "_ping") { _ in Self.pong },
      Route(.get, "version") { _ in try .json(Self.version) },
      Route(.get, "info") { _ in try .json(await self.info()) },
    ]
  }

  private static let pong = EngineReply(contentType: "text/plain; charset=utf-8", body: Array("OK".utf8))

  private static var version: Engine.VersionInfo {
    let host = HostInformation.current(hostname: nil)
    var component = Engine.Component()
    component.name = "Engine"
    component.version = HostInformation.softwareVersion
    component.details = [
      "ApiVersion": Engine.version, "MinAPIVersion": Engine.minimumVersion, "Os": HostInformation.osType,
      "Arch": HostInformation.goArchitecture, "KernelVersion": host.kernelVersion, "Experimental": "false",
      "GitCommit": "", "GoVersion": "", "BuildTime": "",
    ]
    var version = Engine.VersionInfo()
    version.platform = Engine.NamedPlatform()
    version.platform?.name = "swift-swarm"
    version.components = [component]
    version.version = HostInformation.softwareVersion
    version.apiVersion = Engine.version
    version.minAPIVersion = Engine.minimumVersion
    version.gitCommit = ""
    version.goVersion = ""
    version.os = HostInformation.osType
    version.arch = HostInformation.goArchitecture
    version.kernelVersion = host.kernelVersion
    version.buildTime = ""
    return version
  }

  private func info() async throws -> Engine.Info {
    let host = HostInformation.current(hostname: self.hostname)
    let local = self.backend.local
    var info = Engine.Info()
    info.id = local.nodeID?.description ?? ""
    let containers = (try? await LocalContainers(backend: self.backend).all()) ?? []
    let running = containers.count { $0.state == .running }
    info.containers = Int64(containers.count)
    info.containersRunning = Int64(running)
    info.containersPaused = 0
    info.containersStopped = Int64(containers.count - running)
    info.images = Int64(LocalImage.all(of: containers).count)
    info.driver = ""
    info.name = host.hostname
    info.serverVersion = HostInformation.softwareVersion
    info.operatingSystem = host.operatingSystem
    info.osType = HostInformation.osType
    info.architecture = HostInformation.architecture
    info.kernelVersion = host.kernelVersion
    info.ncpu = Int64(host.processors)
    info.memTotal = host.memoryBytes
    info.labels = []
    info.experimentalBuild = false
    info.warnings = []
    info.swarm = try await self.swarm(local)
    return info
  }

  /// A manager without a quorum still answers: with what it knows itself, and with the reason for the rest.
  private func swarm(_ local: LocalNodeStatus) async throws -> Engine.SwarmInfo {
    var swarm = Engine.SwarmInfo()
    swarm.nodeID = local.nodeID?.description ?? ""
    // Clients find the port with the managers, as far as it matters.
    swarm.nodeAddr = (try? NetworkAddress(local.nodeAddress).host) ?? local.nodeAddress
    swarm.localNodeState = local.state.rawValue
    swarm.controlAvailable = local.controlAvailable
    swarm.error = local.error
    swarm.remoteManagers = local.managers.map { manager in
      var remote = Engine.RemoteManager()
      remote.nodeID = manager.nodeID.description
      remote.addr = manager.address
      return remote
    }
    guard local.controlAvailable else { return swarm }
    do {
      let backend = self.backend
      let (cluster, nodes) = try await withDeadline(.seconds(3)) {
        async let cluster = backend.cluster()
        async let nodes = backend.nodes()
        return try await (cluster, nodes)
      } onTimeout: {
        APIFailure(status: 503, message: "the swarm has no leader that answers: a quorum of managers may be lost")
      }
      swarm.cluster = cluster.apiValue
      swarm.nodes = Int64(nodes.count)
      swarm.managers = Int64(nodes.count { $0.managerStatus != nil })
    } catch {
      try Task.checkCancellation()
      swarm.error = APIFailure(error).message
    }
    return swarm
  }
}
