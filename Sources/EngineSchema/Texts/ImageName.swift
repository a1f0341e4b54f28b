// SPDX-License-Identifier: Apache-2.0

/// The name of an image, as docker's clients complete it before they send it.
package enum ImageName {
  /// The name with the tag `latest` when it has neither a tag nor a digest.
  ///
  /// `alpine` and `alpine:latest` are two names to a manager: without this, one client after another would replace a service's tasks for nothing.
  package static func tagged(_ name: String) -> String {
    let last = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let isID = name.utf8.count == 64 && name.allSatisfy(\.isHexDigit)
    return name.isEmpty || isID || name.contains("@") || last.contains(":") ? name : "\(name):latest"
  }
}
