// SPDX-License-Identifier: Apache-2.0

/// When a ``DockerRuntime`` fetches an image.
public enum PullPolicy: String, Hashable, Sendable, CaseIterable {
  /// Before every task, unless the image is named by its digest and there; what is there serves when the registry can't be asked.
  ///
  /// This is what Docker does.
  case always
  /// Only when it isn't there.
  case missing
  /// Never; a task whose image isn't there is rejected.
  case never
}
