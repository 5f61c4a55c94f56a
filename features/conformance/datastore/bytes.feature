@datastore
Feature: Bytes come back as they went in
  A guest's file system is built on this: a sector holds what was last written to it, whole, wherever it lies and whatever
  else is going on. Where it isn't so, a user has files that were never saved, or a file system that can't be mounted.

  @rule:bytes-come-back
  Rule: What was written is read, and what lies beside it stays

    Scenario Outline: Writes where sectors, pages and larger units meet
      Given a layer of 1 MiB
      When 1 MiB of "around" are written at 0 B
      And <length> of "bytes" are written at <offset>
      Then it reads as it was written
      And any range of it reads as it was written

      Examples:
        | length | offset    |
        | 512 B  | 0 B       |
        | 512 B  | 512 B     |
        | 1024 B | 3584 B    |
        | 12 KiB | 2560 B    |
        | 512 B  | 1048064 B |
        | 66 KiB | 65024 B   |

  @rule:last-write-wins
  Rule: The last write wins

    Scenario: Part of what was written is written again
      Given a layer of 1 MiB
      When 64 KiB of "first" are written at 0 B
      And 8 KiB of "second" are written at 4 KiB
      And 4 KiB of "third" are written at 4 KiB
      Then it reads as it was written

  @rule:zeroed-reads-as-zeroes
  Rule: A zeroed range reads as zeroes, to its last sector, and its neighbours stay

    Scenario: Ranges inside and across pages are zeroed
      Given a layer of 1 MiB
      When 128 KiB of "data" are written at 0 B
      And 1536 B at 512 B are zeroed
      And 5 KiB at 15872 B are zeroed
      And 65 KiB at 32 KiB are zeroed
      Then it reads as it was written

  @rule:zeroed-is-written-again
  Rule: What was zeroed can be written again

    Scenario: A part of a zeroed range is written
      Given a layer of 1 MiB
      When 64 KiB of "before" are written at 0 B
      And 64 KiB at 0 B are zeroed
      And 4 KiB of "again" are written at 8 KiB
      Then it reads as it was written

  @rule:writes-at-once-arrive
  Rule: Writes that are under way at once all arrive

    Scenario: Many writes are made at once side by side
      Given a layer of 1 MiB
      When 64 writes of 4 KiB are made at once side by side
      Then it reads as it was written

  @rule:sectors-stay-whole
  Rule: Writes that overlap leave every sector whole

    Scenario: Many writes are made at once to one place
      Given a layer of 1 MiB
      When 16 writes of 64 KiB are made at once to the same place
      Then each sector of the first 64 KiB comes whole from one of them

  @rule:hints-change-nothing
  Rule: A hint that something will be read changes nothing and never fails

    Scenario: Reads are announced for what is written, zeroed, empty and closed
      Given a layer of 1 MiB
      When 64 KiB of "data" are written at 0 B
      And 8 KiB at 4 KiB are zeroed
      And reads of all of it are announced
      Then it reads as it was written
      When it is closed
      And reads of all of it are announced
