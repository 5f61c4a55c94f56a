@datastore
Feature: The stamp says whose a layer is
  Each layer carries a stamp: whose disk it is, since which change of owner, and whether it is the disk itself, the target
  of a move or what a move has left behind. It is how a server that comes back after a crash knows which of two copies of
  a disk is the disk. Where stamps are lost or wrong, a user's machine starts on an old copy, and the new one is removed.

  @rule:stamp-is-replaced
  Rule: A stamp is replaced whole

    Scenario: A layer gets another stamp
      Given a layer of 1 MiB
      When it is stamped for the disk "another" as the former of epoch 9
      Then the datastore knows it as of the disk "another", the former of epoch 9
      When it is stamped as the target of epoch 2
      Then the datastore knows it as the target of epoch 2

  @rule:stamping-leaves-the-bytes
  Rule: A stamp changes nothing of what the layer holds

    Scenario: A layer is stamped while it is written to
      Given a layer of 1 MiB
      When 8 KiB of "before" are written at 0 B
      And it is stamped as the former of epoch 2
      And 8 KiB of "after" are written at 64 KiB
      Then it reads as it was written

  @rule:stamp-outlives-closing
  Rule: A stamp stays when the layer is closed and opened

    Scenario: A layer is closed and opened after it was stamped
      Given a layer of 1 MiB
      When it is stamped as the former of epoch 2
      And it is closed and opened again
      Then the datastore knows it as the former of epoch 2
      When it is closed
      And it is stamped as the target of epoch 3
      Then the datastore knows it as the target of epoch 3

  @rule:stamp-is-seen-everywhere
  Rule: Every instance sees the stamp that was set last

    @without:process-local
    Scenario: Another instance looks at a stamp
      Given another instance of the store
      And a layer of 1 MiB
      When the other instance has looked at it
      And it is stamped as the target of epoch 7
      Then the other instance knows it as the target of epoch 7
