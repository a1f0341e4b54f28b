// SPDX-License-Identifier: Apache-2.0

/// Compose files that tests share.
enum Examples {
  static let environment = ["TAG": "2.1", "TOKEN": "t0ken"]
  static let files = ["/project/web.env": "MODE=fast\n", "/project/nginx.conf": "server {}\n"]

  static let small = "services: {web: {image: 'nginx:$TAG'}}"

  static let large = """
    version: "3.9"
    x-logging: &logging
      logging: {driver: json-file, options: {max-size: 10m}}
    services:
      web:
        <<: *logging
        image: "example/web:${TAG:-latest}"
        command: ["serve", "--port", "80", '$$HOME']
        entrypoint: /entry.sh --verbose
        environment:
          - MODE=slow
          - "TEXT=a: b # c"
        env_file: [web.env]
        ports: ["8080:80", {target: 443, published: 8443, mode: host}]
        networks: {front: {aliases: [www]}, back: }
        volumes:
          - data:/var/lib/data
          - ./static:/static:ro
          - {type: tmpfs, target: /tmp, tmpfs: {size: 16m}}
        secrets: [token]
        configs: [{source: nginx, target: /etc/nginx.conf, mode: 0440}]
        healthcheck: {test: curl -f localhost, interval: 10s, retries: 3}
        stop_grace_period: 20s
        depends_on: [db]
        extra_hosts: ["db.local:10.0.0.1"]
        deploy:
          mode: replicated
          replicas: 3
          labels: {tier: front}
          update_config: {parallelism: 2, delay: 5s, order: start-first, failure_action: rollback}
          rollback_config: {parallelism: 1}
          restart_policy: {condition: on-failure, max_attempts: 5}
          placement: {constraints: ["node.role == worker"], preferences: [{spread: node.labels.zone}]}
          resources: {limits: {cpus: "0.50", memory: 128M}, reservations: {memory: 64M}}
      db:
        <<: *logging
        image: example/db
        networks: [back]
        volumes: ["data:/db"]
        deploy: {endpoint_mode: dnsrr, placement: {constraints: [node.labels.db == true]}}
      agent:
        image: example/agent
        deploy: {mode: global}
    networks:
      front: {driver: overlay, attachable: true}
      back: {internal: true}
    volumes:
      data: {driver: local, driver_opts: {type: nfs, o: "addr=10.0.0.2,rw"}}
    secrets:
      token: {content: s3cret}
    configs:
      nginx: {file: ./nginx.conf}
    """
}
