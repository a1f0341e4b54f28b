// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Something that is kept from nodes without a task that needs it.
enum TaskNeed: Hashable, Comparable, CustomStringConvertible {
  case secret(SecretID)
  case config(ConfigID)

  var description: String {
    switch self {
    case .secret(let id): "secret \(id)"
    case .config(let id): "config \(id)"
    }
  }
}

extension SwarmTask {
  /// What the task needs beside itself.
  var needs: Set<TaskNeed> {
    let container = self.spec.value.container
    return Set((container?.secrets ?? []).map { .secret($0.secretID) } + (container?.configs ?? []).map { .config($0.configID) })
  }
}
