// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension SwarmTask {
  /// The ports that the task itself publishes on its node.
  package var hostPorts: [PortConfig] {
    (self.endpoint?.ports ?? []).filter { $0.publishMode == .host && $0.targetPort > 0 }
  }

  /// Those of ``hostPorts`` whose number is given, for runtimes whose tasks open their ports without anybody between.
  ///
  /// Who shall listen at any free port is the only one to know which it is.
  package var givenHostPorts: [PortConfig] { self.hostPorts.filter { $0.publishedPort > 0 } }
}
