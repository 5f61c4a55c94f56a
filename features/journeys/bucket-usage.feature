@needs:minio
Feature: What a disk in a bucket costs and holds is seen
  Whoever owns a bucket pays for requests and bytes, and wants to know what a loss of this host, or of the server, would
  take. Both are told of each disk, each datastore and each move, as they are now; asking costs nothing.

  Background:
    Given the datastores "fast"
    And the datastore "vault" is a bucket of MinIO

  Scenario: A flush costs one request, and an idle disk none
    Given "vault" charges 5 EUR for 1000 PUTs
    And a disk "web" of 4 MiB in "vault" with something written everywhere
    When the guest of "web" writes and flushes 3 times
    Then "web" has cost 3 PUTs and 0.015 EUR more, and nothing else
    When "web" and "vault" are shown 5 times, and the guest of "web" flushes each time
    Then "web" has cost nothing more, and MinIO has seen no request

  Scenario: What the server keeps waiting is counted until it is taken
    Given a disk "web" of 4 MiB in "vault" with something written everywhere
    When the MinIO of "vault" keeps what it is sent waiting
    And the guest of "web" writes 1 MiB
    Then "web" holds at least 1 MiB that "vault" lacks
    When the MinIO of "vault" takes what it was sent
    And the guest of "web" flushes
    Then "web" holds nothing that "vault" lacks

  Scenario: With a journal it is told how much only this host has, and since when
    Given "vault" has a journal
    And a disk "web" of 4 MiB in "vault" with something written everywhere
    Then a flush of "web" survives a loss of power
    And the loss of this host soon would take nothing that was flushed to "web"
    When the MinIO of "vault" keeps what it is sent waiting
    And the guest of "web" writes 1 MiB
    And the guest of "web" flushes
    Then the loss of this host would take at least 1 MiB that was flushed to "web", the oldest since then
    When the MinIO of "vault" takes what it was sent
    Then the loss of this host soon would take nothing that was flushed to "web"

  Scenario: A server that doesn't answer is told to whoever listens and to whoever looks, until it answers again
    Given a disk "web" of 4 MiB in "vault"
    When the MinIO of "vault" is gone
    And the guest of "web" asks for a flush of what it writes
    Then it is told that "vault" doesn't answer
    And the datastore "vault" and the disk "web" show since when it doesn't, and why
    When the MinIO of "vault" is back
    Then it is told that "vault" answers again
    And the guest's flush is answered
    And neither "vault" nor "web" shows an outage

  Scenario: A bucket that came to keep versions is told, and its disks go on
    Given a disk "web" of 4 MiB in "vault"
    When somebody has the bucket of "vault" keep versions while the server is stopped
    Then the datastore "vault" shows bucket-versioned, and says "mc version suspend"
    And the guest of "web" writes and flushes 3 times
    When the bucket of "vault" keeps versions no more
    And the datastore "vault" is checked
    Then the datastore "vault" shows no concern

  Scenario: A move tells what it cost
    Given a disk "web" of 4 MiB with something written everywhere
    When "web" is moved to "vault"
    Then the move has cost at least 4 MiB sent to the target, and nothing at the source
    When the server is restarted
    And "web" is moved to "fast"
    Then the move has cost at least 4 MiB received from the source, and nothing at the target
