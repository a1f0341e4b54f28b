// SPDX-License-Identifier: Apache-2.0

/// Where a ``ProcessRuntime`` makes the control groups (cgroup v2) of its tasks.
public enum ControlGroupPlace: Sendable, Hashable {
  /// Below the root of the machine's control groups, where that is permitted, as Docker does it.
  case automatic
  /// In an existing group without processes, as an absolute path of its directory: for instance one that systemd has delegated to the host.
  case directory(String)
  /// Nowhere: limits aren't enforced.
  case none
}
