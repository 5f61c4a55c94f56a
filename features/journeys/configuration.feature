Feature: What a server is to be is written in one file
  Everything that is wrong with it is told at once. Anybody's plugin is named there and used like ours.

  Scenario: All mistakes are told at once, each with its key
    Given the file "bad.yaml" with
      """
      server: { listn: "127.0.0.1:0", diskThreads: -1 }
      datastores:
        fast: { plugin: datastore-local, rooot: ./fast }
        slow: { plugin: datastore-lokal, root: ./slow }
      colours: {}
      """
    When a person runs `pagurus config check --config bad.yaml`
    Then it ends with exit code 2
    And it names "server.listn", "server.diskThreads", "datastores.fast.rooot", "datastores.fast.root", "datastores.slow.plugin" and "colours"
    And it says "did you mean `listen`?"
    And it says "did you mean `datastore-local`?"

  Scenario: A server does not start on a configuration that has mistakes
    Given the file "bad.yaml" with
      """
      datastores: { fast: { plugin: datastore-local } }
      """
    When a person runs `pagurus serve --config bad.yaml`
    Then it ends with exit code 2
    And it says "`datastores.fast.root`"
    And `server.json` is gone

  Scenario: A file that is no YAML is told with line and column
    Given the file "bad.yaml" with
      """
      datastores: { fast:
      """
    When a person runs `pagurus config check --config bad.yaml`
    Then it ends with exit code 2
    And it says "bad.yaml could not be read: line 1, column"

  Scenario: Several instances of one plugin, each with its own part of the file
    Given the datastores "fast", "archive" and "cold"
    And a server
    When a person runs `pagurus datastores list --json`
    Then it prints {"items":[{"id":"fast"},{"id":"archive"},{"id":"cold"}]}

  Scenario: A stranger's plugin, in TypeScript, is a command at once
    Given a stranger's plugin "greetings.ts" with
      """
      import { defineFunction, definePlugin, z } from "pagurus";

      const greet = defineFunction({
        name: "greetings.send",
        summary: "Greet somebody",
        kind: "call",
        effect: "read",
        input: z.strictObject({ name: z.string() }),
        output: z.object({ text: z.string() }),
        http: { method: "GET", path: "/v1/greetings/{name}" },
        cli: { positionals: ["name"] },
        run: ({ name }) => ({ text: `Hello, ${name}` }),
      });

      export default definePlugin({
        id: "greetings",
        apiVersion: 1,
        summary: "Says hello",
        config: z.strictObject({}),
        functions: [greet],
      });
      """
    And a server
    When a person runs `pagurus greetings send Ada --json`
    Then it ends with exit code 0
    And it prints {"text":"Hello, Ada"}

  Scenario: A plugin that is not there is told with where it was looked for
    Given the file "pagurus.yaml" with
      """
      plugins: ["./not-there.ts"]
      """
    When a person runs `pagurus config check --config pagurus.yaml`
    Then it ends with exit code 2
    And it says "./not-there.ts"
    And it says "correct its path"
