// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// What `--credential-spec` takes: `config://NAME`, `file://NAME` or `registry://NAME`; nothing takes what was there away.
struct CredentialSpecValue: Hashable, Sendable, ExpressibleByArgument {
  /// Where the credentials are; a config by its name or its id.
  var spec: Engine.CredentialSpec

  init?(argument text: String) {
    var spec = Engine.CredentialSpec()
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch parts[0] {
    case "config" where parts.count > 1: spec.config = parts[1]
    case "file" where parts.count > 1: spec.file = parts[1]
    case "registry" where parts.count > 1: spec.registry = parts[1]
    default: guard text.isEmpty else { return nil }
    }
    self.spec = spec
  }
}
