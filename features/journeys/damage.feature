Feature: What is damaged or missing is told, and left as it is
  A server never mends by guessing. It names what is wrong and what to do, and serves everything else.

  Scenario: A damaged catalog
    Given a server
    And the server's disk "web" of 1 MiB in "fast", used by a client
    When the server is stopped
    And the catalog is damaged
    And a server is tried to start
    Then it ends with exit code 5
    And it says in one sentence "The plugin instance catalog failed to start because the catalog FOLDER/data/catalog.db is damaged: file is not a database; put back a copy of it; the disks are untouched."

  Scenario: A damaged catalog is replaced by its copy
    Given a server
    And the server's disk "web" of 1 MiB in "fast", used by a client
    When the server is stopped and its catalog is copied
    And the catalog is damaged
    And the copy of the catalog is put back and the server started
    And the client of "web" connects again
    Then the client finds everything it wrote to "web"

  Scenario: A catalog restored from a backup that is older than a move
    Given a server
    And the server's disk "web" of 1 MiB in "fast", used by a client
    When the server is stopped and its catalog is copied
    And the server is started, "web" is moved to "archive", and the server is stopped
    And the copy of the catalog is put back and the server started
    Then "web" is unavailable, and the report of layer-not-found says what to do: "put back the newest one"
    And the newest catalog serves "web" in "archive" again, with everything the client wrote

  Scenario: A catalog restored from a backup that is older than its disk
    Given a server
    And the server's disk "web" of 1 MiB in "fast", used by a client
    When the server is stopped and its catalog is copied
    And the server is started, "web" is moved to "archive" with its source kept, and the server is stopped
    And the copy of the catalog is put back and the server started
    Then "web" is unavailable, and the report of disk-layer-newer says what to do: "put back the newest catalog"
    And the newest catalog serves "web" in "archive" again, with everything the client wrote

  Scenario: A file that is shorter than its disk
    Given a server
    And the server's disk "web" of 1 MiB in "fast", used by a client
    And the server's disk "db" of 1 MiB in "fast", used by a client
    When the server is stopped, and started after the file of "web" lost its end
    Then "web" is unavailable, and the report of layer-too-short says what to do: "restore the file from a copy"
    And the client of "db" finds everything it wrote
    And the file of "web" is as it was left

  Scenario: A folder that is missing
    Given a server
    And the folder of "archive" is taken away
    When a person runs `pagurus disks create db --size 1MiB --datastore archive`
    Then it ends with exit code 5
    And it says "the datastore archive cannot be used: its directory FOLDER/stores/archive is missing"
    And the server's failure is reported as datastore-unavailable

  Scenario: A client's write for which there is no space is told as that, and made again when there is
    Given the rehearsed datastores "fast" and "archive"
    And a disk "web" of 1 MiB with something written everywhere
    And "fast" is full when it next writes block 3
    When the guest's write of block 3 is refused for want of space
    And the guest writes block 3
    Then "web" is whole at "fast"
