@disk-export
Feature: An export lets a guest reach a disk
  A client sees the disk that it was given the address of, and nothing else: what it writes reaches the disk, what
  the disk refuses it is told, and whatever it does wrong harms nobody but itself.

  Rule: A client uses the disk

    Scenario: A client finds the disk as it is
      Given an exported disk of 1 MiB
      When a client connects
      Then the client sees 1 MiB
      And the client reads what the disk holds

    Scenario Outline: <length> at <offset> of <size> arrive where they belong
      Given an exported disk of <size>
      When a client connects
      And the client writes <length> at <offset>
      Then the disk holds what was written
      And the client reads what the disk holds

      Examples:
        | size      | length | offset    |
        | 1 MiB     | 512 B  | 512 B     |
        | 1 MiB     | 12 KiB | 2560 B    |
        | 1 MiB     | 1 MiB  | 0 B       |
        | 1049088 B | 1 KiB  | 1048064 B |
        | 8 GiB     | 4 KiB  | 5 GiB     |

    Scenario: A flush is answered after the disk has flushed
      Given an exported disk of 1 MiB
      When a client connects
      And the client writes 4 KiB at 0 B
      And the client flushes
      Then the disk was flushed after its last write

    Scenario: A zeroed range reads as zeroes
      Given an exported disk of 1 MiB
      When a client connects
      And the client writes 64 KiB at 0 B
      And the client zeroes 8 KiB at 4 KiB
      Then the disk holds what was written
      And the client reads what the disk holds

    Scenario: Clients side by side see one disk
      Given an exported disk of 1 MiB
      When 3 clients connect
      And each client writes its part
      Then the disk holds what was written
      And each client reads what the disk holds

    Scenario: Disks side by side are kept apart
      Given an exported disk of 1 MiB
      And another exported disk of 2 MiB
      When a client connects
      And the client writes 1 MiB at 1 MiB
      Then each disk holds what was written

  Rule: The disk sets the pace

    Scenario: Many requests at once are all answered, each with its own
      Given an exported disk of 1 MiB
      When a client connects
      And the client sends 128 writes of 4 KiB at once
      Then the disk holds what was written
      And the client reads what the disk holds

    Scenario: Requests to a disk that waits are answered when it goes on
      Given an exported disk of 1 MiB
      When a client connects
      And the disk waits
      And 8 writes of 4 KiB arrive at the disk
      Then no write is answered
      When the disk goes on
      Then every write is answered
      And the disk holds what was written

  Rule: What the disk refuses the client is told

    Scenario Outline: <code>
      Given an exported disk of 1 MiB
      When a client connects
      And the disk refuses its next <request> as <code>
      Then the client's <request> fails with <error>
      And the client reads what the disk holds

      Examples:
        | code            | request | error   |
        | no-space        | write   | ENOSPC  |
        | layer-io-failed | write   | EIO     |
        | layer-io-failed | read    | EIO     |
        | layer-io-failed | zero    | EIO     |
        | layer-failed    | flush   | EIO     |

    Scenario: A request beyond the end is refused and the connection goes on
      Given an exported disk of 1 MiB
      When a client connects
      Then a write beyond the end fails with ENOSPC or EINVAL
      And a read beyond the end fails with EINVAL
      And the client reads what the disk holds

  Rule: What a client was told of the disk stays true

    Scenario: A disk grows, and an attached client keeps its size
      Given an exported disk of 1 MiB
      When a client connects
      And the disk grows to 2 MiB
      Then a write beyond the end fails with ENOSPC or EINVAL
      And a read beyond the end fails with EINVAL
      When a client connects
      Then the client sees 2 MiB
      When the client writes 4 KiB at 1 MiB
      Then the disk holds what was written

    Scenario: A client of the shared address keeps its size too
      Given an exported disk of 1 MiB
      When a client connects to the shared address
      And the disk grows to 2 MiB
      Then a write beyond the end fails with ENOSPC or EINVAL
      And a read beyond the end fails with EINVAL

  Rule: Clients come and go

    Scenario: A client that leaves is let go
      Given an exported disk of 1 MiB
      When a client connects
      And the client leaves
      Then the disk has 0 connections

    Scenario: A client that vanishes is let go
      Given an exported disk of 1 MiB
      When a client connects
      And the client vanishes
      Then the disk has 0 connections
      When a client connects
      Then the client reads what the disk holds

    Scenario: A client that vanishes while its requests wait is known to be gone
      Given an exported disk of 1 MiB
      When a client connects
      And the disk waits
      And 4 writes of 4 KiB arrive at the disk
      And the client vanishes
      Then its connection is known to be dead
      When the disk goes on
      Then the disk has 0 connections

    Scenario: A client that vanishes in the middle of a write changes nothing
      Given an exported disk of 1 MiB
      When a client connects
      And the client vanishes in the middle of a write
      Then the disk has 0 connections
      And the disk holds what was written

    Scenario: Garbage instead of a handshake harms nobody
      Given an exported disk of 1 MiB
      When somebody sends 64 KiB of garbage
      Then the disk has 0 connections
      When a client connects
      Then the client reads what the disk holds

    Scenario: A disk that isn't there can't be reached
      Given an exported disk of 1 MiB
      Then a client that asks for "nothing" is refused

  Rule: An export ends

    Scenario: Requests under way are answered before the end
      Given an exported disk of 1 MiB
      When a client connects
      And the disk waits
      And 8 writes of 4 KiB arrive at the disk
      And the export is closed while the disk goes on
      Then every write is answered
      And nobody can connect any more
      And the disk has 0 connections

    Scenario: A disk is exported again
      Given an exported disk of 1 MiB
      When the export is closed
      And the disk is exported again
      And a client connects
      Then the client reads what the disk holds

  Rule: A shared address leads to every disk

    Scenario: A client of the shared address is handed to its disk
      Given an exported disk of 1 MiB
      And another exported disk of 2 MiB
      When a client connects to the shared address
      And the client writes 4 KiB at 0 B
      Then each disk holds what was written
