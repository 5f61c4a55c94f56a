@catalog
Feature: A catalog tells what is wrong with it
  A catalog that can't be read is bad; one that is quietly replaced by an empty one is worse. The server then starts, has
  no disks, and the next cleaning removes layers that belong to no disk that it knows. So a catalog that is damaged, or
  can't be reached, says so by a code that people and programs can act on, and leaves what it found to whoever mends it.

  Damage is done to catalogs whose `location` is a file below the kit's folder; of others it is not run.

  @rule:damage-is-told @capability:durable
  Rule: Damage is refused by its code

    Scenario: Its file was cut off, emptied or overwritten
      Given the catalog has 2000 accounts and is stopped
      Then the catalog refuses to start as catalog-damaged once its file is:
        | cut off                  |
        | empty                    |
        | overwritten at its start |

  @rule:damage-is-left-alone @capability:durable
  Rule: What is damaged is left as it is

    Scenario: Somebody wants to rescue what is left
      Given the catalog has 2000 accounts and is stopped
      When the file of the catalog is damaged and the catalog is started in vain
      Then the damaged file of the catalog is what it was

  @rule:missing-place-is-told @capability:durable
  Rule: A place that isn't there is not made

    Scenario: The file system that holds it is not mounted
      Given the catalog has 1 account and is stopped
      When the folder of the catalog's file is taken away
      Then the catalog refuses to start as catalog-unavailable
      And the folder of the catalog's file was not made

  @rule:stopped-catalog-refuses
  Rule: A catalog that isn't started is no catalog yet

    Scenario: It is used before its start
      Then before its start the catalog refuses its dialect and its lock as catalog-unavailable

  @rule:starts-and-stops-again
  Rule: Starting and stopping again does nothing

    Scenario: It is started twice and stopped twice
      Given the catalog has the accounts "a 100"
      When the catalog is started again
      Then the catalog's accounts are "a 100"
      And the catalog can be stopped twice
