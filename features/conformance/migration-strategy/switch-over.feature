@migration-strategy @I-M1 @I-M2 @I-M3 @I-M4 @I-M5 @I-M6
Feature: A migration strategy is ready when it says so, and answers when it is asked
  A strategy says that a disk is ready once the rest fits the pause that the user allowed (`announce`). The engine
  then asks for the switch-over (`switchRequested`), of all disks of the move at once, or later when an operator says
  so, and may take that back; the strategy answers by `switchOver`, which holds the guest for its last round. Where a
  strategy says too much, guests are held in vain, time and again; where it says too little, or says it once only, a
  move waits for ever.

  How each scenario runs the strategy, and what is watched all the while (I-M1 to I-M6), is said in copying.feature.

  @rule:ready-means-it-fits
  Rule: A disk is ready when what is left fits the pause

    Scenario Outline: Slow storage costs rounds, and the guest no second pause
      Given a disk of 1 MiB for the strategy to move
      And its <side> take 1 ms for each block
      When the strategy moves it, up to the end of its first copy
      And the disk's guest writes every block
      And the move goes on
      Then it has moved, as its guest has written it
      And its guest was held once, and no longer than it may be

      Examples:
        | side              |
        | source            |
        | target            |
        | source and target |

  @rule:ready-stays-near
  Rule: While a ready disk waits for the others, or for its operator, its target is kept near

    Scenario: What is written while the disk waits is not all left for the pause
      Given a disk of 1 MiB for the strategy to move
      And its target takes 1 ms for each block
      When the strategy moves it until it is ready, and the engine waits
      And the disk's guest writes 200 blocks, 4 every 10 ms
      And the engine asks for its switch-over
      Then it has moved, as its guest has written it
      And its guest was held once, and no longer than it may be

  @rule:ready-is-taken-back
  Rule: A disk of which too much was written is not ready any more, and says so

    Scenario: The guest writes more than the pause has room for
      Given a disk of 1 MiB for the strategy to move
      And its target takes 1 ms for each block
      When the strategy moves it until it is ready, and the engine waits
      And the disk's guest writes every block
      Then the engine is told that it is not ready

  @rule:ready-is-said-again
  Rule: A request that was taken back is forgotten: a disk that is still ready says so again

    Scenario: The engine takes its request back before it is answered
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it until it is ready, and the engine waits
      And the engine asks for its switch-over, and takes that back at once
      And the engine asks whenever it is ready
      Then it has moved, as its guest has written it

  @rule:released-is-tried-again
  Rule: A switch-over that came to nothing is tried again, with what was written since

    Scenario: The guest is let go at the source because the target took too long
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it until it is ready, and the engine waits
      And the disk's guest writes block 3
      And its switch-over takes longer than it may
      And the disk's guest writes block 5
      Then the guest's write of block 5 is in the source
      When the move goes on
      And the engine asks whenever it is ready
      Then it has moved, as its guest has written it

  @rule:waits-without-spinning
  Rule: While there is nothing to do, the guest has its thread for itself

    Scenario: A disk that is ready, and that nobody asks for
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it until it is ready, and the engine waits
      Then the strategy waits without looking again and again

  @rule:ends-with-the-switch-over
  Rule: With the switch-over the strategy's part is over

    @M-7
    Scenario: Nothing is copied to a target that is the guest's
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it
      Then it has moved, as its guest has written it
      And the strategy has ended well, and copies nothing any more
