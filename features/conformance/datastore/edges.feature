@datastore
Feature: Layers are right to their last byte
  Mistakes of stores gather where their own units end: in the last block of a disk whose size is no multiple of it, past
  4 GiB, at requests for nothing. A user who meets one has a partition table or a last file that is silently wrong.

  What reaches past the end never comes to a layer: its caller checks that first, for all datastores, and so no scenario
  asks for it.

  @rule:odd-end-is-kept
  Rule: The last sectors are kept, whatever the length of the layer

    Scenario Outline: The end of a layer of any length
      Given a layer of <size>
      When 512 B of "end" are written at <last>
      Then it reads as it was written

      Examples:
        | size      | last      |
        | 512 B     | 0 B       |
        | 1536 B    | 1024 B    |
        | 1049088 B | 1048576 B |
        | 1052160 B | 1051648 B |

  @rule:far-bytes-are-kept
  Rule: Nothing changes past 4 GiB

    Scenario: The same is written below and above 4 GiB
      Given a layer of 5 GiB
      When 4 KiB of "far" are written at 5242876 KiB
      And 4 KiB of "farther" are written at 4194304 KiB
      And 4 KiB of "farthest" are written at 4194300 KiB
      Then it reads as it was written

  @rule:end-stays-where-it-is
  Rule: Using a layer to its last byte leaves its length as it was

    Scenario: The end of a layer is written and zeroed
      Given a layer of 1052160 B
      When 512 B of "end" are written at 1051648 B
      And 1024 B at 1051136 B are zeroed
      Then the datastore knows it as the owner of epoch 1
      And it is as long as it was made

  @rule:nothing-does-nothing
  Rule: A length of 0 does nothing

    Scenario Outline: Nothing is written, zeroed, read and asked for
      Given a layer of 1 MiB
      When 1 MiB of "data" are written at 0 B
      And 0 B of "nothing" are written at <offset>
      And 0 B at <offset> are zeroed
      Then reading 0 B at <offset> succeeds
      And its extents from <offset> on for 0 B have no gap
      And it reads as it was written

      Examples:
        | offset    |
        | 0 B       |
        | 66048 B   |
        | 1048064 B |
