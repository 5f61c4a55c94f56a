Feature: A move keeps what it was allowed, and says what it would need
  A move is asked for with budgets: how long its guest may be held, how much of the data path and how many bytes a second
  copying may take, how often the switch-over may be tried. Its operator changes them while it goes on, chooses the moment
  of the switch-over, and is told what is to be expected. A scenario also fails at its end on a block that is not as its
  guest was promised, on a report that it did not ask about, and on anything left behind.

  Background:
    Given the rehearsed datastores "fast" and "archive"
    And moves switch over below 3 dirty blocks
    And a disk "web" of 1 MiB with something written everywhere

  Rule: What a move may cost can be changed while it goes on

    Scenario: A move that its rate would keep for minutes is let go on, and tells what it goes by
      Given moves may copy 4 KiB a second
      When the move of "web" to "archive" is started
      And the move tells how far it is
      And the operator changes the move to {"maxBytesPerSecond":null,"guestImpact":100}
      Then the move goes by {"maxBytesPerSecond":null,"guestImpact":100,"maxAttempts":5}
      And the move has succeeded
      And "web" is whole at "archive"

    Scenario: What is changed before anything is copied holds from the beginning
      Given moves may copy 4 KiB a second
      And "web" on its way to "archive", held at "prepared/recorded"
      When the operator changes the move to {"maxBytesPerSecond":null}
      And the engine goes on
      Then the move has succeeded

    Scenario: The pause that counts is the one in force when the guest is held
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3
      And the operator changes the move to {"maxPauseMs":200,"maxAttempts":100}
      And the copy goes on until "archive" is to write block 3
      And the guest asks to write block 9
      Then the guest's request is answered
      When the operator changes the move to {"maxPauseMs":20000}
      And the copy goes on
      Then the move has succeeded, after more than one switch-over was tried
      And "fast" was the first to take the guest's write of block 9

    Scenario: As many tries as are allowed now
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3
      And the operator changes the move to {"maxPauseMs":200,"maxAttempts":1}
      And the copy goes on until "archive" is to write block 3
      And the guest asks to write block 9
      And the guest's request is answered
      And the copy goes on
      Then the move has failed as not-converging, and its report names not-converging
      And "web" is whole at "fast"

    Scenario: What can't be changed is refused, and says why
      Given "web" on its way to "archive", held before it writes block 255
      Then changing the move to {} is refused as input-invalid
      And changing the move to {"maxPauseMs":0} is refused as input-invalid
      And changing the move to {"to":"fast"} is refused as input-invalid
      When the copy goes on
      Then the move has succeeded
      And changing the move to {"maxPauseMs":50} is refused as job-ended

  Rule: An operator may keep the moment of the switch-over for themselves

    Scenario: A move that is ready waits, and switches over when it is told to
      Given moves wait for their operator
      When the move of "web" to "archive" is started
      Then the move gets ready, and tells what its pause would be
      And "web" is still in "fast"
      When the operator lets the move switch over
      Then the move has succeeded
      And "web" is whole at "archive"

    Scenario: What the guest writes while a move waits is copied all the time
      Given moves wait for their operator
      When the move of "web" to "archive" is started
      Then the move gets ready, and tells what its pause would be
      When the guest writes blocks 3, 4 and 5, and the copy to "archive" follows
      And the guest writes blocks 4, 5 and 6, and the copy to "archive" follows
      And the guest writes block 9
      And the operator lets the move switch over
      Then the move has succeeded
      And "archive" wrote block 9, and no other one, while the guest was held
      And "web" is whole at "archive"

    Scenario: A guest that writes too much for a while does not end a move that waits
      Given moves wait for their operator
      When the move of "web" to "archive" is started
      Then the move gets ready, and tells what its pause would be
      When the guest writes blocks 3, 4 and 5 in each of 12 rounds of copying to "archive"
      And the operator lets the move switch over
      Then the move has succeeded
      And "web" is whole at "archive"

    Scenario: Several disks are ready together
      Given moves wait for their operator
      And a disk "logs" of 1 MiB with something written everywhere
      And "web" and "logs" on their way to "archive", held before it writes block 255
      Then letting the move switch over is refused as migration-not-ready
      When the copy goes on
      Then the move gets ready, and tells what its pause would be
      When the operator lets the move switch over
      Then the move has succeeded
      And "web" is whole at "archive"
      And "logs" is whole at "archive"

    Scenario: Before it is ready the operator is told what is missing, and may leave the moment to the move
      Given moves wait for their operator
      And "web" on its way to "archive", held before it writes block 255
      Then letting the move switch over is refused as migration-not-ready
      When the operator lets the move switch over as soon as it is ready
      Then letting the move switch over is refused as migration-switches-itself
      When the copy goes on
      Then the move has succeeded

    Scenario: A move that was not to wait is made to, and let go on
      Given "web" on its way to "archive", held before it writes block 255
      When the operator changes the move to {"switchOver":"manual"}
      And the copy goes on
      Then the move gets ready, and tells what its pause would be
      When the operator changes the move to {"switchOver":"auto"}
      Then the move has succeeded

    Scenario: A switch-over that was given up for its pause is tried again without the operator
      Given moves wait for their operator
      When the move of "web" to "archive" is started
      Then the move gets ready, and tells what its pause would be
      When the operator changes the move to {"maxPauseMs":200,"maxAttempts":100}
      And the guest writes block 3
      And the operator lets the move switch over, until "archive" is to write block 3
      And the guest asks to write block 9
      And the guest's request is answered
      And the copy goes on
      Then the move has succeeded, after more than one switch-over was tried

    @M-30
    Scenario: A move that waits can be cancelled
      Given moves wait for their operator
      When the move of "web" to "archive" is started
      Then the move gets ready, and tells what its pause would be
      When the guest writes block 3
      And the move is cancelled
      Then the move has ended as cancelled, with cancelled
      And "web" is whole at "fast"
      And letting the move switch over is refused as job-ended

    @M-28
    Scenario: The server dies while a move waits
      Given moves wait for their operator
      When the server dies while a move of "web" to "archive" waits for its operator
      And the server starts again
      Then the move has ended as failed, with interrupted
      And "web" is whole at "fast"

    @disk-threads @O-18
    Scenario: A disk thread dies while a move waits
      Given moves wait for their operator
      When the move of "web" to "archive" is started
      Then the move gets ready, and tells what its pause would be
      When the first disk thread dies
      Then the move has failed as interrupted, and its report names disk-thread-lost
      And "web" is whole at "fast"

  Rule: A pause over its budget is told

    Scenario: What became of the owner record can't be learnt for longer than the guest may be held
      Given moves may hold their guests for 300 ms
      And "web" on its way to "archive", held at "switched/before"
      When the commit is lost, and 3 commits that were to settle it
      And the engine goes on
      Then the move has succeeded, and tells that its pause was longer than allowed

  Rule: Blocks that are written all the time are copied once, while the guest is held

    @M-22
    Scenario: A hot block is left out of the rounds
      Given moves switch over below 8 dirty blocks
      And "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3 again and again
      And the guest writes blocks 10, 11, 12, 13, 14, 15, 16 and 17
      And the copy goes on
      Then the rounds have copied 256, 8 and 1 blocks
      And "archive" wrote block 3, and no other one, while the guest was held
      And "web" is whole at "archive"

    @M-23
    Scenario: Where all blocks are hot they are copied like cold ones
      Given "web" on its way to "archive", held before it writes block 255
      When the guest writes each block 20 times
      And the copy goes on
      Then the rounds have copied 256, 256 and 0 blocks

    @M-23
    Scenario: Where all that is written is hot, and more than the threshold, the move gives up
      When "web" is moved to "archive" while its guest writes blocks 3, 4 and 5 in every round, again and again
      Then the move has failed as not-converging, and its report names not-converging
      And "web" is whole at "fast"

  Rule: A move that leads nowhere ends, and says what would have worked

    @M-27
    Scenario: The guest writes as much as is copied, round after round
      Given moves may hold their guests for 4 ms
      When "web" is moved to "archive" while its guest writes blocks 3, 4 and 5 in every round
      Then the move has failed as not-converging, and its report names not-converging
      And the report says that a pause of more than 4 ms would have worked
      And "web" is whole at "fast"

    @M-27
    Scenario: The switch-over does not fit its budget as often as it is tried
      Given moves may hold their guests for 200 ms, and try to switch over once
      And "web" on its way to "archive", held before it writes block 255
      When the guest writes block 3
      And the copy goes on until "archive" is to write block 3
      And the guest asks to write block 9
      And the guest's request is answered
      And the copy goes on
      Then the move has failed as not-converging, and its report names not-converging
      And the report says that a pause of more than 200 ms would have worked

    @M-27
    Scenario: The pause that it names does work, for the same guest and the same storage
      Given moves switch over when the rest fits their pause
      And "archive" takes 800 ms longer for each flush
      And moves may hold their guests for 100 ms
      When "web" is moved to "archive" while its guest writes blocks 3 to 40 again and again
      Then the move has failed as not-converging, and its report names not-converging
      And the report says that a pause of more than 100 ms would have worked
      Given moves may hold their guests for as long as the report says
      When "web" is moved to "archive" while its guest writes blocks 3 to 40 again and again
      Then the move has succeeded
      And "web" is whole at "archive"
