// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Synchronization

/// What the runtime says about the node, as of the last look, and the certificate that the node has.
final class NodeState: Sendable {
  private let runtime: any ContainerRuntime
  private let current: Mutex<RuntimeDescription>
  private let tlsInfo: @Sendable () -> NodeTLSInfo?

  init(
    runtime: any ContainerRuntime,
    description: RuntimeDescription,
    tlsInfo: @escaping @Sendable () -> NodeTLSInfo? = { nil }
  ) {
    self.runtime = runtime
    self.current = Mutex(description)
    self.tlsInfo = tlsInfo
  }

  /// The last description.
  var runtimeDescription: RuntimeDescription { self.current.withLock { $0 } }

  /// The last description, as managers get it.
  var description: NodeDescription {
    var description = NodeDescription(self.runtimeDescription)
    description.tlsInfo = self.tlsInfo()
    return description
  }

  /// Looks again; returns whether something changed.
  ///
  /// A runtime that can't tell right now changes nothing.
  func refresh() async -> Bool {
    guard let description = try? await self.runtime.describe() else { return false }
    return self.current.withLock { current in
      defer { current = description }
      return current != description
    }
  }
}

extension NodeDescription {
  /// A runtime's description in the manager's words.
  init(_ description: RuntimeDescription) {
    self.init(
      hostname: description.hostname,
      platform: description.platform,
      resources: description.resources,
      engine: EngineDescription(
        engineVersion: description.engineVersion,
        labels: description.labels,
        plugins: description.plugins
      )
    )
  }
}
