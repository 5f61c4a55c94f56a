@catalog
Feature: A catalog's transactions happen whole or not at all, and stay
  The catalog is where a server keeps what it must never forget: which copy of a disk is the true one, and how far each
  job has come. It writes that in transactions, and goes on as soon as one has resolved. Where a transaction is torn, or
  gone although it had resolved, a server that starts again lets a guest onto a copy that is not its disk any more, and
  what the guest had written since is lost.

  Each scenario needs a catalog that nobody has used: `{tmp}` in the configuration stands for a fresh folder. The
  accounts are rows of a table that the kit makes there, through the catalog's dialect: “a 100” has the balance 100.

  @rule:failed-work-leaves-nothing
  Rule: A transaction whose work fails leaves nothing behind

    Scenario: Work that fails after it has written
      Given the catalog has the accounts "a 100, b 100"
      When a transaction of the catalog adds the account "c" and then its work fails
      And a transaction of the catalog adds the account "d"
      Then the catalog's accounts are "a 100, b 100, d 1"
      And the catalog's accounts are "a 100, b 100, d 1" to whoever opens it next

  @rule:killed-work-is-whole-or-nothing @spawn @capability:durable
  Rule: A transaction whose process dies is there whole or not at all

    Scenario: A process that is killed at the moments of a transaction
      Given the catalog has no accounts
      Then a transaction killed at any of its moments is in the catalog whole or not at all

    @model
    Scenario: A process that is killed while it writes
      Given the catalog has no accounts
      Then a process that keeps adding pairs to the catalog loses none that it told of, killed at any time

  @rule:resolved-survives-a-kill @spawn @capability:durable
  Rule: What has resolved survives the death of its process

    Scenario: A process that is killed in the turn in which its transaction resolves
      Given the catalog has no accounts
      Then 3 transactions of the catalog are all there when their process is killed as the last one resolves

  @rule:resolved-survives-a-power-cut @spawn @capability:durable
  Rule: What has resolved survives a power cut

    From a trace of what its process does to files follows what a power cut at a moment could leave. Each such state is
    made in a folder of its own and opened there. Where nothing can be traced, the verdict is "durability: not proven".

    @model
    Scenario: The power fails while a catalog is made and written to
      Then whatever a power cut can leave of the catalog has all that had resolved, and of nothing else a half

  @rule:constraints-hold
  Rule: What the tables forbid is refused

    Scenario: Rows that no table may hold
      Given the catalog has the accounts "a 100"
      Then the catalog refuses what its tables forbid:
        | a second row with the same key         |
        | a second row with the same unique text |
        | a row without what must be there       |
        | a row that refers to none              |

  @rule:values-come-back
  Rule: A value comes back as it went in

    Scenario: Sizes, and texts that people gave
      Given the catalog has no accounts
      Then each value that the catalog is given comes back from it as it was

  @rule:changes-are-counted
  Rule: A statement tells how many rows it has changed

    Scenario: A statement that fits no row, and one that fits two
      Given the catalog has the accounts "a 1, b 1, c 2"
      Then the catalog says how many rows a statement has changed
