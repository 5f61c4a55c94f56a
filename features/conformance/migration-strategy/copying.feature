@migration-strategy @I-M1 @I-M2 @I-M3 @I-M4 @I-M5 @I-M6
Feature: A migration strategy brings all of a disk to its target, while its guest goes on writing
  A migration strategy decides what of a disk is copied and when, from the first copy until the rest is so little that
  the guest can be held for it. It copies through the move that it is given (a `DiskMove`: `all`, `harvest`, `copy`),
  which knows what the guest has written. Where a strategy forgets any of that, source and target differ at the
  switch-over: the engine finds out, lets the guest go on at the source, and the user has a disk that can't be moved
  while its guest writes.

  Every scenario runs the strategy on the data path of a server, between two layers in memory, under a clock that goes
  on only when everybody waits. The scenario is guest and engine. Through all of it these are watched, from what layers
  and data path are asked for and from the bytes on both sides; a scenario in which one is broken fails and says which,
  in which block and after which round (0 is the first copy):

  - I-M1: at the switch-over source and target are equal, block by block.
  - I-M2: at any time a block that differs is marked as written, harvested for a round, being written or copied, or the
    copy that goes on is yet to come to it.
  - I-M3: exactly one of the two takes the guest's writes, the source until the owner changes, and then the target.
  - I-M4: the move takes no space: it writes nothing to the source, and nothing beyond the disk's end to the target.
  - I-M5: a harvest finds no more blocks than were left by the one before it, written since, or not copied after all.
  - I-M6: the target is durable when the owner changes, and at the end holds all that the guest was answered for.

  A strategy breaks I-M1 where its last round leaves out what is marked, and I-M2 where it harvests blocks and doesn't
  copy them. The others are kept by the data path, and are watched for the sake of whoever changes that.

  @rule:same-image
  Rule: The same writes leave the same disk behind, whatever moved it

    @model
    Scenario Outline: A guest that goes on with its work finds all of it at the target
      Given a disk of 4097 KiB for the strategy to move
      And its move may hold the guest for 2000 ms
      When the strategy moves it while its guest does the <trace> trace
      Then it has moved, as its guest has written it

      Examples:
        | trace            |
        | random           |
        | sequential       |
        | hot-spot         |
        | part of a block  |
        | zero and discard |

  @rule:rounds-take-what-was-written
  Rule: What is written behind the copy is copied again

    @M-15
    Scenario: A block that is written while the disk is copied arrives as it was last written
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it, up to the end of its first copy
      And the disk's guest writes block 3
      And the move goes on
      Then it has moved, as its guest has written it

  @rule:last-round-takes-the-rest
  Rule: The last round copies all that is dirty once the guest is held, not what was dirty before

    @M-6 @M-17
    Scenario: A write under way when the guest is held is copied with the rest
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it until it is ready, and the engine waits
      And the disk's guest writes block 3
      And the disk's guest asks to write block 9, which takes its time
      And the engine asks for its switch-over
      And the move goes on
      Then it has moved, as its guest has written it
