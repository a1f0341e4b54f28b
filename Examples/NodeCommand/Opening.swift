// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Foundation
internal import ServiceLifecycle
internal import Swarm
internal import SwarmIdentity
internal import SwarmModel

/// Brings a node into its swarm and says so, then waits for the end.
struct Opening: ServiceLifecycle.Service {
  let node: SwarmNode
  let endpoints: AsyncStream<[EngineEndpoint]>
  let beginning: Beginning
  let options: NodeOptions

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      guard let endpoints = await self.endpoints.first(where: { _ in true }) else { return }
      if self.node.local.state == .inactive { try await self.begin() }
      if self.node.local.state != .inactive {
        do {
          try await self.node.ready()
        } catch {
          // A locked node is usable as far as it can be: it can be unlocked.
          guard self.node.local.state == .locked else { throw error }
        }
      }
      self.announce(endpoints)
      await self.giveBack()
    }
    try await gracefulShutdown()
  }

  private func begin() async throws {
    switch self.beginning {
    case .initialize:
      try await self.node.initialize(InitializeRequest())
    case .join:
      try await self.node.join(
        JoinRequest(remoteAddresses: self.options.join.map(\.description), token: self.options.joinToken())
      )
    case .idle, .resume: break
    }
  }

  /// Gives back what only the start needed, once what follows it is over as well: elections, certificates, the first workers.
  private func giveBack() async {
    // A node that is told to end meanwhile has no use for it.
    guard (try? await Task.sleep(for: .seconds(5))) != nil else { return }
    ProcessMemory.releaseCode()
  }

  /// The one line that scripts wait for.
  private func announce(_ endpoints: [EngineEndpoint]) {
    let local = self.node.local
    let node = local.nodeID?.description ?? "none"
    let role = local.role.map { $0 == .manager ? "manager" : "worker" } ?? "none"
    let api = endpoints.map(\.description).joined(separator: ",")
    FileHandleOutput.standardOutput.write(
      "ready node=\(node) role=\(role) listen=\(local.nodeAddress.isEmpty ? "none" : local.nodeAddress) api=\(api)\n"
    )
  }
}
