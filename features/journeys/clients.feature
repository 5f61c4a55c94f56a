Feature: Clients that know nothing of us use a disk, before, during and after a move
  Whatever speaks NBD reaches a disk at the address that it tells.

  Rule: They see the disk as it is

    @needs:libnbd
    Scenario: nbdinfo is told size, block sizes and what is possible
      Given a server
      And the server's disk "web" of 8 MiB in "fast", used by a client
      Then nbdinfo of "web" tells {"export-name":"web","export-size":8388608,"block_size_minimum":512,"can_flush":true,"can_fua":true,"can_trim":true,"can_zero":true,"is_read_only":false,"contexts":["base:allocation"]}

    @needs:libnbd @needs:qemu
    Scenario: nbdinfo maps where data and where holes are
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      When qemu-io does "write -P 7 0 64k" on "web"
      Then nbdinfo maps "web" as data from its beginning for 64 KiB, and as a hole from there on
      When the server's "web" is moved to "archive"
      Then nbdinfo maps "web" as data from its beginning for 64 KiB, and as a hole from there on

    @needs:libnbd
    Scenario: nbdinfo lists all disks at the TCP port
      Given a server with "--nbd 127.0.0.1:0"
      And the server's empty disk "web" of 8 MiB in "fast"
      And the server's empty disk "db" of 3 MiB in "archive"
      Then nbdinfo lists "web" of 8 MiB and "db" of 3 MiB at one TCP port

    @needs:qemu
    Scenario: qemu-img is told the size
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      Then qemu-img is told that "web" has 8 MiB

    @needs:qemu
    Scenario: qemu-img finds where data and where holes are
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      When qemu-io does "write -P 7 0 64k" and "write -z -u 4M 64k" on "web"
      Then qemu-img finds data in "web" from 0 B on for 64 KiB, and nowhere else
      When the server's "web" is moved to "archive"
      Then qemu-img finds data in "web" from 0 B on for 64 KiB, and nowhere else

    @needs:qemu
    Scenario: Requests of every kind and size, of a real client
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      When qemu-io does "write -P 1 0 1M", "write -P 2 512 512", "write -f -P 3 1k 512", "write -z 128k 64k", "discard 256k 64k" and "flush" on "web"
      Then qemu-io finds "read -P 1 0 512", "read -P 2 512 512", "read -P 3 1k 512", "read -P 1 1536 64k", "read -P 0 128k 64k", "read -P 0 256k 64k" and "read -P 0 1M 7M" on "web"
      When the server's "web" is moved to "archive"
      Then qemu-io finds "read -P 1 0 512", "read -P 2 512 512", "read -P 3 1k 512", "read -P 1 1536 64k", "read -P 0 128k 64k", "read -P 0 256k 64k" and "read -P 0 1M 7M" on "web"

  Rule: They copy a disk in and out

    @needs:libnbd
    Scenario: nbdcopy fills a disk, and after a move gets the same out of it
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      When nbdcopy fills "web" with a file
      And the server's "web" is moved to "archive"
      Then nbdcopy gets the same file out of "web"

    @needs:libnbd @needs:qemu
    Scenario: nbdcopy copies one disk into another while it moves
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      And the server's empty disk "db" of 8 MiB in "archive"
      When qemu-img fills "web" with a qcow2 image
      And nbdcopy copies "web" to "db" while it is moved to "archive"
      Then qemu-img finds "web" and "db" equal

    @needs:qemu
    Scenario: qemu-img fills a disk with an image of its own, and finds the same after a move
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      When qemu-img fills "web" with a qcow2 image
      Then qemu-img finds the image equal to "web"
      When the server's "web" is moved to "archive"
      Then qemu-img finds the image equal to "web"

    @needs:qemu
    Scenario: qemu-img converts a disk into an image of its own, equal to it
      Given a server
      And the server's disk "web" of 8 MiB in "fast", used by a client
      When qemu-img converts "web" to qcow2
      Then qemu-img finds the image equal to "web"

  Rule: They go on through a move

    @needs:qemu
    Scenario: The moved file is what the client believes that it wrote
      Given a server
      And the server's disk "web" of 8 MiB in "fast", used by a client
      When the client of "web" writes on while it is moved to "archive" and back
      Then qemu-img finds the file of "web" in "fast" equal to what the client believes

    @needs:fio
    Scenario: fio verifies all that it wrote while the disk was moved there and back
      Given a server
      And the server's empty disk "web" of 16 MiB in "fast"
      When fio writes to "web" and verifies, while it is moved to "archive" and back as long as fio goes on
      Then fio has found no error
      And at least 2 moves have ended well while fio went on

    @needs:fio
    Scenario: fio writes and discards over four connections, and verifies
      Given a server
      And the server's empty disk "web" of 16 MiB in "fast"
      When fio writes to "web" over three connections and discards over a fourth, while it is moved to "archive" and back as long as fio goes on
      Then fio has found no error
      And at least 2 moves have ended well while fio went on

  Rule: They wait for a server that is away

    @needs:qemu
    Scenario: qemu-io's requests are answered by the next server
      Given a server
      And the server's empty disk "web" of 8 MiB in "fast"
      When the server is killed while qemu-io, which reconnects, has "web" open, and started again
      Then qemu-io finds "read -P 1 0 4k", "read -P 2 4k 8k" and "read -P 1 12k 52k" on "web"

  Rule: QEMU and we never write to one file

    @needs:qemu
    Scenario: QEMU refuses the file of a disk that we serve
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      Then qemu-io is refused the file of "web" for writing
      And the client finds everything it wrote to "web"

    @needs:qemu
    Scenario: We refuse a file that QEMU has open, and serve it again when QEMU has let go
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When the server is stopped, and started while qemu-io has the file of "web" open
      Then "web" is unavailable, and the report of layer-in-use says what to do: "close the other program"
      When qemu-io lets go of the file, and the server is started again
      Then the client of "web" finds everything it wrote
