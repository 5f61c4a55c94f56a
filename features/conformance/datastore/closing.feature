@datastore
Feature: A closed layer is at rest
  Disks are closed when a server stops, when a move has made another copy the disk, and when a disk is removed. Whoever
  opens the layer next, perhaps on another host, relies on nobody touching it any more. Where that isn't so, a write
  of the former owner lands in the disk of the next, long after.

  @rule:close-waits
  Rule: Closing ends when everything that was under way has ended

    Scenario: A layer is closed in the midst of reads, writes and zeroes
      Given a layer of 1 MiB
      When it is closed while 16 writes, 16 reads and 16 zeroes are under way
      And it is opened again
      Then it reads as it was written

  @rule:closed-layer-refuses
  Rule: A closed layer refuses everything

    Scenario: A closed layer is used
      Given a layer of 1 MiB
      When it is closed
      Then reading it is refused as layer-closed
      And writing to it is refused as layer-closed
      And zeroing it is refused as layer-closed
      And flushing it is refused as layer-closed
      And asking for its extents is refused as layer-closed

  @rule:closing-again-does-nothing
  Rule: Closing again changes nothing for whoever has opened it since

    Scenario: A layer is closed again when somebody else has it open
      Given a layer of 1 MiB
      When it is closed, opened again, and closed once more by whoever had it first
      Then opening it is refused as layer-in-use
      When 4 KiB of "mine" are written at 0 B
      Then it reads as it was written

  @rule:flushed-outlives-closing
  Rule: What was flushed is there after closing and opening again

    Scenario: A layer is closed and opened after a flush
      Given a layer of 1 MiB
      When 12 KiB of "kept" are written at 2560 B
      And it is flushed
      And it is closed and opened again
      Then it reads as it was written

  @rule:readers-write-nothing
  Rule: A layer that is open for reading only takes no write

    Scenario: A reader writes
      Given a layer of 1 MiB
      When 4 KiB of "kept" are written at 0 B
      And it is closed and opened for reading only
      Then it reads as it was written
      And writing to it is refused
      And zeroing it is refused
      And it reads as it was written
