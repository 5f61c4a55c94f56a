Feature: What happens to one disk doesn't happen to the others
  Disks share a server and its threads, and nothing else: storage that hangs, and be it many disks', is theirs alone.

  Scenario: Flushes that hang hold up no other disk's flush
    Given a server whose datastore "stuck" is on storage that hangs
    And the server's disk "web" of 1 MiB in "fast", used by a client
    When 8 disks in "stuck" are written to, and hang in their flushes
    Then 100 writes and flushes of "web" are answered
    When the storage answers again
    Then 100 writes and flushes of "web" are answered
