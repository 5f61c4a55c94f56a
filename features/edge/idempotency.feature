Feature: A call with a key is carried out once, however often it is made
  Whoever got no answer may ask again with the same Idempotency-Key and gets the first answer.

  Scenario Outline: A repeated call gets the first answer, at an edge before <engine>
    Given an edge before <engine>
    When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"fast"} and the key "k-1"
    And the call is repeated
    Then the repetition is answered like the first call, and marked as repeated
    And there is 1 disk in all

    Examples:
      | engine          |
      | the engine      |
      | a remote engine |

  Scenario Outline: A job is not started twice, at an edge before <engine>
    Given an edge before <engine>
    And a disk "web" of 1 MiB
    When a caller sends POST /v1/migrations with {"disks":["web"],"to":"archive"} and the key "k-1"
    And the call is repeated
    Then the repetition is answered like the first call, and marked as repeated
    And its Location shows the job until it has succeeded
    And there is 1 job in all

    Examples:
      | engine          |
      | the engine      |
      | a remote engine |

  Scenario: A key is remembered over a restart of the server
    When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"fast"} and the key "k-1"
    And the server is stopped and started again
    And the call is repeated
    Then the repetition is answered like the first call, and marked as repeated
    And there is 1 disk in all

  Scenario: The order of the fields makes no other call
    When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"fast"} and the key "k-1"
    And a caller sends POST /v1/disks with {"datastore":"fast","sizeBytes":4096,"name":"web"} and the key "k-1"
    Then the repetition is answered like the first call, and marked as repeated

  Scenario: A key is for one input
    When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"fast"} and the key "k-1"
    And a caller sends POST /v1/disks with {"name":"db","sizeBytes":4096,"datastore":"fast"} and the key "k-1"
    Then it is refused 422 as idempotency-conflict
    And the refusal says "use a fresh key for a new call"
    And there is 1 disk in all

  Scenario: A call that failed may be made again with its key
    Given a disk "web" of 1 MiB
    When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"fast"} and the key "k-1"
    Then it is refused 409 as disk-exists
    When a caller sends POST /v1/disks with {"name":"db","sizeBytes":4096,"datastore":"fast"} and the key "k-1"
    Then it is answered 201

  Scenario: A key that cannot be one is refused
    When a caller sends POST /v1/disks with {"name":"web","sizeBytes":4096,"datastore":"fast"} and the key "two words"
    Then it is refused 400 as idempotency-key-invalid
    And there are 0 disks in all
