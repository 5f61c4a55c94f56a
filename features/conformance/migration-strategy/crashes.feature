@migration-strategy @spawn
Feature: A crash in the middle of a move leaves a disk with one owner, which can be moved again
  A server may end at any moment of a move. When it starts again it knows from its own records who owns the disk: the
  source until the owner has changed, the target from then on. Nothing that the guest was answered for is lost, nothing
  of the move is left, and the move can be made anew. A strategy keeps nothing of a move beyond its own process. Where it
  does, what is left of a crash stands in the way of the next move.

  A server with real files is killed in a process of its own, at each moment of a move, while a guest writes over NBD:
  first where most is at stake.

  @rule:crashes-leave-nothing
  Rule: After a crash the disk is whole, has one owner, and can be moved

    @M-28 @M-29 @I-M3 @I-M6
    Scenario Outline: Servers that are killed in the middle of a move
      Given a server with a disk of 4 MiB, which is to be killed when <moment>
      When the strategy moves the disk while its guest writes, and the server is killed
      And the server is started again
      Then the disk is <where>, and there alone, with all that its guest was answered for
      And the strategy moves it to the other datastore

      Examples:
        | moment                     | where |
        | its owner has changed      | there |
        | its target is equal        | here  |
        | its guest is held          | here  |
        | its guest is at the target | there |
        | it is ready                | here  |
        | it is copied               | here  |
