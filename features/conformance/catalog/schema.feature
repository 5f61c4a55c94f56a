@catalog
Feature: The engine's tables live in a catalog across releases
  The tables in a catalog are the engine's: it makes them in a catalog that nobody has used, and brings those of earlier
  releases up to date, each version in one transaction. A catalog that tears such a transaction, or adds or hides what is
  there, turns a server's update into its end: it can't go on, and what its disks belong to is known to nobody.

  @rule:unused-catalog-is-empty @capability:durable
  Rule: A catalog that nobody has used is empty, and becomes a server's

    Scenario: The first start
      Then the catalog lists no tables
      When the engine opens the catalog
      Then the catalog has the tables of the newest schema

  @rule:volatile-catalog-is-refused @without:durable
  Rule: A catalog that promises no durability is refused where durability is demanded

    Scenario: A server starts with it
      Then the engine is refused the catalog as capability-missing

  @rule:earlier-content-is-kept @capability:durable
  Rule: What an earlier release has left is kept, in the newest tables

    Scenario: A catalog of each earlier version is opened, and opened again
      Then the content of each earlier version of the catalog is there after its migration

  @rule:newer-catalog-is-left-alone @capability:durable
  Rule: A catalog of a newer release is refused and left as it is

    Scenario: An old server is started by mistake
      Given the catalog was left by a newer release
      Then the engine is refused the catalog as catalog-newer
      And the content of the catalog is what it was

  @rule:foreign-tables-are-left-alone @capability:durable
  Rule: The database of another program is refused and gets no tables of ours

    Scenario: The configuration names the wrong database
      Given the catalog has the accounts "a 100"
      Then the engine is refused the catalog as catalog-damaged
      And the content of the catalog is what it was

  @rule:killed-migration-is-whole-or-not-begun @spawn @capability:durable
  Rule: A migration whose process dies is whole or not begun

    Scenario: A server is killed while it makes its tables
      Then each migration of the catalog that was killed is whole or not begun, and the next one ends it
