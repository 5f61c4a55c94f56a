@datastore @spawn
Feature: A datastore tells what its storage has refused
  Disks fill up, and fail. A guest that is told can stop, or try elsewhere; a guest that isn't told goes on, and its
  data is gone. Where this is broken, a user's machine reports that all is well until somebody reads what it has
  written.

  Here system calls of a process with the plugin in it are made to fail, on the files that the store keeps under
  `{tmp}`. Of a store that promises `durability-remote` those on its connections are: they are slow, or break off. That
  its server is full, or fails to read, is not tried; the report says so.

  @rule:full-store-says-so
  Rule: A write that finds no room is refused as no-space

    @capability:durability @without:process-local
    Scenario: A store is full
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      When the host's storage has no room left
      Then the host is refused a write, or its flush, as no-space

  @rule:full-store-goes-on
  Rule: A full store keeps what it has, and goes on once there is room

    @capability:durability @without:process-local
    Scenario: A full store has room again
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      And the host writes 32 KiB at 16 KiB
      And the host flushes the layer
      And the host's storage has no room left
      When the host tries to write 32 KiB at 8 KiB
      And the host's storage is sound again
      Then the layer holds what the host has written
      And the host can write and flush

  @rule:failed-write-is-told
  Rule: A write that storage has refused is never answered as done

    @capability:durability @without:process-local
    Scenario: Storage fails to write
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      When the host's storage fails to write
      Then the host is refused a write, or its flush, as layer-io-failed

  @rule:failed-read-is-told
  Rule: A read that storage has refused is never answered with other bytes

    @capability:durability @without:process-local
    Scenario: Storage fails to read
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      And the host writes 32 KiB at 16 KiB
      And the host flushes the layer
      When the host's storage fails to read
      Then the host is refused to read the layer as layer-io-failed
      When the host's storage is sound again
      Then the layer holds what the host has written

  @rule:failed-flush-is-told
  Rule: A flush that storage has refused is never answered as done

    @capability:durability-local @without:process-local
    Scenario: Storage fails to sync
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      And the host writes 32 KiB at 16 KiB
      When the host's storage fails to sync
      Then the host is refused a flush as layer-io-failed

  @rule:failed-flush-fails-the-layer
  Rule: After a failed flush every later one fails, until the layer is opened again

    The kernel may have dropped what it couldn't write, and a second sync would answer that all is well.

    @capability:durability-local @without:process-local
    Scenario: A flush is not tried again
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      And the host writes 32 KiB at 16 KiB
      And the host's storage fails to sync
      When the host tries to flush
      And the host's storage is sound again
      Then the host is refused a flush as layer-failed
      And the host is refused a flush as layer-failed

  @rule:reopened-layer-works
  Rule: A layer that has failed works again when it was opened anew on sound storage

    @capability:durability @without:process-local
    Scenario: A failed layer is opened again
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      And the host writes 32 KiB at 16 KiB
      And the host's storage fails to sync
      When the host tries to flush
      And the host's storage is sound again
      And the host opens the layer again
      Then the layer holds what the host has written
      And the host can write and flush

  @rule:failed-change-is-told
  Rule: A layer or a stamp that storage has refused to keep is never answered as made

    @capability:durability-local @without:process-local
    Scenario: Storage fails to sync what is made
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      When the host's storage fails to sync
      Then the host is not told that it could make another layer
      And the host is not told that it could stamp the layer

  @rule:close-waits-for-storage
  Rule: Closing waits for a flush that waits for storage

    @capability:durability @without:process-local
    Scenario: A layer is closed on slow storage
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      And the host writes 32 KiB at 16 KiB
      When the host's storage is slow to sync
      Then the host closes the layer while it flushes, and is answered in that order

  @rule:lost-request-is-no-answer
  Rule: What was lost on its way to storage is sent again or told, and never answered as done

    @capability:durability-remote @without:process-local
    Scenario: Connections break off before a flush
      Given a host whose storage will fail
      And the host has used a layer of 64 KiB for long
      And the host writes 32 KiB at 16 KiB
      When the host's storage hangs up on it
      And the host tries to flush
      And the host's storage is sound again
      Then what the host has answered for is there after its loss
