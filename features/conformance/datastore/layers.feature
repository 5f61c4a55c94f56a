@datastore
Feature: Layers are made and removed by name
  A datastore keeps disks as layers, each under a name that the engine gives it: a new disk is a new layer, a deleted
  disk is a removed one. Where these rules are broken, a user finds somebody's old data in a new disk, loses one disk to
  another that was made beside it, or pays for space that nobody can reach any more.

  @rule:new-layer-is-empty
  Rule: A new layer reads as zeroes from end to end

    Scenario: A layer that nobody has written to is read
      Given a layer of 1 MiB
      Then it reads as it was written

  @rule:layer-is-made-once
  Rule: Making a layer never touches one that is there

    Scenario: A layer is made under a name that is taken
      Given a layer of 1 MiB
      When 4 KiB of "first" are written at 0 B
      Then creating it is refused as layer-exists
      And it reads as it was written

  @rule:missing-layer-is-refused
  Rule: A layer that was never made can't be used, and isn't made on the way

    Scenario: A layer that was never made is used
      Given no layer
      Then opening it is refused as layer-not-found
      And stamping it is refused as layer-not-found
      And the datastore knows nothing of it
      And the datastore lists ""

  @rule:layers-are-apart
  Rule: What is written to one layer is in no other

    Scenario: Layers side by side are written to
      Given the layers "a", "b" and "c"
      When each of them is filled with its own
      Then each of them reads as it was written

  @rule:removed-layer-is-gone
  Rule: A removed layer is gone

    Scenario: A removed layer is asked for
      Given a layer of 1 MiB
      When it is closed
      And it is removed
      Then the datastore knows nothing of it
      And opening it is refused as layer-not-found
      And the datastore lists ""

  @rule:removed-bytes-are-gone
  Rule: The name of a removed layer gives an empty one

    Scenario: A layer is made under the name of one that was removed
      Given a layer of 1 MiB
      When 1 MiB of "old" are written at 0 B
      And it is closed
      And it is removed
      And it is created again
      And 4 KiB of "new" are written at 64 KiB
      Then it reads as it was written

  @rule:removed-space-is-free
  Rule: What was removed takes no space

    # Where the plugin keeps its layers in the folder that it is given; elsewhere nobody can look.
    Scenario: Many layers come and go
      When 8 layers of 1 MiB are made, filled and removed, one after the other
      Then the folder of the store takes less than 2 MiB more than before

  @rule:removing-nothing-is-fine
  Rule: Removing what isn't there does nothing

    # A removal whose answer was lost is repeated.
    Scenario: A layer is removed that isn't there
      Given no layer
      When it is removed
      Then the datastore lists ""

  @rule:used-layer-stays
  Rule: A layer in use isn't removed

    Scenario: A layer is removed while it is open
      Given a layer of 1 MiB
      When 4 KiB of "mine" are written at 0 B
      Then removing it is refused as layer-in-use
      And it reads as it was written
