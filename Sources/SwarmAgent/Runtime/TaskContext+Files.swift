// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// A secret or config as a task finds it: a file with a name, a mode and a content.
public struct TaskFile: Hashable, Sendable {
  /// The name that the specification gives it; as in Docker, a relative one is below the runtime's place for such files.
  public var target: FileTarget
  /// The content, with placeholders replaced where the secret or config is a template.
  public var data: [UInt8]

  /// Creates a file.
  public init(target: FileTarget, data: [UInt8]) {
    self.target = target
    self.data = data
  }
}

extension TaskContext {
  /// The task's secrets as files.
  ///
  /// - Throws: ``RuntimeError/Code/notFound`` when a secret didn't come with the task, ``RuntimeError/Code/invalidArgument`` for a template
  ///   with an unknown placeholder.
  public func secretFiles(for task: SwarmTask) throws(RuntimeError) -> [TaskFile] {
    var files: [TaskFile] = []
    for reference in task.spec.value.container?.secrets ?? [] {
      guard let secret = self.secrets.first(where: { $0.id == reference.secretID }) else {
        throw RuntimeError(code: .notFound, message: "secret \(reference.secretName) did not come with the task")
      }
      let target = reference.file ?? FileTarget(name: reference.secretName)
      let data = try self.payload(secret.spec.data, secret.spec.templating, for: task)
      files.append(TaskFile(target: target, data: data))
    }
    return files
  }

  /// The task's configs as files; one without a file is only for the runtime.
  ///
  /// - Throws: As ``secretFiles(for:)``.
  public func configFiles(for task: SwarmTask) throws(RuntimeError) -> [TaskFile] {
    var files: [TaskFile] = []
    for reference in task.spec.value.container?.configs ?? [] {
      let data = try self.content(of: reference, for: task)
      guard let target = reference.file else { continue }
      files.append(TaskFile(target: target, data: data))
    }
    return files
  }

  /// What is in a config of the task that is only for the runtime, such as a credential specification.
  ///
  /// - Parameter config: The config's id, as the specification gives it.
  /// - Throws: As ``secretFiles(for:)``.
  public func content(ofConfig config: String, for task: SwarmTask) throws(RuntimeError) -> [UInt8] {
    guard let reference = task.spec.value.container?.configs.first(where: { "\($0.configID)" == config }) else {
      throw RuntimeError(code: .notFound, message: "config \(config) is not one of the task's")
    }
    return try self.content(of: reference, for: task)
  }

  private func content(of reference: ConfigReference, for task: SwarmTask) throws(RuntimeError) -> [UInt8] {
    guard let config = self.configs.first(where: { $0.id == reference.configID }) else {
      throw RuntimeError(code: .notFound, message: "config \(reference.configName) did not come with the task")
    }
    return try self.payload(config.spec.data, config.spec.templating, for: task)
  }

  /// Replaces placeholders in the content of a template: those of ``expand(_:for:)``, and `secret "target"`, `config "target"` and `env "NAME"`.
  private func payload(_ data: [UInt8], _ templating: Driver?, for task: SwarmTask) throws(RuntimeError) -> [UInt8] {
    guard templating != nil else { return data }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw RuntimeError(code: .invalidArgument, message: "a template is not text")
    }
    let expanded = try self.expand(text) { placeholder throws(RuntimeError) in
      try self.reference(placeholder, for: task) ?? self.value(of: placeholder, for: task)
    }
    return Array(expanded.utf8)
  }

  /// What a placeholder stands for that names another secret or config of the task, or a variable of its environment.
  private func reference(_ placeholder: Substring, for task: SwarmTask) throws(RuntimeError) -> String? {
    let words = placeholder.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, words[1].count > 2, words[1].hasPrefix("\""), words[1].hasSuffix("\"") else { return nil }
    let name = String(words[1].dropFirst().dropLast())
    let container = task.spec.value.container
    switch words[0] {
    case "secret":
      let reference = container?.secrets.first { $0.file?.name == name }
      return self.secrets.first { $0.id == reference?.secretID }.map { String(decoding: $0.spec.data, as: UTF8.self) }
    case "config":
      let reference = container?.configs.first { $0.file?.name == name }
      return self.configs.first { $0.id == reference?.configID }.map { String(decoding: $0.spec.data, as: UTF8.self) }
    case "env":
      return try self.environment(for: task).first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    default:
      return nil
    }
  }
}
