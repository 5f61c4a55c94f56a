@error-sink
Feature: An error sink brings reports to where people look
  When something fails, a report says what failed, why and what to do. A sink brings it to where somebody sees it: a
  log, a file, a chat, a pager. A report that is lost without a word is a failure that nobody hears of until it has
  cost data; a sink that believes what a report's texts say lets whoever names a disk write into the log.

  The kit looks for reports in the server's log and in the files below `{tmp}`: configure a sink that sends them
  elsewhere so that they arrive there.

  @rule:report-has-arrived
  Rule: A report has arrived when its delivery has ended

    Scenario: Nothing is left for later
      When a report is delivered to the sink
      Then the sink has brought it
      When a report of a call, which has no job, is delivered to the sink
      Then the sink has brought it

  @rule:reports-alike-are-many
  Rule: Each report arrives, also where another one reads the same

    Scenario: The same thing fails ten times
      When 10 reports that read the same are delivered to the sink
      Then the sink has brought each of them

  @rule:order-is-kept
  Rule: Reports arrive in the order in which they were delivered

    Scenario: Fifty reports in a row
      When 50 reports are delivered to the sink
      Then the sink has brought them in their order

  @rule:any-report-arrives
  Rule: Whatever a report says, it arrives

    Scenario: Reports hold what nobody has thought of
      When reports with these texts are delivered to the sink:
        | half a surrogate pair        |
        | control characters           |
        | a sentence of 64 KiB         |
        | 32 causes below one another  |
        | 200 causes beside each other |
        | data named like __proto__    |
        | no disk and empty texts      |
      Then the sink has brought each of them

  @rule:nothing-is-forged
  Rule: A report can't look like another one

    Scenario: A disk's name that brings a line of its own
      When a report whose texts hold line ends and "forged" lines is delivered to the sink
      Then no line that the sink has written begins with "forged"
      And the sink has written no control character

  @rule:report-is-left-alone
  Rule: A report is read and never changed

    Scenario: What other sinks get is what the first one got
      When a report is delivered to the sink
      Then the sink has left it as it was

  @rule:loss-is-told
  Rule: A report that didn't arrive is told of

    Scenario: The place where reports go is gone
      When the place of the sink's reports is taken away
      Then the sink tells that a report didn't arrive, or brings it

  @rule:loss-ends
  Rule: A sink goes on after a loss

    Scenario: The place where reports go comes back
      When the place of the sink's reports is taken away
      And a report is delivered to the sink in vain
      And the place of the sink's reports is put back
      And a report is delivered to the sink
      Then the sink has brought it

  @rule:stopped-sink-tells
  Rule: A sink that was stopped loses nothing silently

    Scenario: A report comes after the stop
      When the sink is stopped
      Then the sink tells that a report didn't arrive, or brings it

  @rule:starts-and-stops-again
  Rule: Starting and stopping again does nothing

    Scenario: A sink that was started twice brings a report, and is stopped twice
      When the sink is started again
      And a report is delivered to the sink
      Then the sink has brought it
      And the sink can be stopped twice
