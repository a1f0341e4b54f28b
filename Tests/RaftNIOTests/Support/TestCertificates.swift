// SPDX-License-Identifier: Apache-2.0

#if Security
  import NIOSSL
  import Raft
  import RaftNIO

  /// Two authorities and a certificate of each, valid for a hundred years and worth nothing outside of tests.
  enum TestCertificates {
    /// Mutual TLS with what one authority signed.
    static func mutualTLS(
      _ certificate: String,
      _ key: String,
      authority: String,
      verify: (@Sendable (Member, NIOSSLCertificate) -> Bool)? = nil
    ) throws -> MutualTLS {
      try MutualTLS(
        certificateChain: [.certificate(NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem))],
        privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)),
        trustRoots: .certificates([NIOSSLCertificate(bytes: Array(authority.utf8), format: .pem)]),
        verify: verify
      )
    }

    /// The group's own.
    static var ours: MutualTLS {
      get throws { try self.mutualTLS(self.certificate, self.key, authority: self.authority) }
    }

    /// The group's own, for somebody who looks closely at whom it dialled.
    static func verifying(_ verify: @escaping @Sendable (Member, NIOSSLCertificate) -> Bool) throws -> MutualTLS {
      try self.mutualTLS(self.certificate, self.key, authority: self.authority, verify: verify)
    }

    /// A stranger's, who even trusts the group.
    static var theirs: MutualTLS {
      get throws { try self.mutualTLS(self.foreignCertificate, self.foreignKey, authority: self.authority) }
    }

    static let authority = """
      -----BEGIN CERTIFICATE-----
      MIIBezCCASGgAwIBAgIUXnVOkeExnNqQS6od0iVeEIeJbqQwCgYIKoZIzj0EAwIw
      EjEQMA4GA1UEAwwHb3Vycy1jYTAgFw0yNjExMjUyMjI0MzZaGA8yMTI2MTEwMTIy
      MjQzNlowEjEQMA4GA1UEAwwHb3Vycy1jYTBZMBMGByqGSM49AgEGCCqGSM49AwEH
      A0IABPBcvN598st/XY4ZEUgiavfFRS5raQgE0oTuI/UNStb3OyENSvPjPVsvRpsx
      bomqYSFIzYHGlS1DV67IAC/2WCOjUzBRMB0GA1UdDgQWBBQYDfXTsViR+A1obAXn
      ksSzf0vGbzAfBgNVHSMEGDAWgBQYDfXTsViR+A1obAXnksSzf0vGbzAPBgNVHRMB
      Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQD2S1a4Qj3FfnK6y+JkBBBFfyHh
      xIuxHgYRxVW6+yoy2AIgfvagPIYnTGABROsJspVbkDaolpk36zG6lpPdzEM/bqg=
      -----END CERTIFICATE-----
      """

    static let certificate = """
      -----BEGIN CERTIFICATE-----
      MIIBnzCCAUSgAwIBAgIUemoMe4eVWC26IzQwRo3ufHjj6YAwCgYIKoZIzj0EAwIw
      EjEQMA4GA1UEAwwHb3Vycy1jYTAgFw0yNjExMjUyMjI0MzZaGA8yMTI2MTEwMTIy
      MjQzNlowFjEUMBIGA1UEAwwLb3Vycy1tZW1iZXIwWTATBgcqhkjOPQIBBggqhkjO
      PQMBBwNCAAR7HAOcfd3Qq2wj9I9bs2Wz65T6bmBEfEINYWDj8b/AhPVgjSi1TBc7
      Jdl/3WMklr3BQ3dvyZ9YerT3K+ITszWco3IwcDAPBgNVHREECDAGhwR/AAABMB0G
      A1UdJQQWMBQGCCsGAQUFBwMBBggrBgEFBQcDAjAdBgNVHQ4EFgQU9OX9b3mE3KbY
      7BW3ANULNl4O7kIwHwYDVR0jBBgwFoAUGA3107FYkfgNaGwF55LEs39Lxm8wCgYI
      KoZIzj0EAwIDSQAwRgIhAN+TmGN0xjNPLE+gbnYbDJcVLHtabg0CZnR5X28Xh+IU
      AiEAuvhceHVzZCY2k3OlSWgr/ddkVCNSFHJlcJIEiFac228=
      -----END CERTIFICATE-----
      """

    static let key = """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJhavA5fELj8/5VXz
      LgdWNjltp49ZeK4s76itiKKPPS+hRANCAAR7HAOcfd3Qq2wj9I9bs2Wz65T6bmBE
      fEINYWDj8b/AhPVgjSi1TBc7Jdl/3WMklr3BQ3dvyZ9YerT3K+ITszWc
      -----END PRIVATE KEY-----
      """

    static let foreignCertificate = """
      -----BEGIN CERTIFICATE-----
      MIIBojCCAUigAwIBAgIUMHhHrlrCuc+eOlm3dFrhcCRSSUIwCgYIKoZIzj0EAwIw
      FDESMBAGA1UEAwwJdGhlaXJzLWNhMCAXDTI2MTEyNTIyMjQzN1oYDzIxMjYxMTAx
      MjIyNDM3WjAYMRYwFAYDVQQDDA10aGVpcnMtbWVtYmVyMFkwEwYHKoZIzj0CAQYI
      KoZIzj0DAQcDQgAEg5lv/cIeWje2zJDDvYrg6+G2pvwAU0nGIhbel/5qCSzJ0N7R
      Hp230uVbgi78K2XuVEybkHg11nzjWILpOHzti6NyMHAwDwYDVR0RBAgwBocEfwAA
      ATAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwHQYDVR0OBBYEFHED4IGC
      20gEq+Pk1x+o1SKcRxF0MB8GA1UdIwQYMBaAFJrgbwynTjVayFXaUrKUItHkAp+I
      MAoGCCqGSM49BAMCA0gAMEUCIQCOQIzrNyeBgOHSHNtCW+UzO0zqLUMxxXvAHvbf
      4nkEgAIgA8pQ3pMaqjpZIE5ybfB/tzc/QQIQ75+1fNLC2RrxVR8=
      -----END CERTIFICATE-----
      """

    static let foreignKey = """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghwamMqPzGvlWdMkv
      Vl0s04aTIkhC88oLyrRrZlJ0C0ihRANCAASDmW/9wh5aN7bMkMO9iuDr4bam/ABT
      ScYiFt6X/moJLMnQ3tEenbfS5VuCLvwrZe5UTJuQeDXWfONYguk4fO2L
      -----END PRIVATE KEY-----
      """
  }
#endif
