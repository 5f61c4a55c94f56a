Feature: What is promised can be read, and tried, through the server
  The features that Pagurus ships are served with the last result of each of their scenarios. A run of them is a job
  like any other. From the package those run that hold a plugin to its extension points; all others need a checkout.

  Rule: Features are listed and read

    Scenario Outline: A feature is found and read, at an edge before <engine>
      Given an edge before <engine>
      When a caller asks GET /v1/features?kind=conformance
      Then "conformance.error-sink.error-sink" is among the features, of which none is of another kind
      When a caller asks GET /v1/features/conformance.error-sink.error-sink
      Then it is answered 200
      And the answer contains {"kind":"conformance","point":"error-sink","runnable":true,"results":[]}
      And every scenario has its rule, its steps and no result
      When a caller asks GET /v1/features/conformance.nothing
      Then it is refused 404 as feature-not-found

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

  Rule: A run is a job, and each of its scenarios an event

    Scenario Outline: A plugin is held to a feature, at an edge before <engine>
      Given an edge before <engine>
      And a subscriber to the events of the types "scenario.ended"
      When a caller sends POST /v1/acceptance-runs with {"plugin":"sink-log","features":["conformance.error-sink.error-sink"],"seed":7}
      Then it is answered 202
      And the run succeeds, of "sink-log" with the seed 7
      And the subscriber hears once of each scenario of "conformance.error-sink.error-sink"
      And "conformance.error-sink.error-sink" shows each scenario as passed by "sink-log" in this run

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

    Scenario: A plugin that breaks a rule fails, and the rule's scenario says what was found
      Given a plugin whose error sink breaks the rule "order-is-kept"
      When a caller sends POST /v1/acceptance-runs with {"plugin":"broken-sink","configuration":{"file":"{tmp}/reports"}}
      Then the run fails as scenarios-failed
      And the failure is reported as scenarios-failed
      And "conformance.error-sink.error-sink" shows a scenario of "order-is-kept" as failed by "broken-sink", with what was found

    Scenario: A run that finds nothing to try fails
      When a caller sends POST /v1/acceptance-runs with {"plugin":"sink-log","tags":"@capability:none"}
      Then the run fails as acceptance-run-empty
      And the failure is reported as acceptance-run-empty

    Scenario: A checkout runs the features about Pagurus itself
      When a caller sends POST /v1/acceptance-runs with {"features":["edge.idempotency"]}
      Then the run succeeds, of "pagurus" without a seed
      And "edge.idempotency" shows each scenario as passed by "pagurus" in this run

  Rule: What can't be run is refused before there is a job

    Scenario Outline: <input> is refused
      When a caller sends POST /v1/acceptance-runs with <input>
      Then it is refused <status> as <code>
      And there are 0 jobs in all

      Examples:
        | input                                                 | status | code              |
        | {}                                                    | 422    | input-invalid     |
        | {"plugin":"nobody"}                                   | 404    | plugin-unknown    |
        | {"features":["nothing.at-all"]}                       | 404    | feature-not-found |
        | {"features":["edge.access"],"seed":1}                 | 422    | input-invalid     |
        | {"features":["conformance.error-sink.error-sink"]}    | 422    | input-invalid     |
        | {"plugin":"sink-log","features":["edge.access"]}      | 422    | input-invalid     |

  Rule: Whatever ends a run, its processes end and nothing of it is left

    Scenario: A run that is cancelled
      Given a run against "datastore-memory" is under way
      When a caller sends POST /v1/acceptance-runs/{job}/cancel with {}
      Then the run is cancelled
      And nothing of the run is left

    Scenario: A run that waits for its turn is cancelled without having begun
      Given a run against "datastore-memory" is under way
      And another run against "sink-log" waits for it
      When both are cancelled
      Then the run is cancelled
      And nothing of the run is left

    Scenario: A run whose server dies is told as interrupted at the next start
      Given a server
      And a run against "datastore-memory" is under way on that server
      When the server is killed
      Then the processes of the run end
      When the server is started
      Then its run has failed as interrupted, and is reported
      And nothing of the run is left

  Rule: The command line has the same

    Scenario: Features are read and run
      Given a server
      When a person runs `pagurus features list --kind conformance`
      Then it says "conformance.error-sink.error-sink"
      When a person waits for `pagurus acceptance-runs start sink-log --feature conformance.error-sink.error-sink --seed 7 --wait --json`
      Then it ends with exit code 0
      And it prints {"state":"succeeded","subject":"sink-log","seed":7}
      When a person runs `pagurus features show conformance.error-sink.error-sink`
      Then it says "Reports arrive in the order in which they were delivered"
      And it says "passed"
      When a person runs `pagurus acceptance-runs list`
      Then it says "acceptance-runs.start"
