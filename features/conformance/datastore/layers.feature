@datastore
Feature: A datastore keeps layers
  Disks live in datastores as layers. A layer holds what was written to it, whoever asks and whatever died in
  between, until it is removed; and nobody else can write to it.

  @rule:layers-by-name
  Rule: Layers come and go by name

    Scenario: A new layer reads as zeroes from end to end
      Given a layer of 1 MiB
      Then it reads as it was written
      And the datastore knows it as the owner of epoch 1

    Scenario: A layer is made once
      Given a layer of 1 MiB
      When 4 KiB of "first" are written at 0 B
      Then creating it is refused as layer-exists
      And it reads as it was written

    Scenario: A layer that was never made can't be used
      Given no layer
      Then opening it is refused as layer-not-found
      And stamping it is refused as layer-not-found
      And the datastore knows nothing of it
      And the datastore lists ""

    Scenario Outline: A name can't lead out of the store: <name>
      Then nothing can be done with a layer named "<name>"
      And the folder around the store has nothing new in it

      Examples:
        | name      |
        | ../a      |
        | a/b       |
        | /a        |
        | .         |
        | ..        |
        | A         |
        | a b       |
        | a.stamp   |
        |           |

    Scenario: Every layer is listed once
      Given the layers "a", "b-2" and "c_3"
      Then the datastore lists "a b-2 c_3"

    Scenario: Layers side by side don't touch each other
      Given the layers "a", "b" and "c"
      When 8 KiB of "mine" are written at 4 KiB
      Then each of them reads as it was written

    Scenario: A removed layer is gone, and its name gives an empty one
      Given a layer of 1 MiB
      And 4 KiB of "old" are written at 0 B
      When it is closed
      And it is removed
      Then opening it is refused as layer-not-found
      When it is created again
      Then it reads as it was written

    Scenario: Removing what isn't there does nothing
      Given no layer
      When it is removed
      Then the datastore lists ""

    Scenario: A layer in use isn't removed
      Given a layer of 1 MiB
      When 4 KiB of "mine" are written at 0 B
      Then removing it is refused as layer-in-use
      And it reads as it was written

    Scenario: A layer shorter than its disk is refused
      Given a layer of 1 MiB
      When it is closed
      Then opening it as if it were twice as long is refused as layer-too-short

    Scenario: A check leaves nothing behind
      Given the layers "a", "b" and "c"
      When the datastore is checked
      Then the datastore lists "a b c"

    Scenario: Starting again and stopping again do nothing
      Given a layer of 1 MiB
      And 4 KiB of "kept" are written at 0 B
      When the datastore is started again
      Then it reads as it was written
      When it is closed
      Then the datastore can be stopped twice

  @rule:stamp-is-kept
  Rule: The stamp says whose a layer is

    Scenario: A stamp is replaced and the content is not
      Given a layer of 1 MiB
      And 4 KiB of "kept" are written at 0 B
      When it is stamped as the former of epoch 2
      Then the datastore knows it as the former of epoch 2
      And it reads as it was written

    Scenario: A closed layer is stamped too
      Given a layer of 1 MiB
      When it is closed
      And it is stamped as the target of epoch 3
      Then the datastore knows it as the target of epoch 3

    @without:process-local
    Scenario: Every instance sees the stamp
      Given a layer of 1 MiB
      When it is stamped as the target of epoch 7
      Then another instance knows it as the target of epoch 7

  @rule:bytes-come-back
  Rule: Bytes come back as they went in

    Scenario Outline: <length> at <offset> of <size>
      Given a layer of <size>
      When <length> of "bytes" are written at <offset>
      Then it reads as it was written
      And any range of it reads as it was written

      Examples: where sectors, pages and ends meet
        | size      | length  | offset    |
        | 1 MiB     | 512 B   | 0 B       |
        | 1 MiB     | 512 B   | 1048064 B |
        | 1 MiB     | 1024 B  | 3584 B    |
        | 1 MiB     | 12 KiB  | 2560 B    |
        | 1 MiB     | 1 MiB   | 0 B       |
        | 1049088 B | 1024 B  | 1048064 B |
        | 512 B     | 512 B   | 0 B       |
        | 5 GiB     | 4 KiB   | 5242876 KiB |

    Scenario: The last write wins
      Given a layer of 1 MiB
      When 16 KiB of "first" are written at 0 B
      And 2 KiB of "second" are written at 3 KiB
      Then it reads as it was written

    Scenario: Zeroed ranges read as zeroes, and their neighbours stay
      Given a layer of 1 MiB
      When 64 KiB of "data" are written at 0 B
      And 1536 B at 512 B are zeroed
      And 16 KiB at 16 KiB are zeroed
      Then it reads as it was written

    Scenario: What was zeroed is written again
      Given a layer of 1 MiB
      When 64 KiB at 0 B are zeroed
      And 4 KiB of "again" are written at 8 KiB
      Then it reads as it was written

    Scenario: Writes under way at once all arrive
      Given a layer of 1 MiB
      When 64 writes of 4 KiB are made at once side by side
      Then it reads as it was written

    Scenario: Overlapping writes leave every sector whole
      Given a layer of 1 MiB
      When 16 writes of 64 KiB are made at once to the same place
      Then each sector of the first 64 KiB comes whole from one of them

    Scenario: Random operations agree with a model
      Given a layer of 1 MiB
      When 400 random operations are made, up to 8 at once
      Then it reads as it was written
      And its extents from 0 B on for 1 MiB have no gap and hide no data

  @rule:extents-tell-the-truth
  Rule: Extents leave no gap and hide no data

    Scenario Outline: Extents of <length> from <offset> on
      Given a layer of 1 MiB
      When 4 KiB of "data" are written at 64 KiB
      And 64 KiB of "more" are written at 512 KiB
      And 16 KiB at 528 KiB are zeroed
      Then its extents from <offset> on for <length> have no gap and hide no data

      Examples:
        | offset  | length  |
        | 0 B     | 1 MiB   |
        | 65024 B | 1024 B  |
        | 66 KiB  | 512 B   |
        | 520 KiB | 504 KiB |

    @capability:sparse
    Scenario: A layer takes no more space than what was written, and gives it back
      Given a layer of 1 MiB
      Then it takes less than 256 KiB in the store
      When 1 MiB of "data" are written at 0 B
      And 1 MiB at 0 B are zeroed
      And it is flushed
      Then it takes less than 256 KiB in the store

  @rule:length-changes
  Rule: A layer changes its length, durably

    Scenario: A longer layer keeps what it held and reads as zeroes beyond
      Given a layer of 1 MiB
      And 64 KiB of "kept" are written at 960 KiB
      When it is resized to 3 MiB
      Then it reads as it was written
      And its extents from 0 B on for 3 MiB have no gap and hide no data
      When 8 KiB of "beyond" are written at 1020 KiB
      Then it reads as it was written
      When it is closed and opened again
      Then it reads as it was written
      And the datastore knows it as the owner of epoch 1

    Scenario: It grows while it is written to
      Given a layer of 1 MiB
      When it is resized to 2 MiB while 16 writes are under way
      Then it reads as it was written

    Scenario: What was cut off doesn't come back
      Given a layer of 1 MiB
      And 1 MiB of "gone" are written at 0 B
      When it is resized to 66048 B
      Then it reads as it was written
      When it is resized to 1 MiB
      Then it reads as it was written

    Scenario: A shorter layer stays shorter, and its stamp stays what it was
      Given a layer of 1 MiB
      And 1 MiB of "kept" are written at 0 B
      And it is stamped as the former of epoch 2
      When it is resized to 512 KiB
      And it is closed and opened again
      Then it reads as it was written
      And the datastore knows it as the former of epoch 2
      When it is closed
      Then opening it as if it were twice as long is refused as layer-too-short

    Scenario: A layer opened shorter than it is keeps the rest
      Given a layer of 1 MiB
      And 1 MiB of "kept" are written at 0 B
      When it is closed and opened as if it were 256 KiB long
      And it is resized to 1 MiB
      Then it reads as it was written

    Scenario: A layer that is closed or open for reading only isn't resized
      Given a layer of 1 MiB
      When it is closed and opened for reading only
      Then resizing it is refused
      When it is closed
      Then resizing it is refused as layer-closed
      And the datastore knows it as the owner of epoch 1

  @rule:closed-is-at-rest
  Rule: A closed layer is at rest

    Scenario: Closing waits for what is under way
      Given a layer of 1 MiB
      When it is closed while 16 writes are under way
      And it is opened again
      Then it reads as it was written

    Scenario: A closed layer refuses everything
      Given a layer of 1 MiB
      When it is closed
      Then reading it is refused as layer-closed
      And writing to it is refused as layer-closed
      And zeroing it is refused as layer-closed
      And flushing it is refused as layer-closed

    Scenario: What was flushed is there after closing and opening again
      Given a layer of 1 MiB
      And 12 KiB of "kept" are written at 2560 B
      When it is flushed
      And it is closed and opened again
      Then it reads as it was written

    Scenario: A layer open for reading only takes no write
      Given a layer of 1 MiB
      And 4 KiB of "kept" are written at 0 B
      When it is closed and opened for reading only
      Then it reads as it was written
      And writing to it is refused

  @rule:process-local-is-nothing-elsewhere
  Rule: What lives in one process is nothing to another

    @capability:process-local
    Scenario: Layers that live in one process are nothing to another
      Given a layer of 1 MiB
      Then another process finds 0 layers
