@catalog
Feature: A catalog's transactions don't meet
  A server does many things at once, and each decides by what it finds in the catalog: whether a disk is free to be
  moved, whether an owner is still the one that was looked at. A transaction that sees half of another one, or what
  another is about to change, lets two jobs have one disk, and each of them then removes what it believes to be its own.

  A catalog may let transactions wait for each other or refuse one of them, which is then tried again. It may not let
  them come out as they never could one after the other.

  The accounts are rows of a table that the kit makes, through the catalog's dialect: “a 100” has the balance 100.

  @rule:one-instance-is-serialisable
  Rule: Transactions of one server come out as if one had run after the other

    Scenario Outline: Two transactions of one instance at once
      Given the catalog has the accounts "a 100, b 50"
      When two transactions of one instance of the catalog run at once, as in <anomaly>
      Then the catalog shows no <anomaly>

      Examples:
        | anomaly     | in which                                                                      |
        | lost update | both add to one account, and one of the two amounts is gone                   |
        | write skew  | each empties one account, if the other one is full; then both are empty       |
        | swap        | each makes one balance what the other one is, and the two have changed places |
        | phantom     | each adds an account, if there are only two; then there are four              |

  @rule:two-instances-are-serialisable @capability:durable
  Rule: Transactions of two servers come out as if one had run after the other

    Scenario Outline: Two transactions of two instances at once
      Given the catalog has the accounts "a 100, b 50"
      When two transactions of two instances of the catalog run at once, as in <anomaly>
      Then the catalog shows no <anomaly>

      Examples:
        | anomaly     | in which                                                                      |
        | lost update | both add to one account, and one of the two amounts is gone                   |
        | write skew  | each empties one account, if the other one is full; then both are empty       |
        | swap        | each makes one balance what the other one is, and the two have changed places |
        | phantom     | each adds an account, if there are only two; then there are four              |

    @model
    Scenario: Random transfers keep the sum
      Given the catalog has the accounts "a 100, b 100, c 100, d 100"
      Then 60 random transfers between the catalog's accounts, by two instances, keep their sum at 400

  @rule:uncommitted-stays-unseen
  Rule: What isn't committed is seen by nobody else

    Scenario: A row is looked for beside the transaction that has it for a while
      Given the catalog has the accounts "a 100"
      When the catalog's accounts are read while a transaction has "ghost", which it removes again
      Then nobody has seen "ghost" in the catalog

  @rule:a-transaction-sees-one-moment @capability:durable
  Rule: A transaction sees the catalog as it is at one moment

    Scenario: An amount moves between two accounts while a transaction reads both
      Given the catalog has the accounts "a 100, b 100"
      When a transaction of the catalog reads "a", another instance moves 10 from "a" to "b", and it reads "b"
      Then the transaction of the catalog has found 200 altogether

  @rule:later-sees-earlier @capability:durable
  Rule: Whoever looks later sees what had resolved

    Scenario: Another server has written between two readings
      Given the catalog has the accounts "a 100"
      Then the catalog's accounts are "a 100"
      When another instance of the catalog adds the account "b"
      Then the catalog's accounts are "a 100, b 1"
