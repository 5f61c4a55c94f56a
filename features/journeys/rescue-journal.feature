@needs:minio
Feature: What a disk's journal holds is given up by nobody but a person who says so
  A disk that is flushed to a local journal has its newest writes there alone. A repair cuts nothing while the disk counts on
  that: what is in a journal can't be replayed behind a cut.

  Scenario: A disk whose server was killed isn't cut, and goes on with what its journal holds
    Given the datastores "fast"
    And the datastore "vault" is a bucket of MinIO
    And "vault" has a journal
    And a server
    And the server's disk "web" of 4 MiB in "vault", used by a client
    And the client of "web" writes more
    When the server is killed
    And a person who has the configuration runs `pagurus datastores inspect vault --config FOLDER/pagurus.yaml --json`
    Then it ends with exit code 0
    And it prints one layer of "vault" that is sound and of 4 MiB, owned by "web"
    When a person who has the configuration runs `pagurus datastores repair vault LAYER --cut-at 10 --confirm --config FOLDER/pagurus.yaml`
    Then it ends with exit code 4
    And it says "while it counts on the journal"
    When a person who has the configuration runs `pagurus datastores accept-loss vault LAYER --config FOLDER/pagurus.yaml --json`
    Then it ends with exit code 0
    And it prints {"done":false}
    When the server is started
    Then "web" goes on with all that its client wrote
