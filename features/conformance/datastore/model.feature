@datastore
Feature: A layer agrees with a model
  Most mistakes of real stores need three or four operations that nobody thought of together. Random operations are made
  on a layer and on an array of bytes, which must agree; where they don't, the fewest operations that show it are told.

  @model @rule:layer-agrees-with-a-model
  Rule: A layer holds what an array would hold

    Scenario: Random operations on a layer and on an array
      When 1000 random operations are made on a layer of 1 MiB, up to 8 at once
      Then they agree with an array
