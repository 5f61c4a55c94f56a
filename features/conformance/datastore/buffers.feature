@datastore
Feature: A buffer is lent, not given
  Whoever reads or writes lends the layer a buffer until the call has ended, and uses it for another guest's bytes right
  after. A layer that keeps one, or takes more of it than its part, writes one disk's bytes into another's: the user
  whose data it was sees damage, and the other one sees the data.

  @rule:write-keeps-no-buffer
  Rule: What a write was given is never looked at after its end

    Scenario: The buffer of a write is used for something else right after it
      Given a layer of 1 MiB
      When 64 KiB of "mine" are written at 4 KiB from a buffer that is filled with something else right after
      And it is flushed
      Then it reads as it was written

  @rule:read-keeps-no-buffer
  Rule: What a read was given is never written to after its end

    Scenario: The buffer of a read is used for something else right after it
      Given a layer of 1 MiB
      When 64 KiB of "mine" are written at 4 KiB
      And 64 KiB at 4 KiB are read into a buffer that is filled with something else right after
      And 64 KiB of "later" are written at 4 KiB
      And 64 KiB at 4 KiB are read
      And it is flushed
      Then that buffer holds what it was filled with

  @rule:write-leaves-its-buffer
  Rule: A write leaves the buffer that it was given as it was

    Scenario: The buffer of a write is looked at after it
      Given a layer of 1 MiB
      When 64 KiB of "mine" are written at 4 KiB from a buffer that is kept
      Then that buffer holds what it was filled with

  @rule:buffer-is-a-view
  Rule: A buffer that is part of a larger one is used from its beginning to its end

    Scenario: Parts of one large buffer are written and read into
      Given a layer of 1 MiB
      When 8 KiB at 4 KiB are written from the middle of a larger buffer
      Then it reads as it was written
      And reading 8 KiB at 4 KiB into the middle of a larger buffer touches nothing around it
