Feature: A server is started, stopped, killed and started again
  Its data directory is all that it keeps. Whatever ends it, the next start serves the same disks at the same addresses.

  Rule: Starting and stopping

    Scenario: It says where it is, and takes the word back when it ends
      Given a server
      Then `server.json` names the URL and the process
      When the server is stopped
      Then the server has ended well
      And `server.json` is gone
      And no socket is left

    Scenario: Without a configuration everything is in its data directory
      Given a server without a configuration
      When a person runs `pagurus disks create web --size 1MiB --json`
      Then it prints {"datastore":"default","layers":[{"datastore":"default"}]}
      And a client reaches the disk at the printed address
      And only the data directory was written to

    Scenario: After a restart the same disks are at the same addresses
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When the server is started again
      And the client of "web" connects again
      Then the client finds everything it wrote to "web"
      And the disk "web" is at the same address as before

    Scenario: What a client was promised survives a kill
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When the server is killed while the client of "web" writes
      And the server is started
      And the client of "web" connects again
      Then the client finds everything it wrote to "web"
      And the disk "web" is at the same address as before

    Scenario: A second server on the same data is refused, and the first goes on
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When another server is started on the same data
      Then it ends with exit code 4
      And it says in one sentence "The catalog FOLDER/data/catalog.db is in use by another server; stop that server, or give this one another --data."
      And the client finds everything it wrote to "web"

  Rule: One TCP port serves every disk

    Scenario: Two disks are listed and reached at one port
      Given a server with "--nbd 127.0.0.1:0"
      And the server's disk "web" of 1 MiB in "fast", used by a client
      And the server's disk "db" of 2 MiB in "archive", used by a client
      Then "web" and "db" are listed and reached at one TCP port

    Scenario: A disk that moved is still reached there
      Given a server with "--nbd 127.0.0.1:0"
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When the server's "web" is moved to "archive"
      Then "web" is listed and reached at one TCP port
