@disk-export
Feature: A client finds its disk, and sees what the disk holds
  An export is the door by which a guest reaches its disk. It is handed a disk (`ExportedDisk`), answers with the
  addresses at which clients find it, and turns what they ask into calls of the disk's connections. A guest trusts it
  as it trusts a cable: a byte that lands elsewhere, a size that isn't so or a hole where there is data are a broken
  file system, found months later.

  In these features the disks are the kit's own: they remember what they were asked, wait when they are told to, and
  lose what was not flushed. The clients are the kit's, too. A client is one connection; it can read, write, zero, flush
  and hang up, has many requests under way, gets each answer as done or as an error, repeats nothing and keeps nothing
  back. Which client is taken is decided by the scheme of the address: the kit has one for NBD (`nbd:`, `nbd+unix:`).
  Where it has none for any of an export's addresses, the scenarios are reported as not run.

  @rule:disks-are-found-by-name
  Rule: A client that asks what there is finds the disk by its name, and nothing else

    Scenario: Asking what there is
      Given an exported disk of 1 MiB
      When a client asks what there is
      Then it finds the exported disk and nothing else

  @rule:other-names-are-refused
  Rule: A client that asks for a disk that isn't there gets none, and not another one

    Scenario: Asking for what isn't there
      Given an exported disk of 1 MiB
      Then a client that asks for "nothing" is refused

  @rule:sizes-are-told-truly
  Rule: The size and the block sizes that a client is told are the disk's

    Scenario Outline: Being told sizes
      Given an exported disk of <size> in blocks of <minimum>, better <preferred>, at most <maximum>
      When a client connects
      Then the client is told of <size>
      And the client is told of blocks of <minimum>, better <preferred>, at most <maximum>

      Examples:
        | size      | minimum | preferred | maximum |
        | 1 MiB     | 512 B   | 4 KiB     | 32 MiB  |
        | 1049088 B | 512 B   | 64 KiB    | 1 MiB   |
        | 8 GiB     | 4 KiB   | 4 KiB     | 4 MiB   |

  @rule:reads-are-true
  Rule: A client reads the bytes that the disk holds there

    Scenario Outline: Reading from all over a disk
      Given an exported disk of <size>
      And <length> of "boot" on it at <offset>
      When a client connects
      Then the client reads <length> at <offset> as the exported disk holds them

      Examples:
        | size      | length | offset    |
        | 1 MiB     | 512 B  | 512 B     |
        | 1 MiB     | 12 KiB | 2560 B    |
        | 1 MiB     | 1 MiB  | 0 B       |
        | 1049088 B | 1 KiB  | 1048064 B |
        | 8 GiB     | 4 KiB  | 5 GiB     |

  @rule:writes-land-where-they-belong @capability:writable
  Rule: What a client writes is on the disk, there and nowhere else

    Scenario Outline: Writing all over a disk
      Given an exported disk of <size>
      When a client connects
      And the client writes <length> at <offset>
      Then the exported disk holds what was written

      Examples:
        | size      | length | offset    |
        | 1 MiB     | 512 B  | 512 B     |
        | 1 MiB     | 12 KiB | 2560 B    |
        | 1 MiB     | 1 MiB  | 0 B       |
        | 1049088 B | 1 KiB  | 1048064 B |
        | 8 GiB     | 4 KiB  | 5 GiB     |

  @rule:zeroes-keep-to-their-range @capability:writable
  Rule: What a client zeroes reads as zeroes, and nothing beside it

    Scenario Outline: Zeroing in the middle of data
      Given an exported disk of 1 MiB
      And 128 KiB of "boot" on it at 0 B
      When a client connects
      And the client zeroes <length> at <offset>
      Then the exported disk holds what was written

      Examples:
        | length | offset |
        | 512 B  | 512 B  |
        | 8 KiB  | 4 KiB  |
        | 12 KiB | 2560 B |

  @rule:neighbours-are-left-alone @capability:writable
  Rule: Writes side by side do not undo each other

    Scenario: Sectors of one block, written at once
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over reads and writes
      And the client sends 8 writes of 512 B, side by side
      And the exported disk catches up
      Then every request is done
      And the exported disk holds what was written

  @rule:disks-are-kept-apart @capability:writable
  Rule: What is done to one disk is not seen on another

    Scenario: Two disks at one export
      Given an exported disk of 1 MiB
      And another exported disk of 1 MiB
      When each exported disk gets a client
      And each client writes 4 KiB of its own at 64 KiB
      Then each client reads 4 KiB at 64 KiB as its disk holds them

  @rule:holes-are-told-truly @capability:writable
  Rule: A client is never told of a hole where there is data
    A copy skips what it takes for holes: data called a hole is data lost. The other way round costs only time. An
    export whose clients can't ask is not asked.

    Scenario: Data where a hole was
      Given an exported disk of 1 MiB
      When a client connects that can ask for holes
      Then the client is told of a hole at 64 KiB, and of none where there is data
      When the client writes 4 KiB at 64 KiB
      Then the client is told of no hole where there is data

  @rule:fast-zeroes-are-fast-or-refused @capability:writable
  Rule: Zeroes that must be fast are fast, or refused with nothing changed
    A copy asks for them to clear a whole disk in one stroke; where that takes as long as writing, it has other work to
    do first.

    Scenario: A disk that has no fast zeroes
      Given an exported disk of 1 MiB
      And the exported disk can't zero fast
      When a client connects that can ask for fast zeroes
      Then the client's fast zero of 8 KiB at 8 KiB is refused as "ENOTSUP"
      And the exported disk holds what was written

  @rule:what-is-left-to-move-is-told
  Rule: A client that asks what a move has still to copy is told that
    Only some protocols let it ask.

    Scenario: A disk on the move
      Given an exported disk of 1 MiB
      And a move that has still to copy 64 KiB of it at 128 KiB
      When a client connects that can ask what is dirty
      Then the client is told that 64 KiB at 128 KiB are dirty, and nothing else

  @rule:what-was-told-stays-true @capability:writable
  Rule: What a client was told of its disk stays true while it is connected
    A guest that was told of 1 MiB has laid out its file system for 1 MiB. Later clients see how the disk is then.

    Scenario: A disk that grows under its client
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk grows to 2 MiB
      Then the client's write of 512 B at 1 MiB is refused as "ENOSPC or EINVAL"
      And the client reads 4 KiB at 8 KiB as the exported disk holds them

  @rule:any-mix-of-requests-is-served @capability:writable @model
  Rule: Whatever clients ask, in whatever mix, the disk is what an array of bytes would be

    Scenario: Random requests to a disk that takes its time now and then
      Given an exported disk of 1 MiB
      When 400 random requests are sent by as many clients as may come
      Then the exported disk holds what was written
