@datastore @spawn
Feature: A crash loses nothing that was promised
  Servers are killed: by people, by the kernel when memory runs out, by their own mistakes. What a datastore has
  answered for must be there when the next server starts. Where this is broken, a user who restarts a server finds
  an older disk than the one that the guest was told it has.

  @rule:killed-process-loses-no-flush
  Rule: What was flushed survives the death of its process

    @capability:durability @without:process-local
    Scenario: A process killed after its flush loses nothing
      Given a layer of 1 MiB
      When it is closed
      And another process opens it
      And the other process writes 64 KiB of 171 at 4 KiB
      And the other process flushes it
      And the other process is killed
      And it is opened for reading only
      Then it reads as it was written

    @capability:durability @without:process-local @model
    Scenario: A process is killed at some moment of its work
      Given hosts that are killed at some moment of their work
      Then the next host finds what each of them has answered for

  @rule:killed-process-loses-no-length
  Rule: A length that was answered for survives the death of its process

    @capability:durability @capability:resize @without:process-local
    Scenario: A process killed after it resized a layer leaves it so long
      Given a layer of 1 MiB
      When it is closed
      And another process opens it
      And the other process resizes it to 2 MiB
      And the other process is killed
      And it is opened for reading only
      Then it reads as it was written

  @rule:killed-process-leaves-a-prefix
  Rule: What a store that promises a prefix holds after a crash is what its first writes made of it

    However many of the last ones are lost: each write of up to 32 KiB is there whole, and none without all that came
    before it. So a guest's file system, which believes in the order of what it wrote, finds itself as after a loss of
    power.

    @capability:prefix-consistent @without:process-local
    Scenario: A process is killed after writes that it hasn't flushed
      Given a host that will be killed
      And the host has had a layer of 256 KiB for long
      When the host writes 512 B at 4 KiB
      And the host writes 32 KiB at 64 KiB
      And the host writes 1536 B at 80 KiB
      And the host is killed
      Then what is left of the layer is a prefix of what the host has written

    @capability:prefix-consistent @without:process-local @model
    Scenario: A process is killed at some moment of its writes
      Given hosts that are killed at some moment of their writes
      Then what is left of each layer is a prefix of what its host has written
