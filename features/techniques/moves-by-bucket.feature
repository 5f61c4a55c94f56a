@needs:minio
Feature: A disk moves into a bucket and out of it while its guest goes on
  What holds for moves between folders holds for those to, from and between buckets, though what is flushed there has
  to cross a network to a server that may be slow, hang or be gone for a while. A scenario also fails at its end on a
  block that is not as its guest was promised, on a report that it did not ask about, and on anything left behind in
  folders and buckets.

  Background:
    Given the datastores "fast" and "archive"
    And the datastore "s3" is a bucket of MinIO

  Rule: Wherever it comes from and goes to

    @I-M1
    Scenario Outline: From <a place> to <another>
      Given the datastore "shelf" is in the bucket of "s3"
      And the datastore "barn" is a bucket of MinIO
      And a disk "web" of 16 MiB in "<from>" with something written everywhere
      When "web" is moved to "<to>" while its guest works
      Then the move has succeeded
      And its pause was within what was allowed, or is told to have been longer
      And "web" is whole at "<to>"
      When the server is restarted
      Then "web" is whole at "<to>"

      Examples:
        | a place  | another               | from | to    |
        | a folder | a bucket              | fast | s3    |
        | a bucket | a folder              | s3   | fast  |
        | a bucket | a place in the same   | s3   | shelf |
        | a bucket | another one           | s3   | barn  |

    @I-M1
    Scenario: From a bucket to one of another server
      Given the datastore "far" is a bucket of another MinIO
      And a disk "web" of 16 MiB in "s3" with something written everywhere
      When "web" is moved to "far" while its guest works
      Then the move has succeeded
      And its pause was within what was allowed, or is told to have been longer
      And "web" is whole at "far"

  Rule: What the guest is held for includes the way to the bucket

    Scenario: A server that takes 20 ms longer shows in the pause and in what was predicted
      Given a disk "web" of 16 MiB in "fast" with something written everywhere
      And the MinIO of "s3" takes 20 ms longer
      And "web" on its way to "s3", held at "stunned/before"
      When the guest of "web" writes block 3
      And the engine goes on
      Then the move has succeeded
      And its pause was at least 20 ms, and it was predicted to be
      And "web" is whole at "s3"

    @M-26
    Scenario: A server that hangs while the guest is held keeps it no longer than the budget
      Given moves may hold their guests for 300 ms
      And a disk "web" of 16 MiB in "fast" with something written everywhere
      And "web" on its way to "s3", held at "stunned/before"
      When the guest of "web" writes block 3
      And the MinIO of "s3" keeps what it is sent waiting
      And the engine goes on
      And the guest of "web" asks to write block 9
      Then the guest's request is answered
      When the guest of "web" writes block 10
      And the MinIO of "s3" takes what it was sent
      Then the move has succeeded, after more than one switch-over was tried
      And "web" is whole at "s3"

  Rule: A server that is gone for some seconds delays a move, and fails nothing

    Scenario Outline: It is gone while most of the disk is copied, <how>
      Given "s3" makes small objects and keeps few
      And a disk "web" of 32 MiB in "<from>" with something written everywhere
      When the guest of "web" goes to work
      And the move of "web" to "<to>" is started
      And the move tells how far it is
      And the MinIO of "s3" is gone
      Then the server tells that "s3" does not answer
      When the MinIO of "s3" is back
      Then the move has succeeded
      And the server tells no longer that "s3" does not answer
      And all that the guest asked for was answered well
      And "web" is whole at "<to>"

      Examples:
        | how         | from | to   |
        | to a bucket | fast | s3   |
        | from one    | s3   | fast |

    Scenario: It is gone while the rest is copied, with the guest held
      Given moves may hold their guests for 300 ms
      And a disk "web" of 16 MiB in "fast" with something written everywhere
      And "web" on its way to "s3", held at "stunned/before"
      When the guest of "web" writes block 3
      And the MinIO of "s3" is gone
      And the engine goes on
      And the guest of "web" asks to write block 9
      Then the guest's request is answered
      And the server tells that "s3" does not answer
      When the guest of "web" writes block 10
      And the MinIO of "s3" is back
      Then the move has succeeded, after more than one switch-over was tried
      And the server tells no longer that "s3" does not answer
      And "web" is whole at "s3"

    @M-30
    Scenario: A move to a server that stays away can be cancelled, and leaves nothing there once that is back
      Given "s3" makes small objects and keeps few
      And a disk "web" of 32 MiB in "fast" with something written everywhere
      When the guest of "web" goes to work
      And the move of "web" to "s3" is started
      And the move tells how far it is
      And the MinIO of "s3" is gone
      Then the server tells that "s3" does not answer
      When the move is cancelled
      Then the move has ended as cancelled, with cancelled
      And all that the guest asked for was answered well
      When the MinIO of "s3" is back
      Then nothing that belongs to no disk is left in buckets
      And "web" is whole at "fast"

    @M-30
    Scenario: What a cancelled move has left at a server that stays away is known after a restart
      Given "s3" makes small objects and keeps few
      And a disk "web" of 32 MiB in "fast" with something written everywhere
      When the move of "web" to "s3" is started
      And the move tells how far it is
      And the MinIO of "s3" is gone
      And the move is cancelled
      Then the move has ended as cancelled, with cancelled
      When the server is restarted
      And the MinIO of "s3" is back
      Then nothing that belongs to no disk is left in buckets
      And "web" is whole at "fast"
