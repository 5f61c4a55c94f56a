@disk-export
Feature: Clients share a disk, come and go, and harm nobody but themselves
  A guest's host crashes in the middle of a write, a backup reads beside it, somebody's port scanner sends garbage. None
  of it may change a byte that nobody wrote, keep a disk busy for ever, or be felt by another client. Worst of all is
  the write of a dead client that lands after its successor has repeated it: silent corruption, of the kind that no
  checksum in the guest explains.

  @rule:clients-see-each-others-writes @capability:writable @capability:many-clients
  Rule: What one client was answered to have written the others read

    Scenario: Read, written by another, read again
      Given an exported disk of 1 MiB
      When 2 clients connect
      Then client 1 reads 4 KiB at 8 KiB as the exported disk holds them
      When client 2 writes 4 KiB at 8 KiB
      Then client 1 reads 4 KiB at 8 KiB as the exported disk holds them

  @rule:one-client-at-a-time @without:many-clients
  Rule: Where one client is all that a disk can have, a second one is turned away

    Scenario: A second client
      Given an exported disk of 1 MiB
      When a client connects
      Then another client is turned away
      And the client reads 4 KiB at 8 KiB as the exported disk holds them

  @rule:gone-clients-are-let-go
  Rule: A client that is gone has its connection to the disk closed
    The disk counts them: one that is left open keeps the disk from being detached, and its requests alive.

    Scenario Outline: Going
      Given an exported disk of 1 MiB
      When a client connects
      And the client <goes>
      Then the exported disk has had 1 connection and has none

      Examples:
        | goes                              |
        | leaves                            |
        | vanishes with half a write behind |

  @rule:half-a-write-changes-nothing @capability:writable
  Rule: A write that has not arrived whole changes nothing

    Scenario Outline: Vanishing in the middle of a write
      Given an exported disk of 1 MiB
      When a client connects
      And the client sends half a write of <length> at 0 B and vanishes
      Then the exported disk holds what was written

      Examples:
        | length  |
        | 8 KiB   |
        | 512 KiB |

  @rule:requests-of-the-dead-never-start @capability:writable
  Rule: A held request whose client is gone never starts
    The disk asks for each before it starts what it held, and the answer must come from the kernel: in that moment the
    event loop has not yet heard of the client's end.

    Scenario: Vanishing at the moment in which the disk goes on
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk holds its requests
      And the client sends 4 writes of 4 KiB, side by side
      And the client vanishes as the exported disk goes on
      Then none of the client's requests has started

  @rule:old-writes-never-land-on-newer-ones @capability:writable @capability:many-clients
  Rule: What a client left behind never lands on what its successor wrote

    Scenario: More writes than are taken at once, and a successor that repeats them
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over writes
      And the client sends 1200 writes of 512 B, side by side
      And the client vanishes
      And a client connects
      And the client sends 1 write of 600 KiB, side by side
      And the exported disk catches up
      Then the last client's requests are done
      And the first client's connection has ended
      And the exported disk holds what was written

  @rule:garbage-harms-nobody @capability:many-clients
  Rule: A client that talks nonsense harms nobody else

    Scenario Outline: Nonsense
      Given an exported disk of 1 MiB
      When a client connects
      And somebody sends <nonsense>
      Then the client reads 4 KiB at 8 KiB as the exported disk holds them

      Examples:
        | nonsense                        |
        | garbage instead of a greeting   |
        | garbage instead of a request    |
        | the head of a write without end |

  @rule:who-takes-no-answers-is-not-served-on @capability:many-clients
  Rule: A client that asks and takes no answers is not served for ever
    What it has asked for waits in the export's memory, which all disks share.

    Scenario: 128 MiB asked for, and nothing taken
      Given an exported disk of 1 MiB
      When a client asks for 128 MiB and takes no answers
      Then at most 64 MiB were read from the exported disk
