// SPDX-License-Identifier: Apache-2.0

/// The names of Linux's capabilities, as docker's clients send them.
package enum CapabilityName {
  /// The name as the API has it: `net_admin` is `CAP_NET_ADMIN`.
  package static func complete(_ name: String) -> String {
    let upper = name.uppercased()
    return upper == "ALL" || upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"
  }
}
