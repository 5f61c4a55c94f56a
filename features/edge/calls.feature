Feature: Everything that can be done has a route, and each answer says what was done
  The edge is made from the functions' descriptions. It answers alike before an engine of its own process and before
  one that it reaches over HTTP.

  Rule: What is made can be read where the answer says

    Scenario Outline: A disk is created, read and removed, at an edge before <engine>
      Given an edge before <engine>
      When a caller sends POST /v1/disks with {"name":"web","sizeBytes":1048576,"datastore":"fast"}
      Then it is answered 201 with the header "Location: /v1/disks/web"
      And what it created is read at its Location
      When a caller asks DELETE /v1/disks/web
      And a caller asks GET /v1/disks/web
      Then it is refused 404 as disk-not-found

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

    Scenario Outline: A move is a job that is followed to its end, at an edge before <engine>
      Given an edge before <engine>
      And a disk "web" of 1 MiB
      When a caller sends POST /v1/migrations with {"disks":["web"],"to":"archive"}
      Then it is answered 202
      And its Location shows the job until it has succeeded

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

    Scenario Outline: A move under way is changed like any resource, at an edge before <engine>
      Given an edge before <engine>
      And a disk "web" of 1 MiB
      And the move of "web" to "archive" is under way
      When a caller sends PATCH /v1/migrations/{job} with {"maxPauseMs":20000,"maxBytesPerSecond":1048576,"switchOver":"manual"}
      Then it is answered 200
      When a caller sends PATCH /v1/migrations/{job} with {"maxBytesPerSecond":null}
      Then it is answered 200
      When a caller sends PATCH /v1/migrations/{job} with {}
      Then it is refused 422 as input-invalid
      When a caller sends POST /v1/migrations/{job}/switch with {}
      Then it is refused 409 as migration-not-ready
      When a caller sends POST /v1/migrations/{job}/switch with {"whenReady":true}
      Then it is answered 200
      When the held move goes on
      Then the move succeeds
      When a caller sends PATCH /v1/migrations/{job} with {"maxPauseMs":50}
      Then it is refused 409 as job-ended

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

    Scenario Outline: Every function is called by its name, at an edge before <engine>
      Given an edge before <engine>
      When a caller sends POST /v1/functions/disks.create with {"name":"web","sizeBytes":4096,"datastore":"fast"}
      Then it is answered 201 with the header "Location: /v1/disks/web"
      When a caller sends POST /v1/functions/disks.show with {"name":"web"}
      Then it is answered 200
      And the answer contains {"name":"web","sizeBytes":4096,"datastore":"fast","epoch":1,"state":"available"}

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

  Rule: Lists are read page by page

    Scenario Outline: A list misses nothing and repeats nothing, at an edge before <engine>
      Given an edge before <engine>
      And empty disks "cache", "db", "log", "mail" and "web"
      When a caller reads the disks page by page, 2 at a time
      Then the pages have "cache", "db", then "log", "mail", then "web"

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

    Scenario: An empty list is a list
      When a caller asks GET /v1/disks
      Then it is answered 200
      And the answer is {"items":[]}

  Rule: What watches the server needs no account of its routes

    Scenario Outline: <path> is answered without a token
      When somebody without a token asks GET <path>
      Then it is answered 200
      And the answer contains <what>

      Examples:
        | path          | what                |
        | /healthz      | {"status":"alive"}  |
        | /readyz       | {"ready":true}      |
        | /openapi.json | {"openapi":"3.1.0"} |

    Scenario: Metrics are read with a token, in Prometheus' format
      When a caller asks GET /metrics
      Then it is answered 200 with the header "Content-Type: text/plain; version=0.0.4; charset=utf-8"
      When somebody without a token asks GET /metrics
      Then it is refused 401 as token-missing

    Scenario: The document says the same as the list of functions
      Given an edge before the engine
      Then the document is OpenAPI 3.1
      And every function has its route, its name and its answer there
      And nothing else of the document is a function
