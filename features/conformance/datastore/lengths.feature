@datastore
Feature: A layer has the length that it was given
  A disk is as long as its layer lets it be. Disks grow while guests use them, and shrink when their users want the space
  back. Where lengths go wrong, a user loses the end of a disk, or finds in it what was cut off, perhaps by another.

  @rule:short-layer-is-refused
  Rule: A layer that is shorter than its disk isn't opened

    Scenario: A layer is opened as a longer one
      Given a layer of 1 MiB
      When it is closed
      Then opening it as if it were twice as long is refused as layer-too-short

  @rule:end-is-kept-when-opened-shorter
  Rule: A layer that is longer than its disk keeps the rest

    @capability:resize
    Scenario: A layer is opened as a shorter one and grows again
      Given a layer of 1 MiB
      And 1 MiB of "kept" are written at 0 B
      When it is closed and opened as if it were 256 KiB long
      And it is resized to 1 MiB
      Then it reads as it was written

  @rule:growth-reads-as-zeroes
  Rule: A layer that grows keeps what it held and reads as zeroes beyond

    @capability:resize
    Scenario: A layer grows and is written to across its former end
      Given a layer of 1 MiB
      And 64 KiB of "kept" are written at 960 KiB
      When it is resized to 3 MiB
      Then it reads as it was written
      When 8 KiB of "beyond" are written at 1020 KiB
      Then it reads as it was written

  @rule:cut-off-is-gone
  Rule: What was cut off doesn't come back

    @capability:resize
    Scenario: A layer shrinks and grows again
      Given a layer of 1 MiB
      And 1 MiB of "gone" are written at 0 B
      When it is resized to 66048 B
      Then it reads as it was written
      When it is resized to 1 MiB
      Then it reads as it was written

  @rule:length-outlives-closing
  Rule: A length stays when the layer is closed

    @capability:resize
    Scenario: A layer is closed after it has grown and after it has shrunk
      Given a layer of 1 MiB
      When it is resized to 3 MiB
      And it is closed
      Then it is as long as it was made
      When it is opened again
      And it is resized to 512 KiB
      And it is closed
      Then it is as long as it was made

  @rule:resize-loses-no-write
  Rule: Writes that are under way while the length changes arrive

    @capability:resize
    Scenario: A layer grows while it is written to
      Given a layer of 1 MiB
      When it is resized to 2 MiB while 16 writes before it and 16 after it are under way
      Then those writes are there

  @rule:resize-keeps-the-stamp
  Rule: The stamp stays when the length changes

    @capability:resize
    Scenario: A stamped layer shrinks
      Given a layer of 1 MiB
      When it is stamped as the former of epoch 2
      And it is resized to 512 KiB
      Then the datastore knows it as the former of epoch 2

  @rule:only-writers-resize
  Rule: A layer that is closed or open for reading only isn't resized

    @capability:resize
    Scenario: A reader resizes a layer
      Given a layer of 1 MiB
      When it is closed and opened for reading only
      Then resizing it is refused
      When it is closed
      Then resizing it is refused as layer-closed
      And it is as long as it was made

  @rule:missing-resize-is-refused
  Rule: A store whose layers can't change their length says so

    @without:resize
    Scenario: A layer of fixed length is resized
      Given a layer of 1 MiB
      When 4 KiB of "kept" are written at 0 B
      Then resizing it is refused as capability-missing
      And demanding "resize" of the datastore is refused as capability-missing
      And it is as long as it was made
      And it reads as it was written
