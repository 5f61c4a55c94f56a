@migration-strategy
Feature: A crash in the middle of a move leaves a disk with one owner, which can be moved again
  A server may end at any moment of a move. When it starts again it knows from its own records who owns the disk: the
  source until the owner has changed, the target from then on. Nothing that the guest was answered for is lost, nothing
  of the move is left, and the move can be made anew. A strategy keeps nothing of a move beyond its own process. Where it
  does, what is left of a crash stands in the way of the next move.

  These scenarios kill a server in a process of its own, with real files, while a guest writes over NBD.

  @rule:crashes-leave-nothing
  Rule: After a crash the disk is whole, has one owner, and can be moved

    Scenario Outline: A server that is killed in the middle of a move
      Given a server with a disk of 4 MiB that it is to move
      When the strategy moves that disk while a guest writes, and the server is killed when <moment>
      And the server is started again
      Then the disk is <where> alone, with all that the guest was answered for
      And the strategy moves it to the other datastore

      Examples:
        | moment                     | where |
        | it is copied               | here  |
        | it is ready                | here  |
        | its guest is held          | here  |
        | its target is equal        | here  |
        | its owner has changed      | there |
        | its guest is at the target | there |
