Feature: A first move, as the README tells it
  A person starts a server, creates a disk, attaches a client and moves the disk while the client goes on, with the
  command line or over HTTP. Both say the same words.

  Rule: The command line

    Scenario: A disk is created and tells how it is reached
      Given a server
      When a person runs `pagurus disks create web --size 16MiB --datastore fast --json`
      Then it ends with exit code 0
      And it prints {"name":"web","sizeBytes":16777216,"datastore":"fast","epoch":1}
      And it prints the fields "id", "name", "sizeBytes", "datastore", "epoch" and "exports"
      And a client reaches the disk at the printed address

    Scenario: A move that is waited for prints the finished job
      Given a server
      And the server's disk "web" of 8 MiB in "fast", used by a client
      When a person runs `pagurus migrations start --disk web --to archive --strategy dirty-block --max-pause 20s --max-bytes-per-second 100MiB --wait --json`
      Then it ends with exit code 0
      And it prints {"state":"succeeded","outcome":{"code":"ok"},"input":{"disks":["web"],"to":"archive"},"verification":{"equal":true}}
      And it prints the fields "id", "state", "outcome", "rounds", "bytesCopied", "pauseMs" and "verification"
      And the client finds everything it wrote to "web", now in "archive" with epoch 2

    Scenario: A move that fails says why, and the disk is where it was
      Given a server
      And the server's disk "web" of 8 MiB in "fast", used by a client
      And the folder of "archive" is taken away
      When a person runs `pagurus migrations start --disk web --to archive --wait --json`
      Then it ends with exit code 1
      And it prints {"state":"failed","outcome":{"code":"datastore-unavailable"},"report":{"rootCode":"datastore-unavailable"}}
      And the failed move of "web" is told in one report, and the client finds everything in "fast"

    Scenario Outline: <what> ends with its own exit code
      Given a server
      And the server's disk "web" of 1 MiB in "fast", used by a client
      When a person runs `pagurus <command>`
      Then it ends with exit code <code>
      And it says in one sentence "<sentence>"

      Examples:
        | what                | command                                  | code | sentence                                                                                                                              |
        | A bad size          | disks create db --size 10q               | 2    | 10q is not a size: q is not a unit; write bytes, or a number with a unit, such as `512`, `1.5MiB`, `20GiB` or `10MB`.                 |
        | An unknown disk     | disks show nope                          | 3    | There is no disk named nope; see `pagurus disks list`.                                                                                |
        | A move to nowhere   | migrations start --disk web --to moon    | 3    | There is no datastore named moon; there is fast, archive; see `pagurus datastores list`.                                              |
        | A move to itself    | migrations start --disk web --to fast    | 4    | The disk web is in the datastore fast already; choose another datastore.                                                              |
        | A disk in use       | disks remove web                         | 4    | disks.remove failed because the disk web is in use: a client is attached; wait for it or end it, then try again.                      |

    Scenario: Without a server it says how to start one
      When a person runs `pagurus disks list`
      Then it ends with exit code 5
      And it says in one sentence "No server is running for FOLDER/data; start one with `pagurus serve --data FOLDER/data`."

  Rule: HTTP

    Scenario: The same move with the same words
      Given a server
      And the server's disk "web" of 8 MiB in "fast", used by a client
      When a script posts {"disks":["web"],"to":"archive","maxPauseMs":20000} to /v1/migrations and follows its Location
      Then the script has read {"state":"succeeded","outcome":{"code":"ok"},"input":{"disks":["web"],"to":"archive"},"verification":{"equal":true}}
      And the client finds everything it wrote to "web", now in "archive" with epoch 2
