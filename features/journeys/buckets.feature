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
