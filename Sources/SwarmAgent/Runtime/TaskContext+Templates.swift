// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

extension TaskContext {
  /// The name of a task: `service.slot.id`, or `service.node.id` for a global service.
  public static func name(of task: SwarmTask) -> String {
    var service = task.serviceAnnotations.name
    if service.isEmpty { service = task.serviceID.map { "\($0)" } ?? "" }
    return "\(service).\(Self.slot(of: task)).\(task.id)"
  }

  /// Replaces Docker's placeholders, like `{{.Task.Slot}}`, by what they stand for here.
  ///
  /// Known are `.Service.ID`, `.Service.Name`, `.Service.Labels`, `.Node.ID`, `.Node.Hostname`,
  /// `.Node.Platform.OS`, `.Node.Platform.Architecture`, `.Task.ID`, `.Task.Name`, `.Task.Slot`, and `index
  /// .Service.Labels "name"`.
  ///
  /// - Throws: ``RuntimeError/Code/invalidArgument`` for any other placeholder, or one without an end.
  public func expand(_ template: String, for task: SwarmTask) throws(RuntimeError) -> String {
    try self.expand(template) { self.value(of: $0, for: task) }
  }

  /// Replaces the placeholders of a text by what a closure says; `nil` of it means that the placeholder is unknown.
  func expand(_ template: String, _ value: (Substring) throws(RuntimeError) -> String?) throws(RuntimeError) -> String {
    guard template.contains("{{") else { return template }
    var result = ""
    var rest = template[...]
    while let opening = rest.firstRange(of: "{{") {
      result += rest[..<opening.lowerBound]
      guard let closing = rest[opening.upperBound...].firstRange(of: "}}") else {
        throw RuntimeError(code: .invalidArgument, message: "unclosed placeholder in \"\(template)\"")
      }
      let placeholder = rest[opening.upperBound..<closing.lowerBound]
      guard let value = try value(placeholder) else {
        throw RuntimeError(code: .invalidArgument, message: "unknown placeholder {{\(placeholder)}} in \"\(template)\"")
      }
      result += value
      rest = rest[closing.upperBound...]
    }
    return result + rest
  }

  /// The host name of a task's container with placeholders replaced; `nil` when the specification names none.
  public func hostname(for task: SwarmTask) throws(RuntimeError) -> String? {
    let hostname = task.spec.value.container?.hostname ?? ""
    return hostname.isEmpty ? nil : try self.expand(hostname, for: task)
  }

  /// The mounts of a task's container, with placeholders in sources and targets replaced.
  public func mounts(for task: SwarmTask) throws(RuntimeError) -> [Mount] {
    var mounts: [Mount] = []
    for var mount in task.spec.value.container?.mounts ?? [] {
      mount.source = try self.expand(mount.source, for: task)
      mount.target = try self.expand(mount.target, for: task)
      mounts.append(mount)
    }
    return mounts
  }

  /// The environment of a task's container as `NAME=value`, with placeholders replaced.
  public func environment(for task: SwarmTask) throws(RuntimeError) -> [String] {
    var environment: [String] = []
    for entry in task.spec.value.container?.env ?? [] {
      environment.append(try self.expand(entry, for: task))
    }
    return environment
  }

  func value(of placeholder: Substring, for task: SwarmTask) -> String? {
    let words = placeholder.split(whereSeparator: \.isWhitespace)
    if words.count == 3, words[0] == "index", words[1] == ".Service.Labels" {
      guard words[2].count >= 2, words[2].hasPrefix("\""), words[2].hasSuffix("\"") else { return nil }
      return self.serviceLabels[String(words[2].dropFirst().dropLast())] ?? ""
    }
    guard words.count == 1, let known = TaskPlaceholder(rawValue: String(words[0])) else { return nil }
    return switch known {
    case .serviceID: task.serviceID.map { "\($0)" } ?? ""
    case .serviceName: self.serviceName
    case .serviceLabels: self.labels
    case .nodeID: "\(self.nodeID)"
    case .nodeHostname: self.nodeHostname
    case .nodeOS: self.platform.os
    case .nodeArchitecture: self.platform.architecture
    case .taskID: "\(task.id)"
    case .taskName: self.taskName
    case .taskSlot: Self.slot(of: task)
    }
  }

  /// All labels, as Docker prints them.
  private var labels: String {
    let labels = self.serviceLabels.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
    return "map[\(labels.joined(separator: " "))]"
  }

  private static func slot(of task: SwarmTask) -> String {
    task.slot > 0 ? "\(task.slot)" : task.nodeID.map { "\($0)" } ?? ""
  }
}
