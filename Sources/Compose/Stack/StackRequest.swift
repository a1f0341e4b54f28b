// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// A request to the Docker Engine API that creates one object of a stack.
public struct StackRequest: Hashable, Sendable {
  /// The path below `/vX.Y`, for example `/services/create`.
  public var path: String
  /// The object's full name.
  public var name: String
  /// The body, JSON.
  public var body: [UInt8]
}

extension Stack {
  /// What creates the whole stack, in an order in which nothing is missing: networks, secrets, configs, services.
  ///
  /// Services refer to secrets and configs by name; the ids that the API wants beside are left to the one who sends this and knows
  /// them.
  public var requests: [StackRequest] {
    let networks = self.networks.compactMap { network in
      network.body.map { StackRequest(path: "/networks/create", name: network.name, body: Array($0.text.utf8)) }
    }
    let files = [("/secrets/create", self.secrets), ("/configs/create", self.configs)].flatMap { path, files in
      files.compactMap { file in file.body.map { StackRequest(path: path, name: file.name, body: Array($0.text.utf8)) } }
    }
    let services = self.services.map { spec in
      StackRequest(path: "/services/create", name: spec.name ?? "", body: (try? EngineJSON.encode(spec)) ?? [])
    }
    return networks + files + services
  }
}
