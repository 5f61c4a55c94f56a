@migration-strategy @spawn
Feature: A crash in the middle of a move leaves a disk with one owner, which can be moved again
  A server may end at any moment of a move. When it starts again it knows from its own records who owns the disk: the
  source until the owner has changed, the target from then on. Nothing that the guest was answered for is lost, nothing
  of the move is left, and the move can be made anew. A strategy keeps nothing of a move beyond its own process. Where it
  does, what is left of a crash stands in the way of the next move.

  Servers with real files are killed in a process of their own, each at another moment of its move, while guests write
  over NBD.

  @rule:crashes-leave-nothing
  Rule: After a crash the disk is whole, has one owner, and can be moved

    @M-28 @M-29 @I-M6
    Scenario: Servers that are killed in the middle of a move
      Given servers with a disk of 4 MiB each, of which one is to be killed when:
        | it is copied               | here  |
        | it is ready                | here  |
        | its guest is held          | here  |
        | its target is equal        | here  |
        | its owner has changed      | there |
        | its guest is at the target | there |
      When the strategy moves those disks while their guests write, and the servers are killed
      And the servers are started again
      Then each disk is where it belongs, and there alone, with all that its guest was answered for
      And the strategy moves each to its other datastore
