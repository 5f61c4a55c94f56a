Feature: Clients that break the rules are told so, and harm nobody
  A guest is not trusted: its driver may be wrong, and whatever runs in it may be hostile. What it sends is answered or
  it is dropped, the server stays up, and everybody else goes on.

  Background:
    Given a server
    And the server's disk "web" of 8 MiB in "fast", used by a client
    And the server's empty disk "rough" of 64 MiB in "fast"

  Rule: What is no request of the protocol is refused, and the next one served

    @needs:python-libnbd
    Scenario: Each command takes its own flags and no others
      When a client of "rough" tries all 16 flags with every command
      Then each is answered so:
        | command      | takes                |
        | read         | FUA DF               |
        | write        | FUA                  |
        | flush        | FUA                  |
        | trim         | FUA                  |
        | zero         | FUA NO_HOLE FAST_ZERO |
        | cache        | FUA                  |
        | block status | FUA REQ_ONE          |
      And every other flag was refused with EINVAL
      And the client finds everything it wrote to "web"

    @needs:python-libnbd
    Scenario: Ranges that no disk of this size and these blocks has
      When a client of "rough" asks for ranges that it may not
      Then it is told:
        | a read past the end         | EINVAL |
        | a read across the end       | EINVAL |
        | a read at 2^62              | EINVAL |
        | a write past the end        | ENOSPC |
        | a write across the end      | ENOSPC |
        | zeroes past the end         | ENOSPC |
        | a trim past the end         | EINVAL |
        | a block status past the end | EINVAL |
        | an empty read               | EINVAL |
        | an empty write              | EINVAL |
        | half a block                | EINVAL |
        | a block at half a block     | EINVAL |
        | a read of 33 MiB            | EINVAL |
        | a write of 33 MiB           | EINVAL |
        | a read afterwards           | ok     |

    @needs:python-libnbd
    Scenario: Writes over one another are in no order, and none is torn within a sector
      When a client of "rough" has 64 writes over one another in flight
      Then it is told:
        | torn sectors | 0 |

    @needs:python-libnbd
    Scenario: Handles are the client's own, and what is no request ends the connection
      When a client of "rough" uses one handle for several requests at once, and sends what is no request
      Then it is told:
        | every one answered                         | true   |
        | an unknown command                         | EINVAL |
        | dropped after a request without its magic  | true   |
      And the client finds everything it wrote to "web"

  Rule: Who takes places, time or memory takes them from nobody else

    Scenario: Clients that never end their handshake keep nobody out
      When 300 clients of "rough" begin a handshake and never end it
      Then a new client of "rough" reads and writes
      And the client of "web" writes on and finds everything
      And the server's memory has grown by less than 128 MiB

    Scenario: A client that takes no replies stops nobody but itself
      When a client of "rough" asks for 64 GiB in all and takes no reply
      Then a new client of "rough" reads and writes
      And the client of "web" writes on and finds everything
      And the server's memory has grown by less than 128 MiB

    Scenario: Of a thousand clients as many are served as a disk may have
      When 1000 clients of "rough" come at once
      Then 64 of them are served, and the others turned away
      And the client of "web" writes on and finds everything
      And the server's memory has grown by less than 128 MiB
      When they all leave
      Then a new client of "rough" reads and writes
