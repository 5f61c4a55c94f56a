@datastore
Feature: All layers are listed
  The engine compares what a datastore lists with what its catalog knows, to find what a crash has left. Where a layer is
  left out, its space is lost for good; where one is listed twice or with another's stamp, a user is told of disks that
  don't exist, and may remove one that does.

  @rule:list-says-what-is-there
  Rule: Every layer is listed, with what the store knows of it

    Scenario: Layers are listed after one of them has changed
      Given the layers "a", "b-2" and "c_3"
      When it is stamped as the former of epoch 2
      Then the datastore lists "a b-2 c_3"

  @rule:long-list-is-whole
  Rule: A long list has every layer once

    @large
    Scenario: Thousands of layers are listed
      Given 2000 layers more
      Then each of them is listed once
      When all of them are removed
      Then the datastore lists ""

  @rule:list-bears-changes
  Rule: What stays is listed once while other layers come and go

    Scenario: Layers come and go while the list is read
      Given 60 layers more
      When the list is read, and after 20 of them the first 10 are removed and 10 others made
      Then each that stayed was listed once, and none twice

  @rule:list-can-be-left
  Rule: Who leaves a list early leaves nothing held

    Scenario: A list is left after its first layer
      Given 3 layers more
      When the list is left after its first layer
      Then that layer can be removed
      And the other 2 are listed once
