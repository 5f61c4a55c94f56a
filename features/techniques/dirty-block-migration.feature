Feature: A disk moves by its dirty blocks while its guest goes on
  A disk is copied from one datastore to another while a guest reads and writes it. What is written meanwhile is
  copied again, round by round, until so little is left that the guest can be held for it. Then the disk is at its
  new home, or, whatever went wrong, at its old one, and never in between.

  Background:
    Given the rehearsed datastores "fast" and "archive"

  Rule: Writes during the copy belong to the source, and are copied again

    @M-3
    Scenario: A write during the copy waits for nothing but the source
      Given moves switch over below 1 dirty block
      And a disk "web" of 1 MiB with something written everywhere
      And "archive" stands still before it writes block 0 for the first time
      When "web" starts to move to "archive"
      And "archive" has come to a stand
      And the guest writes block 3
      And "archive" goes on
      Then the rounds have copied 256, 1 and 0 blocks

    @M-4
    Scenario: Another round copies exactly what is dirty, and the guest goes on
      Given moves switch over below 3 dirty blocks
      And a disk "web" of 1 MiB with something written everywhere
      And "archive" stands still before it writes block 0 for the first time
      When "web" starts to move to "archive"
      And "archive" has come to a stand
      And the guest writes blocks 3, 7 and 200
      And "archive" goes on
      Then the rounds have copied 256, 3 and 0 blocks
      And until the switch-over "archive" has written blocks 3, 7 and 200 twice, and every other one once
      And "web" is whole at "archive"
