@needs:minio @needs:mounts
Feature: A journal's file system is taken away
  A disk in a bucket answers flushes from a journal on this host. Whatever becomes of the file system below that, nothing
  is answered that a later start would not find, and what was answered is there when the file system is.

  Background:
    Given the datastores "fast"
    And the datastore "s3" is a bucket of MinIO
    And "s3" makes small objects and keeps few
    And "s3" has a journal on a file system of its own of 16 MiB
    And a server
    And the server's disk "web" of 4 MiB in "s3", and a client that counts its writes

  Scenario Outline: It <happens>, and the server dies with what the bucket lacks
    When the counting client of "web" writes and flushes 20 times
    And the MinIO of "s3" is gone
    And the counting client of "web" writes and flushes 2 times
    And the file system of the journal <happens>, while the client of "web" writes until it is refused with EIO
    Then nothing more of "web" is answered to it
    When the server is killed
    Then it says "A journal can't be used any more"
    And it says "FOLDER/journal"
    And it says "pagurus disks reopen"
    When the MinIO of "s3" is back
    And the server is started
    Then "web" is unavailable, and the report of journal-missing says what to do: "give the datastore that journal, on that host"
    When the file system of the journal <returns>
    And the server's "web" is reopened
    Then the counting client finds all of "web" that it had flushed, and what else is there of its writes is in order
    When the counting client of "web" writes and flushes 2 times
    And the server is killed and started again
    Then the counting client finds all of "web" that it had flushed, and what else is there of its writes is in order

    Examples:
      | happens                    | returns      |
      | is detached                | is back      |
      | is covered by an empty one | is uncovered |

  Scenario: It is detached, and the server lives on
    When the counting client of "web" writes and flushes 20 times
    And the file system of the journal is detached, while the client of "web" writes until it is refused with EIO
    Then nothing more of "web" is answered to it
    And the server's "web" cannot be reopened: datastore-unavailable, and that names the journal
    When the file system of the journal is back
    And the server's "web" is reopened
    Then the counting client finds all of "web" that it had flushed, and what else is there of its writes is in order

  Scenario: It is full for a while
    When the counting client of "web" writes and flushes 20 times
    And the MinIO of "s3" is gone
    And the file system of the journal is full, while the client of "web" writes until it is refused with ENOSPC
    And the file system of the journal has room again
    And the counting client of "web" writes and flushes 2 times
    And the server is killed
    And the MinIO of "s3" is back
    And the server is started
    Then the counting client finds all of "web" that it had flushed, and what else is there of its writes is in order

  Scenario: It is read-only for a while
    When the counting client of "web" writes and flushes 20 times
    And the server is started again
    Then the counting client finds all of "web" that it had flushed, and what else is there of its writes is in order
    When the file system of the journal is read-only
    And the counting client of "web" writes on, and is refused with EIO
    Then nothing more of "web" is answered to it
    And the server's "web" cannot be reopened: datastore-unavailable, and that names the journal
    When the file system of the journal is writable again
    And the server's "web" is reopened
    Then the counting client finds all of "web" that it had flushed, and what else is there of its writes is in order
    When the counting client of "web" writes and flushes 2 times
    And the server is killed
    Then it says "its journal FOLDER/journal: EROFS: read-only file system"
    And it says "make it reachable and writable, then try again"
    When the server is started
    Then the counting client finds all of "web" that it had flushed, and what else is there of its writes is in order
