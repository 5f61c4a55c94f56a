Feature: Only those who are meant to reach the server
  The server makes one token at its first start. Its file is its owner's alone, and nothing else keeps it.

  Rule: A call needs the token

    Scenario Outline: Nothing is told to somebody <who>, at an edge before <engine>
      Given an edge before <engine>
      When somebody <who> asks GET /v1/disks
      Then it is refused 401 as <code>
      And the refusal says "`token`"

      Examples:
        | who                         | code          | engine          |
        | without a token             | token-missing | the engine      |
        | without a token             | token-missing | a remote engine |
        | with another server's token | token-invalid | the engine      |
        | with another server's token | token-invalid | a remote engine |

    Scenario: Whether a disk exists is told to nobody without a token
      When somebody without a token asks GET /v1/disks/nope
      Then it is refused 401 as token-missing

    Scenario: How to authenticate is told in the header
      When somebody without a token asks GET /v1/disks
      Then it is answered 401 with the header 'WWW-Authenticate: Bearer realm="pagurus"'

  Rule: The token is the owner's alone

    Scenario: Its file can be read by the owner only, and the catalog has no copy of it
      Given a disk "web" of 1 MiB
      Then only the owner of the server can read its token
      And the token is nowhere else in the data directory

    Scenario: It stays the same over a restart
      When a caller asks GET /v1/disks
      And the server is stopped and started again
      And the call is repeated
      Then it is answered 200

  Rule: Pages in a browser reach only what they are meant to

    Scenario: A name that somebody else made point here is refused
      When a caller asks GET /v1/disks with the header "Host: rebound.example"
      Then it is refused 421 as host-refused

    Scenario: A page of another site is refused before anything is done
      When a caller asks DELETE /v1/disks/web with the header "Origin: https://elsewhere.example"
      Then it is refused 403 as origin-refused

    Scenario Outline: This machine's own name <host> is answered
      When a caller asks GET /v1/disks with the header "Host: <host>"
      Then it is answered 200

      Examples:
        | host           |
        | localhost:7040 |
        | 127.0.0.1:7040 |
        | [::1]:7040     |
