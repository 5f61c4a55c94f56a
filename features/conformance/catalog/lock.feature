@catalog
Feature: One server has the catalog at a time
  Before a server touches a disk it takes the catalog's lock, and keeps it until it ends. With two holders there are two
  servers that each believe the disks to be theirs: both open them, both write, and what the guests had stored is soon
  mixed beyond repair. A lock that outlives its holder is the smaller evil and bad enough: nothing starts any more until
  somebody finds out what to remove.

  @rule:lock-is-taken-once
  Rule: The lock is taken once

    Scenario: An instance that has it asks for it again
      When the lock of the catalog is taken
      Then the instance that has it is refused the lock of the catalog as catalog-locked

  @rule:lock-keeps-instances-apart @capability:durable
  Rule: Of two servers in one process one gets the lock

    Scenario: Two instances ask at once
      When two instances ask for the lock of the catalog at once
      Then one of them has the lock of the catalog, and the other one was refused as catalog-locked

  @rule:lock-keeps-processes-apart @spawn @capability:durable
  Rule: Of two processes one gets the lock

    Scenario: Another process asks for it
      When the lock of the catalog is taken
      Then another process is refused the lock of the catalog as catalog-locked

  @rule:released-lock-is-free @capability:durable
  Rule: A lock is free as soon as its release has resolved

    Scenario: The next one waits already
      Given another instance of the catalog is ready
      When the lock of the catalog is taken
      And the lock of the catalog is released
      Then the other instance gets the lock of the catalog at once

  @rule:released-once-is-released @capability:durable
  Rule: Releasing again releases nobody else's lock

    Scenario: The former holder releases late
      When the lock of the catalog is taken
      And the lock of the catalog is released
      And another instance takes the lock of the catalog
      And the lock of the catalog is released again by the one that had it first
      Then the one that had it first is refused the lock of the catalog as catalog-locked

  @rule:lock-dies-with-its-holder @spawn @capability:durable
  Rule: The lock dies with its holder

    Scenario: The process that has it is killed
      When another process takes the lock of the catalog
      And the process that has the lock of the catalog is killed
      Then the lock of the catalog is free

  @rule:stopped-instance-writes-nothing @capability:durable
  Rule: Whoever has let the catalog go writes nothing more

    Scenario: A stopped instance tries to write when another one has the lock
      Given the catalog has the accounts "a 100"
      When the lock of the catalog is taken
      And the instance that has the lock of the catalog is stopped
      And another instance takes the lock of the catalog
      Then the stopped instance of the catalog writes nothing
