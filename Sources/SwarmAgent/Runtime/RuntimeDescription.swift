// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// What a node offers, as its runtime sees it.
public struct RuntimeDescription: Hashable, Sendable {
  /// The host's name, as users see it in node lists.
  public var hostname: String
  /// Architecture and operating system, in Docker's words (`x86_64`, `linux`).
  public var platform: Platform
  /// What tasks can reserve: CPUs in billionths, memory in bytes, generic resources.
  public var resources: Resources
  /// The version of what runs the tasks.
  public var engineVersion: String
  /// The engine's labels, for `engine.labels.*` constraints.
  public var labels: [String: String]
  /// Drivers for volumes, networks and logs.
  public var plugins: [PluginDescription]

  /// Creates a description.
  public init(
    hostname: String,
    platform: Platform,
    resources: Resources,
    engineVersion: String = "",
    labels: [String: String] = [:],
    plugins: [PluginDescription] = []
  ) {
    self.hostname = hostname
    self.platform = platform
    self.resources = resources
    self.engineVersion = engineVersion
    self.labels = labels
    self.plugins = plugins
  }
}
