// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension ServiceSpec {
  /// Refuses what the API can say and this version can't do yet, so that nothing is dropped silently.
  func checkAvailability() throws(APIFailure) {
    guard self.networks.isEmpty, self.task.networks.isEmpty else { throw .notAvailable("networks of services are") }
    let ports = self.endpoint?.ports ?? []
    guard !ports.contains(where: { $0.publishMode == .ingress }) else {
      throw .notAvailable("ports published in ingress mode (publish with mode=host instead) are")
    }
    if let container = self.task.container {
      guard container.secrets.isEmpty else { throw .notAvailable("secrets of services are") }
      guard container.configs.isEmpty else { throw .notAvailable("configs of services are") }
    }
  }
}
