@datastore @spawn
Feature: A layer is taken over from a host that nobody hears of any more
  A host that doesn't answer may be dead, or cut off and alive, and nobody can tell. A store that several hosts reach and
  that promises `fences-writers` lets another one go on with the layer, and keeps the former away from it, whatever it
  still believes. Where this is broken, a user who starts a machine elsewhere has two writers on one disk, and loses it;
  or the former goes on for hours, tells its guest that all is well, and none of that is ever found.

  Here another process is another host: it has a folder of its own in the place of `{tmp}`. Where the store keeps the
  writers of one host apart by other means, `--other-host` says what is configured otherwise on another one, such as
  another name of the same server.

  @rule:taken-over-layer-is-whole
  Rule: Who takes a layer over finds what was flushed

    @capability:fences-writers @without:process-local
    Scenario: Another host takes over what was flushed
      Given a layer of 1 MiB
      And 64 KiB of "flushed" are written at 4 KiB
      And it is flushed
      When another host opens it
      And the other host closes it
      And it is closed and opened for reading only
      Then it reads as it was written

  @rule:fenced-writer-is-told
  Rule: The former writer is refused every flush

    @capability:fences-writers @without:process-local
    Scenario: A layer is flushed by who had it before
      Given a layer of 1 MiB
      When another host opens it
      And its former writer tries to write 64 KiB at 8 KiB
      Then its former writer is refused a flush
      And its former writer is refused a flush

  @rule:fenced-writes-are-never-read
  Rule: What the former writer writes is never read

    @capability:fences-writers @without:process-local
    Scenario: A layer is written to by who had it before
      Given a layer of 1 MiB
      When another host opens it
      And its former writer tries to write 64 KiB at 8 KiB
      And its former writer tries to flush
      And the other host closes it
      And it is closed and opened for reading only
      Then it reads as it was written

  @rule:new-writer-keeps-the-layer
  Rule: Who has taken a layer over keeps it, whatever the former writer does

    @capability:fences-writers @without:process-local
    Scenario: The new writer goes on after the former has tried to
      Given a layer of 1 MiB
      When another host opens it
      And its former writer tries to write 64 KiB at 8 KiB
      And its former writer tries to flush
      Then the other host can write 128 KiB of 7 at 0 B and flush
      When the other host closes it
      And it is closed and opened for reading only
      Then it reads as it was written
