// SPDX-License-Identifier: Apache-2.0

/// The parts of Docker's API that aren't here yet: each answers with a sentence.
enum UnavailableRoutes {
  static var routes: [Route] {
    // Clients look for image digests before they create a service; this answer lets them go on.
    [
      Route(.get, "distribution/**") { call in
        throw APIFailure.notFound("no registry is asked for \(call.reference.dropSuffix("/json"))")
      }
    ]
      + self.subjects.flatMap { path, subject in
        [HTTPVerb.get, .post, .put, .delete, .head].map { method in
          Route(method, path) { _ in throw APIFailure.notAvailable(subject) }
        }
      }
  }

  private static let subjects: [(path: String, subject: String)] = [
    ("networks/**", "attachments of containers to networks are"),
    ("volumes/**", "volumes are"),
    ("plugins/**", "plugins are"),
    ("containers/**", "containers outside of services are"),
    ("images/**", "changes of images, which nodes fetch for their tasks, are"),
    ("exec/**", "other requests about commands are"),
    ("build/**", "image builds are"),
    ("commit", "image builds are"),
    ("session", "image builds are"),
    ("auth", "registry logins are"),
  ]
}

extension String {
  fileprivate func dropSuffix(_ suffix: String) -> String {
    self.hasSuffix(suffix) ? String(self.dropLast(suffix.count)) : self
  }
}
