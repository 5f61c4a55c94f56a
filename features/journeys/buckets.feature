@needs:minio
Feature: A disk in a bucket outlives what happens to its server
  Disks move from a folder into a bucket of a real MinIO and back. What a client was told to be durable is there after
  each crash, and what else is there is what it wrote until some moment, with nothing missing in between.

  Scenario: The server is killed at any point of moves into a bucket and out of it
    Given the datastores "fast"
    And the datastore "s3" is a bucket of MinIO
    And "s3" makes small objects and keeps few
    And a server
    When a server is killed at 10 points of moves of "web", a disk of 16 MiB, to "s3" and back, and keeps what it promised each time

  Scenario: A server that isn't back in time fails what waits for it, promises nothing, and harms no other disk
    Given the datastores "fast"
    And the datastore "s3" is a bucket of MinIO
    And "s3" makes small objects and keeps few
    And "s3" is waited for 10000 ms
    And the datastore "other" is a bucket of another MinIO
    And a disk "web" of 32 MiB in "s3" with something written everywhere
    And a disk "near" of 4 MiB in "other" with something written everywhere
    When the MinIO of "s3" is gone
    And the guest of "web" writes 24 MiB at once, more than is held for it, and flushes
    And the guest of "near" writes and flushes 3 times
    Then the guest's writes that were held, and its flush, end in EIO
    When the guest of "near" writes and flushes 3 times
    And the MinIO of "s3" is back
    Then whatever the guest of "web" writes or flushes ends in EIO
    When "web" is reopened
    Then the guest of "web" finds all that it had flushed, but where it wrote since
    When the guest of "web" writes and flushes 3 times

  @needs:guest
  Scenario: A real guest's disk moves into a bucket and back, and MinIO is gone for a while meanwhile
    Given the datastores "fast"
    And the datastore "s3" is a bucket of MinIO
    And "s3" makes small objects and keeps few
    And a server
    And a guest that writes files to "web", a disk of 64 MiB
    When "web" is moved to "s3" and back 1 times, and each time the guest goes on
    And a move of "web" to "s3" is in its middle
    And the MinIO of "s3" is gone
    Then the server tells that "s3" does not answer
    When the MinIO of "s3" is back
    Then the server's move has succeeded
    When the guest goes on
    And the server's "web" is moved to "fast"
    And the guest goes on
    And the guest stops writing, reads all its files and is shut down
    Then the guest has seen no error, and found every file as it wrote it
    And the file system of "web" is clean
    And QEMU alone, without us, starts the guest on the file of "web", and it finds the same
