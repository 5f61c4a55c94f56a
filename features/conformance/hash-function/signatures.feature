@hash-function
Feature: A hash function gives content its signature
  Content is compared by signature wherever comparing its bytes would cost too much: a disk with its copy on another
  host, a block with those that are there already. A hash that gives the same bytes two signatures makes every
  comparison fail; one that gives different bytes the same signature, and calls itself strong, puts the wrong bytes
  into a guest's disk, and nobody is told.

  @rule:signature-is-published
  Rule: A hash that names a published algorithm gives its signatures

    Scenario: The signatures are those that others compute
      Then the hash gives the published signatures of its algorithm

  @rule:signature-has-its-length
  Rule: Every signature is as long as the hash says

    Scenario: Signatures of 2000 contents have the declared length
      Then the hash gives 2000 contents signatures of the declared length

  @rule:signature-is-pure
  Rule: A signature depends on the bytes alone

    Scenario: A buffer that was filled anew has the signature of what it holds now
      When the hash gives a buffer its signature, and the buffer is filled anew
      Then the hash gives the buffer the signature of its new content
      And the hash gives the buffer its first signature when it holds the first content again

  @rule:signature-is-the-same-everywhere @spawn
  Rule: The same bytes have the same signature in every instance and every process

    Scenario: Another instance and another process agree
      Then another instance of the hash gives 20 contents the same signatures
      And another process gives 20 contents the same signatures as the hash

  @rule:signature-is-of-the-view
  Rule: Only the bytes that are given count, wherever they lie in their buffer

    Scenario: The same bytes at 32 places of a buffer have one signature
      Then the hash gives the same bytes one signature at 32 places of a buffer
      And the hash gives the same bytes one signature at 32 places of an aligned buffer

    @model
    Scenario: Random ranges of a buffer have the signatures of their copies
      Then the hash gives 300 random ranges of a buffer the signatures of their copies

  @rule:signature-is-kept
  Rule: A signature belongs to whoever asked for it

    Scenario: A signature is not changed by later ones
      When the hash gives a content its signature
      And the hash is used for other contents, whole and in parts
      Then the first signature of the hash is what it was

  @rule:content-is-only-read
  Rule: Content is only read

    Scenario: Content is the same after it was given
      Then the hash leaves contents of 0 to 300 bytes as they are
      And the hash leaves a content of 1 MiB as it is

  @rule:strong-has-room
  Rule: Only a hash with room for it calls itself strong

    Scenario: A strong hash has at least 28 bytes, and no algorithm that is known to be weak
      Then the hash is strong only where collisions can't be made

  @rule:strong-tells-apart
  Rule: A strong hash tells every byte apart

    Scenario: One changed bit, anywhere, is another signature
      Given the hash is strong
      Then the hash gives other signatures to 4 MiB with one bit changed at their begin, in their middle and at their end
      And the hash gives other signatures to zeroes of every length from 0 to 300 bytes

  @rule:starts-and-stops-again
  Rule: Starting and stopping again does nothing

    Scenario: A hash that was started twice is used, and is stopped twice
      When the hash is started again
      Then another instance of the hash gives 20 contents the same signatures
      And the hash can be stopped twice
