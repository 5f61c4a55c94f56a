@migration-strategy
Feature: A migration strategy says beforehand what it can't do
  Before a move begins its strategy is asked whether it can make it, in the part of the server that answers users. A
  plan looks at nothing but what it is given, and changes nothing. Where it does, a rehearsal of a move is not what the
  move will be; where it refuses without a code, the user reads of an internal error and not of what to do.

  @rule:plan-is-pure
  Rule: A plan depends on what it is given, and on nothing else

    Scenario: Asked again, in another order
      Then the strategy says of each disk the same, however often it is asked

  @rule:plan-refuses-with-a-code
  Rule: A plan refuses with a code, or not at all

    Scenario: Disks as they come, and some that hardly do
      Then the strategy refuses what it can't move with a code, and answers nothing otherwise
