@disk-export
Feature: The disk sets the pace
  A disk makes its clients wait: for slow storage, and while it moves to another home (a stun). Moving a disk under a
  running guest rests on that: requests that arrive meanwhile are late, and nothing else. One that is lost, done twice or
  answered before it was done is a guest whose disk has silently become another; an export that gathers without limit
  what it can't pass on takes the whole server down in the first long pause.

  Buffers are part of it: what a client wrote lies in the export's memory until the disk has taken it, and a read is
  filled by the disk when it can. Until the disk has answered, the buffer is the disk's.

  @rule:an-answer-means-done @capability:writable
  Rule: A write is answered when the disk has answered it, not earlier

    Scenario: Writes that are held
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk holds its requests
      And the client sends 8 writes of 4 KiB, side by side
      Then no request is answered
      When the exported disk goes on
      Then every request is done

  @rule:a-slow-request-keeps-no-other-waiting @capability:writable
  Rule: A request that takes its time keeps no other from being served

    Scenario: Reading beside a slow write
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over writes
      And the client sends 1 write of 4 KiB, side by side
      Then the client reads 4 KiB at 8 KiB as the exported disk holds them

  @rule:requests-keep-their-order @capability:writable
  Rule: A client's requests reach the disk in the order in which it sent them

    Scenario: One place, written again and again
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk holds its requests
      And the client sends 16 writes at 0 B, each 4 KiB longer than the one before
      And the exported disk goes on
      Then every request is done
      And the exported disk was written in that order

  @rule:held-requests-are-done-once @capability:writable
  Rule: A held request is done once when the disk goes on

    Scenario: A little of everything, held
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk holds its requests
      And the client sends 4 reads, 4 writes, 4 zeroes and 1 flush
      And the exported disk goes on
      Then every request is done
      And the exported disk was asked for 4 reads, 4 writes, 4 zeroes and 1 flush

  @rule:what-is-held-is-bounded @capability:writable
  Rule: An export takes no more from a client than it can hold
    A client whose disk is held goes on sending. From some point on it is not read any more, and waits.

    Scenario: As much as is taken, sent to a disk that is held
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk holds its requests
      And the client sends up to 80 MiB for as long as that is taken
      Then at most 64 MiB of it are taken
      When the exported disk goes on
      Then every request is done

  @rule:a-change-of-home-goes-unseen @capability:writable
  Rule: A disk that changes its home while it holds its clients is the same disk for them
    What was true of the former home, such as that it was full, is forgotten.

    Scenario: From a home that is full to one with space
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk's home is full
      Then the client's write of 512 B at 0 B is refused as "ENOSPC"
      When the exported disk holds its requests
      And the client sends 2 reads, 2 writes, 2 zeroes and 1 flush
      And the exported disk changes its home
      And the exported disk goes on
      Then every request is done

  @rule:answers-fit-their-requests
  Rule: Each read is answered with its own bytes, in whatever order reads end

    Scenario: Reads that end last first
      Given an exported disk of 1 MiB
      And 64 KiB of "boot" on it at 0 B
      When a client connects
      And the exported disk takes its time over reads
      And the client sends 8 reads of 4 KiB, side by side
      And the exported disk catches up, the last first
      Then each read is answered with what the exported disk holds there

  @rule:buffers-are-the-disks-until-it-answers @capability:writable
  Rule: What a client wrote stays as it is until the disk has taken it

    Scenario: Slow writes, and other traffic meanwhile
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over writes
      And the client sends 8 writes of 64 KiB, side by side
      And much else is read and written
      And the exported disk catches up
      Then every request is done
      And the exported disk holds what was written

  @rule:buffers-outlive-their-client @capability:writable
  Rule: What a client wrote stays as it is until the disk has taken it, though the client is gone

    Scenario: Slow writes of a client that vanishes
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over writes
      And the client sends 4 writes of 16 KiB, side by side
      And the client vanishes
      And much else is read and written
      And the exported disk catches up
      Then the exported disk holds what was sent
