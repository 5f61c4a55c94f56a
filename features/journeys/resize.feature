Feature: A disk grows with what is kept on it, and shrinks only on purpose
  A disk that has become too small is made larger while it is in use. Whoever is attached keeps the size that it was
  told; a client that attaches afterwards is told the new one. Nothing is made smaller by accident.

  Rule: Growing is told to those who attach afterwards

    Scenario: A person makes a disk larger while a client uses it
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When a person runs `pagurus disks resize web --size 4MiB`
      Then it ends with exit code 0
      And the client of "web" has 1 MiB, may not reach beyond, and finds everything it wrote
      And a new client of "web" has 4 MiB and writes to the end of it

    Scenario: The same holds at the TCP port that all disks share
      Given a server with "--nbd 127.0.0.1:0"
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When a person runs `pagurus disks resize web --size 4MiB`
      Then a new client of "web" at the TCP port has 4 MiB and writes to the end of it

    Scenario: A larger disk is as large after a kill, and wherever it moves
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When a person runs `pagurus disks resize web --size 4MiB --json`
      Then it prints {"name":"web","sizeBytes":4194304,"epoch":1,"state":"available"}
      When the server is killed and started again
      And the server's "web" is moved to "archive"
      And the client of "web" connects again
      Then the client finds everything it wrote to "web"
      And a new client of "web" has 4 MiB and writes to the end of it

  Rule: Shrinking is asked for twice, and never while somebody is attached

    Scenario: A smaller size alone is refused
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When a person runs `pagurus disks resize web --size 512KiB`
      Then it ends with exit code 4
      And it says in one sentence "The disk web has 1 MiB; what it holds beyond 512 KiB would be lost; make its file system that small first; then repeat with `--shrink`, with no client attached."
      And the client finds everything it wrote to "web"

    Scenario: An attached client is no accident either
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When a person runs `pagurus disks resize web --size 512KiB --shrink`
      Then it ends with exit code 4
      And it says "the disk web is in use: a client is attached"
      And the client finds everything it wrote to "web"

    Scenario: What was cut off is gone, and what is left is whole
      Given a server
      And the server's disk "web" of 1 MiB in "fast", full of one byte and used by nobody
      When a person runs `pagurus disks resize web --size 512KiB --shrink`
      Then it ends with exit code 0
      When a person runs `pagurus disks resize web --size 1MiB`
      Then the disk "web" holds that byte for 512 KiB, and zeroes from there on for 512 KiB

  Rule: Over HTTP the size is a property of the disk

    Scenario Outline: It is changed like any resource, at an edge before <engine>
      Given an edge before <engine>
      And a disk "web" of 1 MiB
      When a caller sends PATCH /v1/disks/web with {"sizeBytes":4194304}
      Then it is answered 200
      And the answer contains {"name":"web","sizeBytes":4194304,"epoch":1}
      When a caller sends PATCH /v1/disks/web with {"sizeBytes":4194305}
      Then it is refused 422 as input-invalid
      When a caller sends PATCH /v1/disks/web with {"sizeBytes":1048576}
      Then it is refused 409 as disk-shrink-refused

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |
