@function
Feature: A function does what it says, and nothing when it is told to end
  A function runs in the server, beside disks that guests write to. Its callers know its schemas and trust them: a wrong
  input that gets through is acted upon, a wrong answer is worked with. And they change their minds: a caller hangs up,
  a job is cancelled, the server stops. What a function had begun by then and leaves behind is found by nobody.

  Each function is run with the `examples` that it declares, each time in an engine of its own with two datastores in
  memory, `default` and `other`, after the calls that `examplesNeed` tells of. Of a function that declares none only what
  can be seen without running it is tried.

  @rule:bad-input-is-refused
  Rule: What the schema forbids is refused before the function runs

    Scenario: Inputs with one thing wrong
      Then each function is refused whatever its input schema forbids as input-invalid, and not run

  @rule:examples-succeed
  Rule: An example succeeds

    Scenario: Each function is run with its examples
      Then each function succeeds with each of its examples

  @rule:outputs-fit-the-schema
  Rule: Answers are what the schema says

    Scenario: The answer to each example
      Then each function answers its examples with what its output schema allows, and JSON can tell

  @rule:reading-changes-nothing
  Rule: What only reads changes nothing

    Scenario: Each function that only reads is run with its examples
      Then each function that only reads leaves everything as it was

  @rule:told-before-made
  Rule: A resource is journalled before it is made

    Scenario: A function that makes something outside the catalog
      Then no function has made a resource before its journal had it

  @rule:progress-never-falls
  Rule: Progress never runs backwards

    Scenario: Each job is followed
      Then the `percent` of each job's progress is a number from 0 to 100 that never falls

  @rule:told-to-end-ends
  Rule: A function that is told to end ends

    Scenario: Its signal fires at its beginning, while it runs, and whenever it asks for something
      Then each function that is told to end does so soon

  @rule:ends-with-its-reason
  Rule: A function that is told to end says that it was

    Scenario: What its caller is told
      Then each function that is told to end either succeeds all the same, or fails with the reason that it was given

  @rule:ended-leaves-nothing
  Rule: A function that was told to end leaves nothing behind

    Scenario: What is there afterwards
      Then each function that has ended before it was done leaves nothing behind
