Feature: A plugin that brings its own copy of Pagurus works like any other
  A package manager may install Pagurus twice, once beside the server and once beside a plugin. Tokens, errors and
  schemas of the one copy then meet those of the other. The plugin here was compiled against version 1 of the contract.

  Background:
    Given a plugin with a copy of Pagurus of its own

  Scenario: A server keeps disks in it, and moves them
    Given a server
    And the server's disk "web" of 1 MiB in "wood", used by a client
    When the server's "web" is moved to "fast"
    And the server's "web" is moved to "wood"
    Then the client finds everything it wrote to "web"

  Scenario: Its errors are told by its own codes and by ours
    Given a server
    When a person runs `pagurus driftwood weigh cork`
    Then it ends with exit code 4
    And it says in one sentence "The log cork has drifted away; throw another one."
    When a person runs `pagurus disks create big --size 32MiB --datastore wood`
    Then it ends with exit code 5
    And it says "the datastore wood has 16 MiB free and 32 MiB are needed"
    And the server's failure is reported as no-space

  Scenario: Its schemas are validated, described and made into commands
    Given a server
    When a person runs `pagurus driftwood weigh --help`
    Then it says "which log to weigh by"
    When a person runs `pagurus driftwood float --name A --datastore wood`
    Then it ends with exit code 2
    When a person runs `pagurus driftwood weigh oak --json`
    Then it prints {"log":"oak","disks":[]}

  Scenario: What its configuration says is checked by its own schema
    When a person checks a configuration in which it is given the wrong key "limitByte"
    Then it ends with exit code 2
    And it says "limitBytes"

  Scenario: The conformance kit tries it like any other
    When a person holds it to the features
    Then it ends with exit code 0
