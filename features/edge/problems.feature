Feature: A refusal says what is wrong, on which object, and what to do
  Every error is a problem of RFC 9457 with a code for programs, one sentence for people, the chain of its causes, and
  a JSON pointer to each field that is wrong.

  Rule: What is asked for wrongly is told field by field

    Scenario Outline: <what>
      When a caller sends POST /v1/disks with <input>
      Then it is refused 422 as input-invalid
      And the refusal points at <pointers>
      And the refusal says "`pagurus functions show disks.create`"

      Examples:
        | what                                 | input                                                   | pointers                  |
        | A key that nobody knows              | {"name":"web","sizeBytes":4096,"colour":"red"}          | "/colour"                 |
        | Two things at once                   | {"name":"Web!","sizeBytes":1000}                        | "/name" and "/sizeBytes"  |
        | Nothing at all                       | {}                                                      | "/name" and "/sizeBytes"  |
        | A size that is no multiple of 512    | {"name":"web","sizeBytes":1000}                         | "/sizeBytes"              |
        | A size of nothing                    | {"name":"web","sizeBytes":0}                            | "/sizeBytes"              |
        | A size below nothing                 | {"name":"web","sizeBytes":-512}                         | "/sizeBytes"              |
        | A size beyond the largest disk       | {"name":"web","sizeBytes":2251799813685248}             | "/sizeBytes"              |
        | A size that is a text                | {"name":"web","sizeBytes":"1 GiB"}                      | "/sizeBytes"              |
        | A name that leads out of its folder  | {"name":"../../etc/passwd","sizeBytes":4096}            | "/name"                   |
        | A name with a zero byte              | {"name":"web\u0000","sizeBytes":4096}                   | "/name"                   |

    Scenario: What is no object has no fields to name
      When a caller sends POST /v1/disks with [1]
      Then it is refused 422 as input-invalid
      And the refusal says "input: "

    Scenario: A name that leads out of its folder leads nowhere in a path either
      When a caller asks GET /v1/disks/..%2F..%2Fetc%2Fpasswd
      Then it is refused 404 as disk-not-found

    Scenario Outline: A field given twice is refused, not chosen from
      When a caller asks <request>
      Then it is refused 422 as input-invalid
      And the refusal points at <pointer>
      And the refusal says "<what>"

      Examples:
        | request                         | pointer  | what                                |
        | GET /v1/disks?limit=1&limit=2   | "/limit" | given twice                         |
        | GET /v1/disks?colour=red        | "/colour"| unknown field                       |
        | GET /v1/disks?limit=many        | "/limit" | limit:                              |
        | POST /v1/disks?name=web         | "/name"  | belongs into the body, not the query |

    Scenario: A field of the path is not given in the body too
      When a caller sends POST /v1/jobs/job-1/cancel with {"id":"job-2"}
      Then it is refused 422 as input-invalid
      And the refusal points at "/id"

  Rule: What is no call of ours is told so

    Scenario Outline: <method> <path> is refused as <code>
      When a caller asks <method> <path>
      Then it is refused <status> as <code>
      And the refusal reads "<sentence>"

      Examples:
        | method | path                     | status | code               | sentence                                                                          |
        | GET    | /v1/nothing              | 404    | route-not-found    | There is nothing at /v1/nothing; see /openapi.json for what there is.             |
        | PUT    | /v1/disks                | 405    | method-not-allowed | PUT is not possible at /v1/disks; use GET, HEAD, OPTIONS, POST.                   |
        | POST   | /v1/functions/no.such    | 404    | function-not-found | There is no function no.such; see `pagurus functions list`.                       |
        | GET    | /v1/disks/nope           | 404    | disk-not-found     | There is no disk named nope; see `pagurus disks list`.                            |
        | GET    | /v1/migrations/nope      | 404    | job-not-found      | There is no job nope; see `pagurus jobs list`.                                    |
        | GET    | /v1/reports/nope         | 404    | report-not-found   | There is no report nope; see `pagurus reports list`.                              |

    Scenario: What is possible is told with the refusal
      When a caller asks PUT /v1/disks/web
      Then it is answered 405 with the header "Allow: DELETE, GET, HEAD, OPTIONS, PATCH"

    Scenario: A body that is no JSON
      When a caller sends POST /v1/disks with the "application/json" text "{name: web}"
      Then it is refused 400 as body-malformed

    Scenario: A body of another kind
      When a caller sends POST /v1/disks with the "text/plain" text "web"
      Then it is refused 415 as media-type-unsupported
      And the refusal says "send JSON with `Content-Type: application/json`"

    Scenario: A body that is too large
      When a caller sends POST /v1/disks with 2 MiB
      Then it is refused 413 as body-too-large

  Rule: What the state of things forbids is a conflict

    Scenario: A second disk of one name
      Given a disk "web" of 1 MiB
      When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"archive"}
      Then it is refused 409 as disk-exists
      And the refusal reads "There is a disk named web already; choose another name, or remove that disk."

    Scenario Outline: A move that goes nowhere: <what>
      Given a disk "web" of 1 MiB
      When a caller sends POST /v1/migrations with <input>
      Then it is refused <status> as <code>
      And the refusal reads "<sentence>"
      And there are 0 jobs in all

      Examples:
        | what                      | input                                                     | status | code                     | sentence                                                                              |
        | to where it already is    | {"disks":["web"],"to":"fast"}                             | 409    | migration-same-datastore | The disk web is in the datastore fast already; choose another datastore.              |
        | to nowhere                | {"disks":["web"],"to":"moon"}                             | 404    | datastore-not-found      | There is no datastore named moon; there is fast, archive; see `pagurus datastores list`. |
        | of nothing                | {"disks":["nope"],"to":"archive"}                         | 404    | disk-not-found           | There is no disk named nope; see `pagurus disks list`.                                |
        | by an unknown strategy    | {"disks":["web"],"to":"archive","strategy":"teleport"}    | 404    | strategy-not-found       | There is no migration strategy teleport; there is dirty-block.                        |

    Scenario: A second move of the same disk
      Given a disk "web" of 1 MiB
      And the move of "web" to "archive" is under way
      When a caller sends POST /v1/migrations with {"disks":["web"],"to":"archive"}
      Then it is refused 409 as migration-running
      And the refusal says "`pagurus jobs watch job-"
      When the held move goes on
      Then the move succeeds

    Scenario: A disk is not removed under its move
      Given a disk "web" of 1 MiB
      And the move of "web" to "archive" is under way
      When a caller asks DELETE /v1/disks/web
      Then it is refused 409 as migration-running
      When the held move goes on
      Then the move succeeds

  Rule: What cannot be done now says when to come back, and why

    Scenario Outline: A datastore that fails is named with its reason, at an edge before <engine>
      Given the rehearsed datastores "fast" and "archive"
      And an edge before <engine>
      And "fast" fails when it next makes a layer
      When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"fast"}
      Then it is answered 503 with the header "Retry-After: 1"
      And the refusal's chain ends in datastore-unavailable
      And the failure is reported as datastore-unavailable

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |
