// SPDX-License-Identifier: Apache-2.0

/// What a service of a file waits for.
struct Dependency: Sendable {
  /// The other service, as the file names it.
  let name: String
  /// What the other service must be: `started`, `healthy` or `completed`.
  let condition: String
  let position: ComposePosition
}
