@datastore @spawn
Feature: A power cut loses nothing that was promised
  When a datastore answers a flush, a guest's file system believes that its journal is on storage, and goes on. When it
  answers for a new layer, a stamp or a removal, the server's catalog believes it. Then the power fails. Where what was
  answered isn't there when it is back, a user finds a damaged file system, or a disk that belongs to nobody.

  Here the plugin runs in a process whose system calls are traced. From the trace follows what a power cut at a moment
  could leave: of what was not synced each sector of 512 bytes, each length and each name may have reached storage or
  not. Such states are made in folders of their own, and the plugin is opened there. Where nothing can be traced (there
  is no strace, the store keeps no files under `{tmp}`, or it writes through mapped memory) the verdict is
  "durability: not proven", and never that it has passed.

  @rule:flush-is-durable
  Rule: What was written before a flush is there after it was answered

    @capability:durability-local @without:process-local
    Scenario: Flushed bytes survive a power cut
      Given a host whose power will fail
      And the host has had a layer of 256 KiB for long
      When the host writes 64 KiB at 4 KiB
      And the host flushes the layer
      And the host closes the layer
      Then what the host has answered for survives a power cut once it is at rest

  @rule:flush-waits-for-storage
  Rule: A flush is answered once storage holds what it covers, and not before

    @capability:durability-local @without:process-local
    Scenario: A flush that was answered is over
      Given a host whose power will fail
      And the host has had a layer of 256 KiB for long
      When the host writes 64 KiB at 4 KiB
      And the host flushes the layer
      Then what the host has answered for survives a power cut as soon as it is answered

    @capability:durability-local @without:process-local @model
    Scenario: The power fails at some moment of a host's work
      Given a host whose power will fail
      When the host works by chance
      Then what the host has answered for survives a power cut at any moment

  @rule:flush-covers-what-settled
  Rule: A flush covers what had been written when it was asked for, also beside another flush

    @capability:durability-local @without:process-local
    Scenario: What was written during a flush is covered by the next
      Given a host whose power will fail
      And the host has had a layer of 256 KiB for long
      When the host writes 64 KiB at 4 KiB
      And the host writes 64 KiB at 128 KiB while it flushes, and flushes again
      Then what the host has answered for survives a power cut as soon as it is answered

  @rule:zeroes-are-flushed
  Rule: What was zeroed before a flush reads as zeroes after it was answered

    @capability:durability-local @without:process-local
    Scenario: Flushed zeroes survive a power cut
      Given a host whose power will fail
      And the host has had a layer of 256 KiB for long
      When the host writes 64 KiB at 4 KiB
      And the host flushes the layer
      And the host zeroes 16 KiB at 8 KiB
      And the host flushes the layer
      Then what the host has answered for survives a power cut once it is at rest

  @rule:creation-is-durable
  Rule: A layer is there after its creation was answered

    @capability:durability-local @without:process-local
    Scenario: A new layer survives a power cut
      Given a host whose power will fail
      When the host makes a layer of 256 KiB
      Then what the host has answered for survives a power cut once it is at rest

  @rule:stamp-is-durable
  Rule: A layer has the new stamp after that was answered

    @capability:durability-local @without:process-local
    Scenario: A new stamp survives a power cut
      Given a host whose power will fail
      And the host has had a layer of 64 KiB for long
      When the host stamps the layer as the former of epoch 2
      Then what the host has answered for survives a power cut once it is at rest

  @rule:stamp-is-whole
  Rule: A layer has its old stamp or the new one, whenever the power fails

    @capability:durability-local @without:process-local
    Scenario: A power cut during a new stamp leaves one of both
      Given a host whose power will fail
      And the host has had a layer of 64 KiB for long
      When the host stamps the layer as the former of epoch 2
      Then what the host had answered for survives a power cut during what it did last

  @rule:removal-is-durable
  Rule: A layer is gone for good after its removal was answered

    @capability:durability-local @without:process-local
    Scenario: A removed layer doesn't come back after a power cut
      Given a host whose power will fail
      And the host has had a layer of 64 KiB for long
      When the host removes the layer
      Then what the host has answered for survives a power cut once it is at rest

  @rule:length-is-durable
  Rule: A layer has its new length after that was answered

    @capability:durability-local @capability:resize @without:process-local
    Scenario: A new length survives a power cut
      Given a host whose power will fail
      And the host has had a layer of 64 KiB for long
      When the host resizes the layer to 128 KiB
      Then what the host has answered for survives a power cut once it is at rest

  @rule:cut-length-is-durable
  Rule: What a shorter length cut off stays cut off

    @capability:durability-local @capability:resize @without:process-local
    Scenario: What was cut off doesn't come back after a power cut
      Given a host whose power will fail
      And the host has had a layer of 128 KiB for long
      And the host has written 64 KiB at 64 KiB long ago
      When the host resizes the layer to 64 KiB
      And the host resizes the layer to 96 KiB
      Then what the host has answered for survives a power cut once it is at rest

  @rule:sectors-are-whole
  Rule: A sector that was not flushed holds what was flushed last, or something written since

    @capability:durability-local @without:process-local
    Scenario: A power cut tears no sector
      Given a host whose power will fail
      And the host has had a layer of 64 KiB for long
      And the host has written 8 KiB at 4 KiB long ago
      When the host writes 8 KiB at 2 KiB
      And the host writes 2 KiB at 6 KiB
      Then what the host has answered for survives a power cut at any moment

  @rule:crash-leaves-nothing
  Rule: What a power cut leaves of a layer that was being made goes when the layer is removed

    @capability:durability-local @without:process-local
    Scenario: Leftovers of a creation are found
      Given a host whose power will fail
      And the host has made and removed a layer before
      When the host makes a layer of 64 KiB
      Then nothing that a power cut leaves outlasts the layer's removal

  @rule:prefix-is-left
  Rule: A store that promises a prefix holds no later write without the earlier ones

    @capability:prefix-consistent @capability:durability-local @without:process-local
    Scenario: A power cut leaves a prefix of what was written
      Given a host whose power will fail
      And the host has had a layer of 64 KiB for long
      When the host writes 512 B at 4 KiB
      And the host writes 512 B at 32 KiB
      And the host writes 512 B at 4 KiB
      And the host writes 512 B at 8 KiB
      Then a power cut at any moment leaves a prefix of what the host has written
