@function
Feature: A function can be called by whoever has read what it says of itself
  What a plugin declares of a function is all that anybody knows of it: the HTTP route, the command with its flags, the
  page in OpenAPI and the check of every input are made from that. A declaration that doesn't hold together gives a
  command that can't be typed, a route that leads nowhere, or a caller who sends what is then taken for something else.

  @rule:schemas-can-be-told
  Rule: Inputs and outputs can be told in JSON Schema

    Scenario: Each schema is written down for callers
      Then callers can be told the schemas of each function

  @rule:route-names-what-it-needs
  Rule: A route names what the function can't do without

    Scenario: The path of each route
      Then each name in the path of a function's route is a field that its input must have

  @rule:get-only-reads
  Rule: A GET changes nothing

    Scenario: The method of each route
      Then each function that answers to GET declares that it only reads

  @rule:created-thing-has-a-place
  Rule: What was created can be found again

    Scenario: A function that creates something
      Then for each function that creates something another one shows it, below the same path

  @rule:positionals-are-fields
  Rule: What a command takes without a flag is a field of the input

    Scenario: The words after each command
      Then each positional of a function is a field of its input, and none that must be given follows one that may be

  @rule:flags-are-fields
  Rule: A renamed flag stands for a field of the input

    Scenario: The flags of each command
      Then each flag that a function renames is a field of its input, and no two have one name

  @rule:examples-fit-the-schema
  Rule: An example is an input

    Scenario: The examples of each function
      Then the examples of each function are inputs that its schema allows
