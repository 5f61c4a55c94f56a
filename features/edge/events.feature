Feature: Whoever listens hears everything once, also after it was away
  Server-sent events with ids. An id that cannot be taken up again is told by one reset: read everything anew.

  Rule: Nothing is missed and nothing is repeated

    Scenario Outline: A subscriber that comes back hears exactly what it missed, at an edge before <engine>
      Given an edge before <engine>
      And a subscriber who has heard of the disk "web"
      When the subscriber is away while the disks "db" and "mail" are created
      Then the subscriber hears that "db" and "mail" were created
      And it has heard nothing else

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

    Scenario Outline: An id that is <what> gets one reset, then what is new
      Given a subscriber to the events
      When the disk "web" is created
      And the subscriber comes back with the id "<id>"
      And the disk "db" is created
      Then the subscriber hears that "db" was created
      And it was told first to read everything anew, once

      Examples:
        | what              | id            |
        | of another start  | 7000-1        |
        | still to come     | 1-999999      |
        | no id of ours     | nonsense      |

    Scenario: After a restart the old ids are told as such
      Given a subscriber who has heard of the disk "web"
      When the server is stopped and started again
      And the subscriber comes back
      And the disk "db" is created
      Then the subscriber hears that "db" was created
      And it was told first to read everything anew, once

    Scenario: The progress of a move is not repeated to whoever was away
      Given a disk "web" of 1 MiB
      And a subscriber who has heard of the disk "db"
      When the subscriber is away while "web" is moved to "archive"
      Then the subscriber hears job.ended
      And no progress was repeated

  Rule: Who listens chooses what to hear

    Scenario: Only what concerns one disk
      Given empty disks "web" and "db"
      And a subscriber to the events of "web"
      When the disk "db" is removed again
      And the disk "web" is removed again
      Then the subscriber hears disk.removed
      And it has heard nothing else

    Scenario: Only some types
      Given a subscriber to the events of the types "job.ended"
      And a disk "web" of 1 MiB
      When "web" is moved to "archive", to its end
      Then the subscriber hears job.ended
      And it has heard nothing else

  Rule: The stream is as well kept as every other answer

    Scenario Outline: Without a token there is no stream, at an edge before <engine>
      Given an edge before <engine>
      When somebody without a token asks GET /v1/events
      Then it is refused 401 as token-missing

      Examples:
        | engine          |
        | the engine      |
        | a remote engine |

    Scenario: It ends with the server
      Given a subscriber to the events
      When the server is stopped and started again
      Then the subscriber's stream ends
