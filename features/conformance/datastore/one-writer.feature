@datastore
Feature: A layer has one writer
  Two writers of one disk destroy it, each by what it doesn't know of the other: whoever wants to write to a layer
  that somebody writes to must be refused, wherever they are, until that one has closed it or died. Where this is
  broken, a user who starts a machine twice, or moves it while its old host still lives, loses the whole disk.

  @rule:second-writer-is-refused
  Rule: A second writer is refused, and the first goes on

    Scenario: A second writer is refused and the first goes on
      Given a layer of 1 MiB
      When 4 KiB of "first" are written at 0 B
      And it is flushed
      Then opening it is refused as layer-in-use
      When 4 KiB of "again" are written at 0 B
      Then it reads as it was written

  @rule:one-writer-gets-in
  Rule: Of several writers who come at once one is let in

    Scenario: Four writers come in the same instant
      Given a layer of 1 MiB
      When it is closed
      Then of 4 who open it in the same instant one is let in and the others are refused as layer-in-use

  @rule:second-instance-is-refused
  Rule: A writer in another instance is refused

    Disk threads hold an instance each.

    @without:process-local
    Scenario: A writer in another instance is refused
      Given a layer of 1 MiB
      Then opening it from another instance is refused as layer-in-use

  @rule:second-process-is-refused @spawn
  Rule: A writer in another process is refused

    @capability:exclusive-open @without:process-local
    Scenario: A writer in another process is refused
      Given a layer of 1 MiB
      Then another process is refused it as layer-in-use
      When it is closed
      And another process opens it
      Then opening it is refused as layer-in-use

  @rule:dead-writer-lets-go @spawn
  Rule: A layer is free again once its writer has died

    @without:process-local
    Scenario: A layer is free again once its writer has died
      Given a layer of 1 MiB
      When it is closed
      And another process opens it
      And the other process is killed
      And it is opened again
      Then it reads as it was written
