@migration-strategy @I-M1 @I-M2 @I-M3 @I-M4 @I-M5 @I-M6
Feature: A move that fails or is cancelled leaves guest and source as they were
  Storage fails, operators change their minds. Until the owner changes, the source has everything, and the guest goes on
  there as if nothing had been. A strategy lets every failure through, so that the user learns what has failed, and
  tries nothing again: storage that could be trusted after a retry would have retried itself. Where a strategy hides a
  failure, a disk may end on storage that has just shown that it loses data.

  How each scenario runs the strategy, and what is watched all the while (I-M1 to I-M6), is said in copying.feature.

  @rule:failures-end-the-move
  Rule: A failure of source or target ends the move

    @M-25
    Scenario Outline: Storage that fails once
      Given a disk of 1 MiB for the strategy to move
      And <trouble> while it is moved
      When the strategy moves it
      Then it stayed where it was, for <code>

      Examples:
        | trouble                  | code            |
        | the source fails to read | layer-io-failed |
        | the target fails to write | layer-io-failed |
        | the target is full       | no-space        |

  @rule:failed-flushes-end-the-move
  Rule: No guest is held for a target that has failed

    # So small that nothing is flushed but when the strategy asks for it.
    @M-25
    Scenario: A target that can't make durable what was copied
      Given a disk of 32 KiB for the strategy to move
      And the target fails to flush while it is moved
      When the strategy moves it
      Then it stayed where it was, for layer-io-failed
      And its guest was not held for it

  @rule:mismatches-end-the-move
  Rule: A target that does not hold what was written to it is not tried again

    # A block whose mark is lost is nothing that a strategy could know: it is found at the switch-over, and ends it.
    Scenario Outline: A copy that is not what was copied
      Given a disk of 1 MiB for the strategy to move
      And <trouble> while it is moved
      When the strategy moves it, up to the end of its first copy
      And the disk's guest writes block 3
      And the move goes on
      Then it stayed where it was, for block-mismatch

      Examples:
        | trouble                                               |
        | the target turns over a bit                           |
        | the target puts a block in the place of its neighbour |
        | the source calls a block a hole that is none          |
        | the data path forgets a block that was written        |

  @rule:cancel-ends-the-move
  Rule: A move that is cancelled ends, whatever it was at

    @M-30
    Scenario Outline: A cancel leaves guest and source as they were
      Given a disk of 1 MiB for the strategy to move
      And its target takes 1 ms for each block
      And the strategy moves it as far as <moment>
      When the move is cancelled
      And the move goes on
      Then it stayed where it was, for cancelled

      Examples:
        | moment                             |
        | the first copy                     |
        | a later round                      |
        | waiting for the engine             |
        | waiting for the guest's last write |
        | the last round                     |
        | the last flush                     |

  @rule:nothing-is-left-behind
  Rule: Of a move that is over nothing is left

    Scenario Outline: No timer is set any more
      Given a disk of 1 MiB for the strategy to move
      When the strategy moves it, which ends because <reason>
      Then nothing of the move waits any more

      Examples:
        | reason                         |
        | the guest is at the target     |
        | it is cancelled while it copies |
        | the target fails to flush      |

  @rule:moves-are-kept-apart
  Rule: One strategy moves several disks at once, each on its own

    Scenario: Three disks at once, one of them cancelled
      Given 3 disks of 1 MiB for the strategy to move
      When the strategy moves them all at once
      And the move of disk 2 is cancelled
      Then disk 1 has moved, as its guest has written it
      And disk 2 stayed where it was, for cancelled
      And disk 3 has moved, as its guest has written it
