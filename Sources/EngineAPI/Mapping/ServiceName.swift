// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension ServiceSpec {
  private static let qualities = [
    "amber", "bold", "brisk", "calm", "clever", "cosy", "crisp", "eager", "early", "fond", "gentle", "keen", "lively", "lucky",
    "mellow",
    "nimble", "patient", "proud", "quick", "quiet", "sunny", "swift", "tidy", "witty",
  ]
  private static let birds = [
    "avocet", "bittern", "blackbird", "bunting", "crane", "curlew", "dipper", "dunlin", "finch", "heron", "kestrel", "lapwing",
    "linnet",
    "martin", "oriole", "osprey", "plover", "redstart", "robin", "siskin", "skylark", "swallow", "tern", "wren",
  ]

  /// The specification with a name of its own, when whoever made it gave it none.
  func named() -> Self {
    guard self.annotations.name.isEmpty else { return self }
    var named = self
    let (quality, bird) = (Self.qualities.randomElement() ?? "", Self.birds.randomElement() ?? "")
    named.annotations.name = "\(quality)_\(bird)\(Int.random(in: 100...999))"
    return named
  }
}
