@disk-export
Feature: A flush means what a guest takes it for
  A guest's file system and its databases are built on one thing: after a flush is answered, what was answered before it
  is safe. An export that answers too early, or leaves out a flush that it thinks needless, is fast in every test and
  loses what the guest's users were told to be saved when the power fails. The kit's disk keeps what was flushed apart
  from what was not, and looks at what a loss of power would leave.

  @rule:a-flush-reaches-the-storage @capability:writable
  Rule: A flush is answered after the storage has flushed

    Scenario: A flush that takes its time
      Given an exported disk of 1 MiB
      When a client connects
      And the client writes 4 KiB at 0 B
      And the exported disk takes its time over flushes
      And the client sends a flush
      Then no request is answered
      When the exported disk catches up
      Then every request is done
      And what was written survives a loss of power

  @rule:a-flush-covers-what-was-answered @capability:writable
  Rule: A flush covers every write that was answered before it was sent
    Also where another flush is under way: that one may have begun before the write.

    Scenario: A flush after a flush that has not ended
      Given an exported disk of 1 MiB
      When a client connects
      And the client writes 4 KiB at 0 B
      And the exported disk takes its time over flushes
      And the client sends a flush
      And the client writes 4 KiB at 8 KiB
      And the client sends a flush
      And the exported disk catches up
      Then every request is done
      And what was written survives a loss of power

  @rule:a-flush-covers-every-client @capability:writable @capability:many-clients
  Rule: A flush covers the writes of every client
    Clients with several connections write on all of them and flush on one.

    Scenario: Written on one connection, flushed on another
      Given an exported disk of 1 MiB
      When 2 clients connect
      And client 2 flushes
      And client 1 writes 4 KiB at 0 B
      And client 2 flushes
      Then what was written survives a loss of power

  @rule:the-next-flush-covers-what-a-flush-met @capability:writable
  Rule: A write that was under way during a flush is covered by the next one

    Scenario: A write that ends while a flush is under way
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over writes and flushes
      And the client sends 1 write of 4 KiB, side by side
      And the client sends a flush
      And the exported disk catches up with its writes
      And the exported disk catches up
      Then every request is done
      When the client flushes
      Then what was written survives a loss of power

  @rule:fua-is-durable @capability:writable
  Rule: A write that must be durable is answered when it is
    Force unit access (FUA) is a write and its flush in one. An export that takes no notice of it is not found out
    before the power fails. One whose clients can't ask for it is not asked.

    Scenario: A durable write to a storage that takes its time
      Given an exported disk of 1 MiB
      When a client connects that can write durably
      And the exported disk takes its time over flushes
      And the client sends a durable write of 4 KiB at 0 B
      Then no request is answered
      When the exported disk catches up
      Then every request is done
      And what was written survives a loss of power
