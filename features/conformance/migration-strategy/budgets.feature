@migration-strategy @I-M1 @I-M2 @I-M3 @I-M4 @I-M5 @I-M6
Feature: A migration strategy keeps to what a move may cost, and says when that is not enough
  A user allows a move a pause, a rate and a number of tries, and may change all of them while it goes on. A strategy
  goes by what is allowed now (the move's `budgets`, read anew at each decision). Where a guest writes faster than can
  be copied, the move ends with `not-converging`, which tells what would have sufficed; where a strategy goes on
  instead, it loads source, target and guest for ever.

  How each scenario runs the strategy, and what is watched all the while (I-M1 to I-M6), is said in copying.feature.

  @rule:nowhere-is-told
  Rule: A move that leads nowhere ends, and says so

    @M-27
    Scenario: The guest writes as much as is copied, round after round
      Given a disk of 1 MiB for the strategy to move
      And its target takes 1 ms for each block
      And its guest writes each block again when that was copied
      When the strategy moves it
      Then it stayed where it was, for not-converging

  @rule:tries-are-counted
  Rule: A guest is held no more often than was allowed

    @M-27
    Scenario: The target is too slow for each of the switch-overs
      Given a disk of 1 MiB for the strategy to move
      And its move may try to switch over 2 times
      When the strategy moves it until it is ready, and the engine waits
      And every switch-over takes longer than it may
      Then it stayed where it was, for not-converging
      And its guest was held 2 times, and no longer than it may be

  @rule:operators-are-waited-for
  Rule: A move that waits for its operator waits, whatever the guest does meanwhile

    Scenario: The guest writes too much for a while, and then rests
      Given a disk of 1 MiB for the strategy to move
      And its target takes 1 ms for each block
      And its guest writes each block again when that was copied
      And its move waits patiently for its operator
      When the strategy moves it
      And its guest has kept that up for 10 seconds
      And its guest rests
      And the engine asks whenever it is ready
      Then it has moved, as its guest has written it

  @rule:budgets-are-read-anew
  Rule: What is allowed now counts, not what was allowed when the move began

    Scenario: The operator allows a longer pause, and that is enough
      Given a disk of 1 MiB for the strategy to move
      And its target takes 1 ms for each block
      And its guest writes each block again when that was copied
      When the strategy moves it, up to the end of its first copy
      And the operator allows a pause of 1000 ms
      And the move goes on
      Then it has moved, as its guest has written it
      And its guest was held once, and no longer than it may be

  @rule:limits-hold-in-every-round
  Rule: No round but the last, while the guest is held, is exempt from the rate limit

    Scenario: What was written meanwhile is copied at the rate that is allowed
      Given a disk of 1 MiB for the strategy to move
      And its target takes 1 ms for each block
      When the strategy moves it until it is ready, and the engine waits
      And the operator allows 256 KiB a second
      And the disk's guest writes every block
      And 1000 ms pass for the move
      Then no more than 512 KiB were copied

  @rule:progress-is-told
  Rule: Whoever watches a move sees how far it is

    Scenario: The first copy is told as it goes, and in the account
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it until it is ready, and the engine waits
      Then its progress has only grown, and is nearly done
      When the engine asks for its switch-over
      Then it has moved, as its guest has written it
      And its account tells of one bulk copy, and of what was copied while the guest was held
