@needs:guest
Feature: A real guest keeps its files through whatever happens to its disk
  A virtual machine with Linux for its kernel has an ext4 on a disk of ours. It writes files, overwrites, renames and
  removes some, flushes most, discards what is free, reads others back from the disk, and tells each checksum once it
  is sure of it. An I/O error in its kernel, a file that is not as it was written and one that is missing all fail
  the scenario.

  Rule: It doesn't notice that its disk moves

    Scenario: Its disk is moved there and back ten times
      Given a server
      And a guest that writes files to "web", a disk of 256 MiB
      When "web" is moved to "archive" and back 10 times, and each time the guest goes on
      And the guest stops writing, reads all its files and is shut down
      Then the guest has seen no error, and found every file as it wrote it
      And QEMU alone, without us, starts the guest on the file of "web", and it finds the same
      And the file system of "web" is clean

  Rule: It waits for a server that has ended, and goes on

    Scenario Outline: The server is <ended>
      Given a server
      And a guest that writes files to "web", a disk of 256 MiB
      When the server is <ended>
      And the guest goes on
      And the guest stops writing, reads all its files and is shut down
      Then the guest has seen no error, and found every file as it wrote it
      And the file system of "web" is clean

      Examples:
        | ended                    |
        | started again            |
        | killed and started again |

    Scenario Outline: The server is <ended> in the middle of a move
      Given a server
      And a guest that writes files to "web", a disk of 256 MiB
      When a move of "web" to "archive" is in its middle
      And the server is <ended>
      Then the server tells that the move was interrupted, and its report names <cause>
      When the server's "web" is moved to "archive"
      And the guest goes on
      And the guest stops writing, reads all its files and is shut down
      Then the guest has seen no error, and found every file as it wrote it
      And the file system of "web" is clean

      Examples:
        | ended                    | cause           |
        | started again            | server-stopping |
        | killed and started again | interrupted     |

    Scenario: The guest is killed with it
      Given a server
      And a guest that writes files to "web", a disk of 256 MiB
      When a move of "web" to "archive" is in its middle
      And the guest and the server are killed, and the server is started again
      Then the server tells that the move was interrupted, and its report names interrupted
      When the guest is started again to read what it had flushed
      Then the guest has seen no error, and found every file that it had flushed
      And the file system of "web" is clean

  @disk-threads
  Rule: It waits for a disk whose thread has died, and goes on

    Scenario: The thread dies
      Given a guest that writes files to "web", a disk of 256 MiB
      When the first disk thread dies
      And the guest goes on
      And the guest stops writing, reads all its files and is shut down
      Then the guest has seen no error, and found every file as it wrote it
      And the file system of "web" is clean

    Scenario: The thread dies in the middle of a move
      Given a guest that writes files to "web", a disk of 256 MiB
      When a move of "web" to "archive" is in its middle
      And the first disk thread dies
      Then the move has failed as interrupted, and its report names disk-thread-lost
      When "web" is moved to "archive"
      And the guest goes on
      Then the move has succeeded
      When the guest stops writing, reads all its files and is shut down
      Then the guest has seen no error, and found every file as it wrote it
      And the file system of "web" is clean
