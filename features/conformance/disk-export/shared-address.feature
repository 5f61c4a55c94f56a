@disk-export
Feature: One address for all disks
  An export may have one address for all disks, such as a TCP port (`shared-address`): one instance, in the control
  plane, listens and finds out which disk a client wants; the connected socket is then handed to the thread of that disk,
  where another instance adopts it. A client can't tell the difference, unless something goes wrong: it gets another
  guest's disk, or waits for ever for a thread that has died.

  @rule:the-shared-address-leads-to-each-disk @capability:shared-address @capability:writable
  Rule: A client of the shared address gets the disk that it asked for

    Scenario: Two disks
      Given an exported disk of 1 MiB
      And another exported disk of 1 MiB
      When each exported disk gets a client of the shared address
      And each client writes 4 KiB of its own at 64 KiB
      Then each exported disk holds what was written

  @rule:the-shared-address-knows-every-disk @capability:shared-address
  Rule: Whoever asks at the shared address what there is is told of the disks that are there now

    Scenario: A disk that came later
      Given an exported disk of 1 MiB
      And a shared address
      And another exported disk of 1 MiB
      When a client asks at the shared address what there is
      Then it finds the exported disks and nothing else

  @rule:what-was-told-holds-when-handed-over @capability:shared-address @capability:writable
  Rule: What a client was told at the shared address stays true when it is handed over

    Scenario: A disk that grows while its client is handed over
      Given an exported disk of 1 MiB
      And a shared address
      When the exported disk grows to 2 MiB as soon as a client is handed over
      And a client connects to the shared address
      Then the client's write of 512 B at 1 MiB is refused as "ENOSPC or EINVAL"

  @rule:a-failed-hand-over-ends-the-client @capability:shared-address
  Rule: A client that can't be handed over is hung up on

    Scenario: The disk is gone
      Given an exported disk of 1 MiB
      And a shared address
      When nobody can be handed over
      Then a client of the shared address is hung up on

  @rule:no-shared-address-unless-promised @without:shared-address
  Rule: An export that promises no shared address has none

    Scenario: There is no way to ask for one
      Given an exported disk of 1 MiB
      Then the export can't be asked to listen for all disks
