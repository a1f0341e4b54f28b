// SPDX-License-Identifier: Apache-2.0

import Compose
import Testing

@Suite("compose files that are refused")
struct RefusalTests {
  @Test(
    "an unknown key is named with its place and what was perhaps meant",
    arguments: [
      ("services:\n  web:\n    image: x\n    comand: y", ":4:5: services.web: unknown key \"comand\"; did you mean \"command\"?"),
      ("servces: {}", ":1:1: unknown key \"servces\"; did you mean \"services\"?"),
      ("services: {web: {image: x, zzzzzz: y}}", ":1:28: services.web: unknown key \"zzzzzz\""),
      (
        "services:\n  web:\n    image: x\n    deploy:\n      replica: 3",
        ":5:7: services.web.deploy: unknown key \"replica\"; did you mean \"replicas\"?"
      ),
      (
        "services: {w: {image: x}}\nnetworks:\n  n:\n    drivr: x",
        ":4:5: networks.n: unknown key \"drivr\"; did you mean \"driver\"?"
      ),
      (
        "services: {w: {image: x, healthcheck: {tst: x}}}",
        ":1:40: services.w.healthcheck: unknown key \"tst\"; did you mean \"test\"?"
      ),
      (
        "services: {w: {image: x, ports: [{target: 1, publish: 2}]}}",
        ":1:46: services.w.ports[0]: unknown key \"publish\"; did you mean \"published\"?"
      ),
    ]
  )
  func unknownKeys(text: String, message: String) {
    #expect(failure(text) == "/project/stack.yml\(message)")
  }

  @Test(
    "values of the wrong kind are named with their place",
    arguments: [
      (
        "services: {w: {image: x, deploy: {replicas: many}}}",
        "services.w.deploy.replicas must be a whole number of 0 or more, not \"many\""
      ),
      (
        "services: {w: {image: x, deploy: {replicas: -1}}}",
        "services.w.deploy.replicas must be a whole number of 0 or more, not \"-1\""
      ),
      ("services: {w: {image: x, tty: perhaps}}", "services.w.tty must be true or false, not \"perhaps\""),
      ("services: {w: {image: [x]}}", "services.w.image must be a text, not a list"),
      (
        "services: {w: {image: x, stop_grace_period: 5}}",
        "services.w.stop_grace_period must be a length of time like 1m30s, not \"5\""
      ),
      ("services: {w: {image: x, cap_add: y}}", "services.w.cap_add must be a list, not \"y\""),
      ("services: {w: {image: x, environment: y}}", "services.w.environment must be a map or a list, not \"y\""),
      ("services: {w: {image: x, environment: {A: [1]}}}", "services.w.environment.A must be a text, not a list"),
      ("services: {w: {image: x, deploy: [1]}}", "services.w.deploy must be a map, not a list"),
      (
        "services: {w: {image: x, deploy: {mode: x}}}",
        "services.w.deploy.mode must be one of replicated, global, replicated-job, global-job, not \"x\""
      ),
      ("services: {w: {image: x, deploy: {mode: global, replicas: 2}}}", "replicas can only be used with mode replicated"),
      ("services: {w: {image: x, deploy: {resources: {limits: {memory: big}}}}}", "memory must be a size like 512M, not \"big\""),
      ("services: {w: {image: x, deploy: {resources: {limits: {cpus: x}}}}}", "cpus must be a number of processors like 0.5"),
      (
        "services: {w: {image: x, deploy: {update_config: {max_failure_ratio: 2}}}}",
        "max_failure_ratio must be a number from 0 to 1"
      ),
      ("services: {w: {image: x, deploy: {rollback_config: {failure_action: rollback}}}}", "must be one of continue, pause"),
      ("services: {w: {image: x, restart: often}}", "services.w.restart must be one of"),
      ("services: {w: {image: x, ports: ['80:0']}}", "services.w.ports[0] must be a port like 8080:80/tcp, not \"80:0\""),
      ("services: {w: {image: x, ports: ['80-82:80-81']}}", "services.w.ports[0] must be a port"),
      ("services: {w: {image: x, ports: [{published: 5}]}}", "services.w.ports[0]: target, a port from 1 to 65535, is missing"),
      ("services: {w: {image: x, volumes: ['a:b:c:d']}}", "services.w.volumes[0] must be a mount like"),
      ("services: {w: {image: x, volumes: ['/a:/b:fast']}}", "services.w.volumes[0]: unknown option \"fast\""),
      ("services: {w: {image: x, volumes: [{target: /a}]}}", "services.w.volumes[0]: type is missing"),
      ("services: {w: {image: x, volumes: [{type: bind, target: /a}]}}", "services.w.volumes[0]: source is missing"),
      ("services: {w: {image: x, volumes: ['v:/a']}}", "services.w.volumes[0]: undefined volume \"v\""),
      ("services: {w: {image: x, networks: [n]}}", "services.w: undefined network \"n\""),
      ("services: {w: {image: x, secrets: [s]}}", "services.w: undefined secret \"s\""),
      ("services: {w: {image: x, configs: [{source: s}]}}", "services.w: undefined config \"s\""),
      ("services: {w: {image: x, configs: [{target: s}]}}", "services.w.configs[0]: source is missing"),
      ("services: {w: {image: x, credential_spec: {config: c}}}", "services.w: undefined config \"c\""),
      (
        "services: {w: {image: x, credential_spec: {file: a, registry: b}}}",
        "services.w.credential_spec: only one of file, registry and config can be given"
      ),
      (
        "services: {w: {image: x, volumes: [{type: bind, source: /a, target: /b, bind: {recursive: yes}}]}}",
        "services.w.volumes[0].bind.recursive must be one of enabled, disabled, writable, readonly, not \"yes\""
      ),
      (
        "services: {w: {image: x, secrets: [s]}}\nsecrets: {s: {content: x}}\nconfigs: {c: {}}",
        "configs.c: one of file, content, environment and external is needed"
      ),
      (
        "services: {w: {image: x}}\nsecrets: {s: {content: x, file: y}}",
        "secrets.s: only one of file, content and environment can be given"
      ),
      ("services: {w: {image: x}}\nsecrets: {s: {environment: NOPE}}", "secrets.s: the environment variable NOPE isn't set"),
      ("services: {w: {image: x}}\nsecrets: {s: {file: nope.txt}}", "/project/nope.txt can't be read: no such file"),
      ("services: {w: {image: x, env_file: nope.env}}", "/project/nope.env can't be read"),
      ("services: {w: {image: x, healthcheck: {test: [curl]}}}", "must begin with NONE, CMD or CMD-SHELL"),
      ("services: {w: {image: x, healthcheck: {test: y, disable: true}}}", "can't both be given"),
      (
        "services: {w: {image: x, configs: [{source: c, mode: 0999}]}}\nconfigs: {c: {content: x}}",
        "mode must be permissions like 0440, not \"0999\""
      ),
      ("services: {w: {image: x, ulimits: {nofile: {soft: 1}}}}", "services.w.ulimits.nofile: soft and hard are both needed"),
      ("services: {w: {image: x, extra_hosts: [y]}}", "services.w.extra_hosts[0] must be like name=address"),
      ("services: {w: {build: .}}", "services.w: an image is needed; a swarm builds none"),
      ("services: {w: }", "services.w: an image is needed"), ("services: {w: x}", "services.w must be a map, not \"x\""),
      ("services: {}", "the file has no services"), ("", "the file has no services"),
      ("version: '3'", "the file has no services"),
      ("- a", "a compose file must be a map, not a list"), ("include: [x]", ":1:1: include isn't supported"),
      (
        "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}",
        "services depend on each other in a circle: a, b"
      ),
      ("services: {a: {image: x, depends_on: [b]}}", "services.a.depends_on: undefined service \"b\""),
      ("services: {a: {image: x, depends_on: {b: {condition: hot}}}, b: {image: y}}", "condition must be one of"),
      (
        "services: {a: {image: x, depends_on: {b: {condition: service_completed_successfully}}}, b: {image: y}}",
        "services.a.depends_on: \"b\" can't complete"
      ),
    ]
  )
  func wrongValues(text: String, message: String) {
    let error = failure(text)
    #expect(error.contains(message))
    #expect(error.hasPrefix("/project/"))
  }

  @Test(
    "text that isn't YAML is named with its place",
    arguments: [
      ("services:\n  a: [", ":3:1: invalid YAML"), ("a: b: c", ":1:5: invalid YAML"),
      ("a: 1\na: 2", ":1:1: the key \"a\" stands there more than once"),
      ("a: *nope", ":1:4: invalid YAML: found undefined alias"), ("{[a]: b}", ":1:2: a key must be a word"),
      ("<<: 5", ":1:1: << takes maps"),
      ("a: 1\n---\nb: 2", "another document"), ("\u{1}", "invalid YAML"),
    ]
  )
  func notYAML(text: String, message: String) {
    #expect(failure(text).contains(message), "\(failure(text))")
  }
}
