@datastore @spawn
Feature: The loss of a host loses nothing that was promised
  Who keeps disks in another place than their host wants them to outlive it: its fire, its theft, its disk controller. A
  store that promises `durability-remote` has answered for more than a power cut. Where it has kept in the host what it
  answered for, a user finds out on the day on which there is no host any more to get it from.

  Here a process with the plugin works for a host of its own, with a folder of its own in the place of `{tmp}`. Then it
  is killed, the folder is removed, and the plugin is opened with an empty one.

  @rule:lost-host-loses-no-flush
  Rule: What was flushed outlives its host

    @capability:durability-remote @without:process-local
    Scenario: A host is lost after a flush
      Given a host that will be lost
      And the host has had a layer of 256 KiB for long
      When the host writes 64 KiB at 4 KiB
      And the host flushes the layer
      Then what the host has answered for is there after its loss

    @capability:durability-remote @without:process-local @model
    Scenario: A host is lost at some moment of its work
      Given hosts that are lost at some moment of their work
      Then the next host finds what each of them has answered for

  @rule:lost-host-loses-no-zeroes
  Rule: What was zeroed before a flush reads as zeroes when its host is lost

    @capability:durability-remote @without:process-local
    Scenario: A host is lost after it zeroed and flushed
      Given a host that will be lost
      And the host has had a layer of 256 KiB for long
      When the host writes 64 KiB at 4 KiB
      And the host opens the layer again
      And the host zeroes 16 KiB at 8 KiB
      And the host flushes the layer
      Then what the host has answered for is there after its loss

  @rule:lost-host-loses-no-layer
  Rule: A layer whose creation was answered outlives its host

    @capability:durability-remote @without:process-local
    Scenario: A host is lost after it made a layer
      Given a host that will be lost
      When the host makes a layer of 256 KiB
      Then what the host has answered for is there after its loss

  @rule:lost-host-loses-no-stamp
  Rule: A stamp that was answered outlives its host

    @capability:durability-remote @without:process-local
    Scenario: A host is lost after it stamped a layer
      Given a host that will be lost
      And the host has had a layer of 64 KiB for long
      When the host stamps the layer as the former of epoch 2
      Then what the host has answered for is there after its loss

  @rule:lost-host-loses-no-length
  Rule: A length that was answered outlives its host

    @capability:durability-remote @capability:resize @without:process-local
    Scenario: A host is lost after it resized a layer
      Given a host that will be lost
      And the host has had a layer of 64 KiB for long
      When the host resizes the layer to 128 KiB
      Then what the host has answered for is there after its loss

  @rule:lost-host-revives-no-layer
  Rule: A layer whose removal was answered stays away when its host is lost

    @capability:durability-remote @without:process-local
    Scenario: A host is lost after it removed a layer
      Given a host that will be lost
      And the host has had a layer of 64 KiB for long
      When the host removes the layer
      Then what the host has answered for is there after its loss
