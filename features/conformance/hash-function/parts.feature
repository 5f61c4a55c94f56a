@hash-function
Feature: A hash function takes content in parts
  A disk is larger than memory: its content arrives piece by piece, in a buffer that is used again for each piece, and
  several disks at once. A digest that depends on how its content was cut, or that mixes two disks, calls a good copy
  damaged, and a damaged one good.

  @rule:parts-are-the-whole
  Rule: Content that arrives in parts has the signature of the whole

    Scenario: Every way to cut up to 150 bytes in two
      Then the hash gives contents of up to 150 bytes, cut in two at every place, the signatures of the whole

    @model
    Scenario: Random ways to cut content in many
      Then the hash gives 200 random contents, cut at random, the signatures of the whole

  @rule:digests-are-separate
  Rule: Digests that are under way together don't touch each other

    Scenario: Digests take turns
      Then the hash gives 3 contents in parts the same signatures whether they take turns or not

  @rule:part-is-taken-at-once
  Rule: A part's buffer is free as soon as it was taken

    Scenario: One buffer serves for every part
      Then the hash gives parts that pass through one buffer the signature that they have in buffers of their own

  @rule:digest-ends
  Rule: A digest that has ended refuses

    Scenario: Nothing is added to a signature that was given, and it isn't given twice
      When a digest of the hash has ended
      Then the hash refuses to go on with the digest
      And the hash refuses to end the digest again
