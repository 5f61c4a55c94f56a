@datastore
Feature: The store itself can be tried, started and stopped
  A server starts, checks and stops its datastores, in several threads at once. None of that may touch a disk. Where a
  check leaves something behind, a store fills up by being watched; where threads don't see the same store, a disk
  that was made a moment ago can't be opened.

  @rule:check-leaves-nothing
  Rule: A check leaves nothing behind

    Scenario: The store is checked
      Given the layers "a", "b" and "c"
      When the datastore is checked
      Then the datastore lists no other layer

  @rule:started-again-changes-nothing
  Rule: Starting again does nothing

    Scenario: The store is started while a layer is open
      Given a layer of 1 MiB
      And 4 KiB of "kept" are written at 0 B
      When the datastore is started again
      Then it reads as it was written
      And the datastore knows it as the owner of epoch 1

  @rule:stopped-again-does-nothing
  Rule: Stopping again does nothing

    Scenario: The store is stopped twice
      Given a layer of 1 MiB
      When it is closed
      Then the datastore can be stopped twice

  @rule:instances-share-the-store
  Rule: All instances of a store have the same layers

    @without:process-local
    Scenario: A layer is made in one instance and found in another
      Given another instance of the store
      And a layer of 1 MiB
      When 4 KiB of "shared" are written at 0 B
      And it is flushed
      And it is closed
      Then the other instance lists it and reads what was written
      And demanding "process-local" of the datastore is refused as capability-missing

  @rule:process-local-is-nothing-elsewhere @spawn
  Rule: A process-local store is nothing to another process

    @capability:process-local
    Scenario: Another process looks for a layer
      Given a layer of 1 MiB
      Then another process finds 0 layers
