@disk-export
Feature: An export lets go of a disk
  Disks are detached, removed and served anew while the server runs on for years. What is left of each, a socket file, a
  descriptor, a client that nobody answers, adds up until the server can't open another.

  @rule:what-is-under-way-is-answered-first @capability:writable
  Rule: Requests under way are answered before their connection ends

    Scenario: Closing while the disk works
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over writes
      And the client sends 8 writes of 4 KiB, side by side
      And the export is closed while the exported disk catches up
      Then every request is done

  @rule:a-closed-export-leaves-nothing
  Rule: A closed export leaves neither files nor descriptors, and nobody can connect

    Scenario: What is left
      Given an exported disk of 1 MiB that has come and gone
      When an exported disk is let go with a client on it
      Then there are as many files and descriptors as before
      And nobody can connect any more

  @rule:a-disk-is-exported-again
  Rule: A disk that was let go can be exported again

    Scenario: Gone and back
      Given an exported disk of 1 MiB
      When the export is closed
      And the exported disk is exported again
      And a client connects
      Then the client reads 4 KiB at 8 KiB as the exported disk holds them
