@needs:minio
Feature: What a bucket holds can be had when nothing else is left
  Disks in a bucket need nothing but the bucket: not the catalog, not the server that wrote them. What somebody has
  damaged there is named and never guessed away, and a person decides how to go on.

  Background:
    Given the datastores "fast"
    And the datastore "vault" is a bucket of MinIO
    And a server
    And the server's disk "web" of 4 MiB in "vault", used by a client

  Scenario: The catalog is lost, and the disk becomes an image
    When the server is stopped
    And all that it knew is taken away
    And a person who has the configuration runs `pagurus datastores inspect vault --config FOLDER/pagurus.yaml --json`
    Then it ends with exit code 0
    And it prints one layer of "vault" that is sound and of 4 MiB, owned by "web"
    When a person who has the configuration runs `pagurus datastores verify vault --config FOLDER/pagurus.yaml --json`
    Then it ends with exit code 0
    And it prints {"state":"succeeded","sound":true}
    When a person who has the configuration runs `pagurus datastores export vault LAYER FOLDER/web.raw --config FOLDER/pagurus.yaml --json`
    Then it ends with exit code 0
    And the image FOLDER/web.raw holds all that the client wrote to "web"
    When all that it knew is put back
    And the server is started
    Then "web" goes on with all that its client wrote

  Scenario: A disk is damaged, and goes on without what a person gives up
    Given the client of "web" writes more
    When the server is stopped
    And the newest object with bytes of "vault" is cut short
    And the server is started
    Then "web" is unavailable, and the report of object-damaged says what to do: "pagurus datastores repair"
    When a person who has the configuration runs `pagurus datastores inspect vault --json`
    Then it ends with exit code 0
    And it prints one layer of "vault" that is damaged and of 4 MiB, owned by "web"
    When a person who has the configuration runs `pagurus datastores repair vault LAYER --cut-at CUT --json`
    Then it ends with exit code 0
    And it prints {"done":false,"objects":1,"untold":1}
    When a person who has the configuration runs `pagurus datastores repair vault LAYER --cut-at CUT --confirm --json`
    Then it ends with exit code 0
    And it prints {"done":true}
    When a person who has the configuration runs `pagurus disks reopen web`
    Then it ends with exit code 0
    And "web" goes on with what its client wrote before

  Scenario: What a disk's log ended with is deleted, and is missed
    Given the client of "web" writes more
    When the server is stopped
    And the newest object with bytes of "vault" is deleted
    And the server is started
    Then "web" is unavailable, and the report of object-damaged says what to do: "pagurus datastores repair"
    When a person who has the configuration runs `pagurus datastores inspect vault --json`
    Then it ends with exit code 0
    And it prints one layer of "vault" that is damaged and of 4 MiB, owned by "web"
    When a person who has the configuration runs `pagurus datastores repair vault LAYER --cut-at CUT --confirm --json`
    Then it ends with exit code 0
    And it prints {"done":true,"objects":0}
    When a person who has the configuration runs `pagurus disks reopen web`
    Then it ends with exit code 0
    And "web" goes on with what its client wrote before

  Scenario: A layer that the catalog doesn't know is told, and nobody's disk is swept
    Given another server has just made the layer "late" in "vault", and not used it
    When a person who has the configuration runs `pagurus datastores sweep vault --confirm --json`
    Then it ends with exit code 0
    And it prints {"done":true,"objects":0,"unknownLayers":1}
    And it tells of the layer "late", kept because it was made "less than a day ago"
    When a person who has the configuration runs `pagurus datastores sweep vault --layer late --confirm`
    Then it ends with exit code 4
    And it says "is not swept: it was made at"
    When a person who has the configuration runs `pagurus datastores inspect vault --json`
    Then it prints the layers of "vault": that of "web", and "late"
    When a person who has the configuration runs `pagurus datastores sweep vault --layer LAYER --confirm`
    Then it ends with exit code 4
    And it says "is not swept: the catalog knows it"

  Scenario: What can't be inspected says why
    When a person who has the configuration runs `pagurus datastores inspect fast`
    Then it ends with exit code 2
    And it says "has nothing to inspect or repair"
    When a person who has the configuration runs `pagurus datastores export vault nobody FOLDER/x.raw --wait`
    Then it ends with exit code 1
    And it says "layer nobody is not in the datastore vault"
    And the server's failure is reported as layer-not-found
