// SPDX-License-Identifier: Apache-2.0

/// What is known of a task where it runs, by the names that its specification has for it: `{{.Task.Slot}}`.
package enum TaskPlaceholder: String, CaseIterable, Sendable {
  case serviceID = ".Service.ID"
  case serviceName = ".Service.Name"
  case serviceLabels = ".Service.Labels"
  case nodeID = ".Node.ID"
  case nodeHostname = ".Node.Hostname"
  case nodeOS = ".Node.Platform.OS"
  case nodeArchitecture = ".Node.Platform.Architecture"
  case taskID = ".Task.ID"
  case taskName = ".Task.Name"
  case taskSlot = ".Task.Slot"

  /// Whether some node knows the path: one of these, or like `.Node` what several of them are parts of, which Docker Engines print as a whole.
  static func mayMean(_ path: Substring) -> Bool {
    let beginning = path == "." ? "." : "\(path)."
    return self.allCases.contains { "\($0.rawValue).".hasPrefix(beginning) }
  }
}
