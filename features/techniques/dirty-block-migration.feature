Feature: A disk moves by its dirty blocks while its guest goes on
  A disk is copied from one datastore to another while a guest reads and writes it. What is written meanwhile is
  copied again, round by round, until so little is left that the guest can be held for it. Then the disk is at its
  new home, or, whatever went wrong, at its old one, and never in between. A scenario also fails at its end on a
  block that is not as its guest was promised, on a report that it did not ask about, and on anything left behind.

  Background:
    Given the rehearsed datastores "fast" and "archive"
    And moves switch over below 3 dirty blocks
    And a disk "web" of 1 MiB with something written everywhere

  Rule: Writes during the copy belong to the source, and are copied again

    @M-3
    Scenario: A write during the copy waits for nothing but the source
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3
      Then "fast" alone has taken the guest's write of block 3
      When the copy goes on
      Then the rounds have copied 256 and 1 blocks

    @M-4
    Scenario: While too much is dirty another round copies exactly that, and the guest goes on
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes blocks 3, 7, 90 and 200
      And the copy goes on until "archive" is to write block 3
      And the guest writes block 8
      And the copy goes on
      Then the rounds have copied 256, 4 and 1 blocks
      And until the switch-over "archive" wrote blocks 3, 7, 8, 90 and 200 twice, and every other one once

    @M-14
    Scenario: A block written twice within a round is copied once in the next
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes blocks 5, 6, 7 and 5
      And the copy goes on
      Then the rounds have copied 256, 3 and 0 blocks

    @M-15
    Scenario: A block written while it is being copied is dirty afterwards
      Given "web" on its way to "archive", held after "fast" has read block 3
      When the guest writes block 3
      And the copy goes on
      Then the rounds have copied 256 and 1 blocks
      And until the switch-over "archive" wrote block 3 twice, and every other one once

    @M-16
    Scenario: A write across two blocks makes both dirty
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes 1 KiB at 15872
      And the copy goes on
      Then until the switch-over "archive" wrote blocks 3 and 4 twice, and every other one once

    @M-17
    Scenario: A write under way when a round begins is left to the round after it
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes blocks 3, 4 and 5
      And the guest asks to write block 9, which "fast" keeps waiting
      And the copy goes on until "archive" is to write block 3
      And "fast" lets the guest's write go on
      And the copy goes on
      Then the rounds have copied 256, 3 and 1 blocks

    @M-18
    Scenario: What the guest zeroes and discards during the copy is zero at the target
      Given "web" on its way to "archive", held before it writes block 200
      When the guest zeroes blocks 4 and 5
      And the guest discards blocks 20 and 250
      And the copy goes on
      Then "web" is whole at "archive"
      And blocks 4, 5, 20 and 250 read as zeroes

    @M-19
    Scenario: A write that failed leaves its block dirty
      Given "web" on its way to "archive", held before it writes block 255
      And "fast" fails when it next writes block 6
      When the guest's write of block 6 fails
      And the copy goes on
      Then until the switch-over "archive" wrote block 6 twice, and every other one once

    @M-20
    Scenario: The short last block of a disk is tracked and copied like any other
      Given a disk "odd" of 1049088 B with something written everywhere
      And "odd" on its way to "archive", held before it writes block 256
      When the guest of "odd" writes 512 B at 1048576
      And the copy goes on
      Then the rounds have copied 257 and 1 blocks
      And "odd" is whole at "archive"

    @M-21
    Scenario: A write ahead of the copy is carried along by it, one behind it is copied again
      Given moves may copy 4 KiB a second
      And "web" on its way to "archive", held before it writes block 3
      When the guest writes blocks 3 and 200
      And the operator changes the move to {"maxBytesPerSecond":null}
      And the copy goes on
      Then the rounds have copied 256 and 1 blocks
      And until the switch-over "archive" wrote block 3 twice, and every other one once

    @M-21
    Scenario Outline: What was asked for ahead of the copy and lands behind it is copied again: <request>
      Given moves may copy 4 KiB a second
      And "web" on its way to "archive", held before it writes block 3
      When the guest asks to <request> block 200, which "fast" keeps waiting
      And the copy goes on
      And the operator changes the move to {"maxBytesPerSecond":null}, until "archive" is to write block 200
      And "fast" lets the guest's write go on
      And the copy goes on
      Then the rounds have copied 256 and 1 blocks
      And "web" is whole at "archive"

      Examples:
        | request |
        | write   |
        | discard |

  Rule: The guest is held once little is left, and for that alone

    @M-12
    Scenario: Without writes there is nothing left to copy while the guest is held
      When "web" is moved to "archive"
      Then the rounds have copied 256 and 0 blocks
      And "web" is whole at "archive"

    @M-13
    Scenario: As many dirty blocks as the threshold are still too many
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes blocks 3, 7 and 200
      And the copy goes on
      Then the rounds have copied 256, 3 and 0 blocks

    @M-5 @M-6
    Scenario: With fewer the guest is held, and exactly those are copied meanwhile
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes blocks 3 and 200
      And the copy goes on
      Then the rounds have copied 256 and 2 blocks
      And "archive" wrote blocks 3 and 200, and no other one, while the guest was held

    @M-7
    Scenario: After the switch-over the guest is served by the target alone
      Given "web" is moved to "archive"
      When the guest writes block 3
      And the guest reads block 5
      Then since the switch-over "fast" has neither read nor written
      And "archive" alone has taken the guest's write of block 3

    @I-M3
    Scenario: What a held guest asks for is taken by one store, once it goes on
      Given "web" on its way to "archive", held at "switched/before"
      When the guest asks to write block 5
      And the engine goes on
      And the guest's request is answered
      Then "archive" alone has taken the guest's write of block 5
      And the move has succeeded

    @I-M3
    Scenario: A guest that is released takes up at the source what it asked for meanwhile
      Given moves may hold their guests for 200 ms
      And "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3
      And the copy goes on until "archive" is to write block 3
      And the guest asks to write block 9
      And the guest's request is answered
      Then "fast" alone has taken the guest's write of block 9
      When the copy goes on
      Then the move has succeeded, after more than one switch-over was tried

  Rule: At the switch-over the target is equal to the source, and durable

    @I-M1
    Scenario: Source and target are equal, block by block, when the owner changes
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes blocks 3, 7, 90, 91 and 200
      And the copy goes on as far as "switched/before"
      Then the files of "web" in "fast" and "archive" are equal
      When the engine goes on
      Then the move has succeeded

    @I-M1
    Scenario: A guest that writes all the time loses nothing
      Given moves switch over below 64 dirty blocks
      When "web" is moved to "archive" while its guest writes blocks 0 to 40 again and again
      Then the move has succeeded
      And "web" is whole at "archive"

    @I-M6
    Scenario: What was flushed before the switch-over is there after it
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3 and flushes
      And the copy goes on as far as "switched/before"
      Then "archive" has flushed since it was last written
      When the engine goes on
      And the server is restarted
      Then "web" is whole at "archive"

    Scenario: Everything is compared where the operator wants it
      Given moves compare everything while the guest is held
      When "web" is moved to "archive"
      Then 256 blocks were compared while the guest was held

    Scenario: A bit that turns over after it was read back is found where everything is compared
      Given moves compare everything while the guest is held
      And "web" on its way to "archive", held at "stunned/before"
      When a bit of block 3 turns over in the file of "web" in "archive"
      And the engine goes on
      Then the move has failed as block-mismatch, and its report names block-mismatch
      And "web" is whole at "fast"

    Scenario Outline: A copy that is not equal is never taken for one: <fault>
      Given <fault>
      When "web" is moved to "archive"
      Then the move has failed as block-mismatch, and its report names block-mismatch
      And "web" is whole at "fast"

      Examples:
        | fault                                                |
        | "archive" turns over a bit of block 3                |
        | "archive" puts block 3 in the place of its neighbour |
        | "fast" calls block 3 a hole                          |

  Rule: A move costs the space of its target and nothing besides

    @M-24
    Scenario: Holes of the source are holes at the target
      Given a disk "thin" of 8 MiB
      When the guest of "thin" writes block 300
      And "thin" is moved to "archive"
      Then "thin" is whole at "archive"
      And the file of "thin" in "archive" takes at most 128 KiB

    @I-M4
    Scenario: Writes during the copy take no space of their own
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes each block 4 times
      And the copy goes on as far as "switched/before"
      Then "fast" and "archive" together take at most 2112 KiB
      When the engine goes on
      Then the move has succeeded

    @M-11
    Scenario: The source is removed only after the target has served
      When "web" is moved to "archive"
      Then "fast" has removed a layer only after "archive" has written and flushed since the switch-over

    @M-11
    Scenario: A target that fails to serve leaves the source where it is
      Given "web" on its way to "archive", held at "switched/done"
      And "archive" fails when it next writes block 0
      When the engine goes on
      Then the move has succeeded, with a warning about "fast"
      When the server is restarted
      Then "web" is whole at "archive"

    @M-11
    Scenario: A source that is to be kept is left where it is
      Given moves keep the source
      When "web" is moved to "archive"
      Then the move has succeeded
      And the former file of "web" stays in "fast"

  Rule: Several disks move as one

    @M-10
    Scenario: All disks of a move switch over together
      Given a disk "logs" of 1 MiB with something written everywhere
      When "web" and "logs" are moved to "archive" while a client writes to "web" and then to "logs"
      Then the move has succeeded
      And "web" is whole at "archive"
      And "logs" is whole at "archive"

    @M-10
    Scenario: While one of them is not ready none is held
      Given a disk "logs" of 1 MiB with something written everywhere
      And "logs" and "web" on their way to "archive", held before it writes block 255
      When the guest of "web" writes block 3
      And the guest of "logs" writes block 4
      And the copy goes on
      Then the move has succeeded
      And "logs" is whole at "archive"

    @M-10
    Scenario: When one of them misses its budget all stay where they are
      Given moves may hold their guests for 200 ms, and try to switch over once
      And a disk "logs" of 1 MiB with something written everywhere
      And "web" and "logs" on their way to "archive", held at "converging/before"
      When the guest of "logs" writes block 9
      And the engine goes on until "archive" is to write block 9
      And the guest of "web" asks to write block 3
      And the guest's request is answered
      And the copy goes on
      Then the move has failed as not-converging, and its report names not-converging
      And "web" is whole at "fast"
      And "logs" is whole at "fast"

  Rule: Whatever fails before the owner changes, the guest goes on at the source

    @M-25 @I-O6
    Scenario Outline: A target that <fails> leaves guest and source as they were, and says why
      Given "archive" <fails> when it next writes block 200
      When "web" is moved to "archive"
      Then the move has failed as <verdict>, and its report names <code>
      And the report says what failed of "web" in "archive", and what to do
      And "web" is whole at "fast"

      Examples:
        | fails   | verdict       | code            |
        | fails   | target-failed | layer-io-failed |
        | is full | no-space      | no-space        |

    @M-25
    Scenario Outline: A target that <fails> in a later round does no more harm
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes blocks 3, 4 and 5
      And "archive" <fails> when it next writes block 3
      And the copy goes on
      Then the move has failed as <verdict>, and its report names <code>
      And "web" is whole at "fast"

      Examples:
        | fails   | verdict       | code            |
        | fails   | target-failed | layer-io-failed |
        | is full | no-space      | no-space        |

    @M-25
    Scenario: A target that can't make a layer ends the move before anything is copied
      Given "archive" fails when it next makes a layer
      When "web" is moved to "archive"
      Then the move has failed as datastore-unavailable, and its report names datastore-unavailable
      And "web" is whole at "fast"

    @M-26
    Scenario: A target that fails while the guest is held lets it go on at the source
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3
      And "archive" fails when it next writes block 3
      And the copy goes on
      And the guest asks to write block 9
      Then the guest's request is answered
      And the move has failed as target-failed, and its report names layer-io-failed
      And "web" is whole at "fast"

    @M-26
    Scenario: A target that hangs while the guest is held keeps it no longer than the budget
      Given moves may hold their guests for 200 ms
      And "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3
      And the copy goes on until "archive" is to write block 3
      And the guest asks to write block 9
      And the guest's request is answered
      And the copy goes on
      Then the move has succeeded, after more than one switch-over was tried

    Scenario: A guest that dirties as much in every round as is copied is not followed for ever
      When "web" is moved to "archive" while its guest writes blocks 3, 4 and 5 in every round
      Then the move has failed as not-converging, and its report names not-converging
      And "web" is whole at "fast"

    @M-30
    Scenario: A cancel in the middle of the copy leaves guest and source as they were
      Given "web" on its way to "archive", held before it writes block 200
      When the guest writes block 3
      And the move is cancelled
      And the copy goes on
      Then the move has ended as cancelled, with cancelled
      And "web" is whole at "fast"

    @M-30
    Scenario Outline: A cancel at <point> ends the move as <state>
      Given "web" on its way to "archive", held at "<point>"
      When the move is cancelled
      And the engine goes on
      Then the move has ended as <state>, with <code>
      And "web" is whole at "<home>"

      Examples: before the guest is held
        | point               | state     | code      | home |
        | prepared/before     | cancelled | cancelled | fast |
        | prepared/recorded   | cancelled | cancelled | fast |
        | prepared/done       | cancelled | cancelled | fast |
        | copying/before      | cancelled | cancelled | fast |
        | copying/recorded    | cancelled | cancelled | fast |
        | copying/done        | cancelled | cancelled | fast |
        | converging/before   | cancelled | cancelled | fast |
        | converging/recorded | cancelled | cancelled | fast |
        | converging/done     | cancelled | cancelled | fast |
        | stunned/before      | cancelled | cancelled | fast |

      Examples: too late
        | point             | state     | code            | home    |
        | stunned/done      | succeeded | cancel-too-late | archive |
        | stunned/recorded  | succeeded | cancel-too-late | archive |
        | switched/before   | succeeded | cancel-too-late | archive |
        | switched/recorded | succeeded | cancel-too-late | archive |
        | switched/done     | succeeded | cancel-too-late | archive |
        | cleaned/before    | succeeded | cancel-too-late | archive |
        | cleaned/recorded  | succeeded | cancel-too-late | archive |
        | cleaned/done      | succeeded | cancel-too-late | archive |
        | ended/before      | succeeded | cancel-too-late | archive |

    @M-31
    Scenario: What would change a disk under its move is refused until the move has ended
      Given "web" on its way to "archive", held before it writes block 255
      Then removing "web" is refused as migration-running
      And moving "web" to "archive" is refused as migration-running
      And resizing "web" to 2 MiB is refused as migration-running
      When the copy goes on
      And "web" is moved to "fast"
      Then the move has succeeded
      And "web" can be removed

  Rule: A commit whose outcome is unknown is settled, and the guest waits meanwhile

    Scenario: It was made and its answer was lost
      Given "web" on its way to "archive", held at "switched/before"
      When the answer to the commit is lost
      And the engine goes on
      Then the move has succeeded
      And "web" is whole at "archive"

    Scenario: It was not made
      Given "web" on its way to "archive", held at "switched/before"
      When the commit is lost
      And the engine goes on
      Then the move has succeeded, after more than one switch-over was tried
      And "web" is whole at "archive"

    Scenario: The catalog does not answer for a while
      Given "web" on its way to "archive", held at "switched/before"
      When the commit is lost, and 2 commits that were to settle it
      And the guest asks to write block 9
      And the engine goes on
      Then the guest's request is answered
      And "fast" was the first to take the guest's write of block 9
      And the move has succeeded, after more than one switch-over was tried

  Rule: A disk thread that dies takes only its connections with it

    @disk-threads
    Scenario Outline: It dies with a move at <point>, before the owner changes
      Given "web" on its way to "archive", held at "<point>"
      When the first disk thread dies
      And the engine goes on
      Then the move has failed as interrupted, and its report names disk-thread-lost
      And "web" is whole at "fast"

      Examples:
        | point            |
        | copying/done     |
        | stunned/recorded |

    @disk-threads
    Scenario Outline: It dies with a move at <point>, behind the change of owner
      Given "web" on its way to "archive", held at "<point>"
      When the first disk thread dies
      And the engine goes on
      Then the move has succeeded
      And "web" is whole at "archive"

      Examples:
        | point             |
        | switched/recorded |
        | switched/done     |
        | cleaned/before    |

    @disk-threads @O-18
    Scenario: It dies in the middle of the copy
      Given "web" on its way to "archive", held before it writes block 200
      When the guest writes block 3 and flushes
      And the first disk thread dies
      Then the move has failed as interrupted, and its report names disk-thread-lost
      And "web" is whole at "fast"

  Rule: After a crash a disk has one owner, and nothing acknowledged is lost

    Scenario Outline: The server dies at <point>
      When the server dies at "<point>" of a move of "web" to "archive"
      And the server starts again
      Then the move has ended as <state>, with <code>
      And "web" is whole at "<home>"

      @M-28
      Examples: before the owner changes the source is the disk, and no old bitmap is believed
        | point               | state  | code        | home |
        | prepared/before     | failed | interrupted | fast |
        | prepared/recorded   | failed | interrupted | fast |
        | prepared/done       | failed | interrupted | fast |
        | copying/before      | failed | interrupted | fast |
        | copying/recorded    | failed | interrupted | fast |
        | copying/done        | failed | interrupted | fast |
        | converging/before   | failed | interrupted | fast |
        | converging/recorded | failed | interrupted | fast |
        | converging/done     | failed | interrupted | fast |
        | stunned/before      | failed | interrupted | fast |
        | stunned/done        | failed | interrupted | fast |
        | stunned/recorded    | failed | interrupted | fast |
        | switched/before     | failed | interrupted | fast |

      @M-29
      Examples: behind it the target is the disk, and the source stays retired
        | point             | state     | code | home    |
        | switched/recorded | succeeded | ok   | archive |
        | switched/done     | succeeded | ok   | archive |
        | cleaned/before    | succeeded | ok   | archive |
        | cleaned/recorded  | succeeded | ok   | archive |
        | cleaned/done      | succeeded | ok   | archive |
        | ended/before      | succeeded | ok   | archive |

    @M-10 @M-29
    Scenario: The server dies before either of two disks has been told of their new owner records
      Given a disk "logs" of 1 MiB with something written everywhere
      When the server dies at "switched/recorded" of a move of "web" and "logs" to "archive"
      And the server starts again
      Then the move has succeeded
      And "web" is whole at "archive"
      And "logs" is whole at "archive"

    @M-10 @M-28
    Scenario: The server dies when both disks are held and their owner records are yet to be written
      Given a disk "logs" of 1 MiB with something written everywhere
      When the server dies at "switched/before" of a move of "web" and "logs" to "archive"
      And the server starts again
      Then the move has ended as failed, with interrupted
      And "web" is whole at "fast"
      And "logs" is whole at "fast"

  Rule: Whoever watches a move sees it come nearer to its end

    Scenario: The percentage never goes back
      Given "web" on its way to "archive", held before it writes block 200
      When the move tells how far it is
      And the guest writes blocks 3, 4, 5, 6 and 7
      And the copy goes on until "archive" is to write block 3
      And the move tells how far it is
      And the copy goes on
      Then the move has succeeded
      And its percentage has never gone back
