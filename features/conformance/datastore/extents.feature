@datastore
Feature: Extents tell the truth
  A layer tells which of its ranges hold data and which are holes. Backups and moves skip holes, so that a disk of a
  terabyte with a gigabyte in it is moved in seconds. Where data is called a hole, a user's disk arrives with zeroes in
  the place of files, and nobody notices until they are needed.

  @rule:extents-leave-no-gap
  Rule: Extents cover the range that was asked for, in order and without gaps

    Scenario Outline: Extents of any range
      Given a layer of 1 MiB
      When 4 KiB of "data" are written at 64 KiB
      And 64 KiB of "more" are written at 512 KiB
      And 16 KiB at 528 KiB are zeroed
      Then its extents from <offset> on for <length> have no gap

      Examples:
        | offset  | length  |
        | 0 B     | 1 MiB   |
        | 65024 B | 1024 B  |
        | 66 KiB  | 512 B   |
        | 520 KiB | 504 KiB |

  @rule:data-is-no-hole
  Rule: Data is never called a hole

    Scenario: Some sectors of data lie in the midst of nothing
      Given a layer of 1 MiB
      When 512 B of "one" are written at 5632 B
      And 1024 B of "two" are written at 130560 B
      And 512 B of "last" are written at 1048064 B
      And it is flushed
      Then its extents from 0 B on for 1 MiB hide no data
      And its extents from 5632 B on for 512 B hide no data
      And its extents from 131072 B on for 512 B hide no data

  @rule:exact-extents-are-exact
  Rule: Where a layer calls its extents exact, data is no hole from the moment that its write has ended

    Scenario: Extents are asked for before anything is flushed
      Given a layer of 1 MiB with exact extents
      When 64 KiB of "data" are written at 64 KiB
      Then its extents from 0 B on for 1 MiB hide no data
      When 64 KiB at 64 KiB are zeroed
      And 4 KiB of "again" are written at 64 KiB
      Then its extents from 0 B on for 1 MiB hide no data

  @rule:zeroed-space-is-given-back
  Rule: A sparse store takes space only for what was written, and has it back when that is zeroed

    @capability:sparse
    Scenario: A layer is filled and zeroed
      Given a layer of 1 MiB
      Then it takes less than 256 KiB in the store
      When 1 MiB of "data" are written at 0 B
      And 0 B at 4 KiB are zeroed
      And 1 MiB at 0 B are zeroed
      And it is flushed
      Then it takes less than 256 KiB in the store

  @rule:sparse-is-not-claimed
  Rule: A store that gives no space back never claims to

    @without:sparse
    Scenario: Giving space back is demanded of a store that can't
      Given a layer of 1 MiB
      When 1 MiB of "data" are written at 0 B
      And 1 MiB at 0 B are zeroed
      And it is flushed
      Then it reads as it was written
      And demanding "sparse" of the datastore is refused as capability-missing
