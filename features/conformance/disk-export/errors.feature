@disk-export
Feature: What a disk refuses a client is told
  An error is an answer, and a guest does the right thing with the right one: it pauses where the store is full, fails
  over where a disk fails, and reports what it should not have asked. An error that is swallowed is a write that never
  was; one that is never told is a guest that hangs; one that ends the connection punishes every other request of it.
  Errors have the names that a guest's kernel has for them.

  @rule:refusals-are-told @capability:writable
  Rule: A request that the disk refuses is answered with the error that says why
    A code that the export has never heard of, such as a datastore's own, is a failing disk.

    Scenario Outline: A refusal
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk refuses its next <request> as <code>
      Then the client's <request> is refused as <error>

      Examples:
        | code            | request | error  |
        | no-space        | write   | ENOSPC |
        | layer-io-failed | write   | EIO    |
        | layer-io-failed | read    | EIO    |
        | layer-io-failed | zero    | EIO    |
        | layer-failed    | flush   | EIO    |
        | disk-closed     | read    | EIO    |
        | of-its-own      | write   | EIO    |

  @rule:a-refusal-ends-one-request @capability:writable
  Rule: A refusal ends the request that it is about, and no other

    Scenario: One of several writes fails
      Given an exported disk of 1 MiB
      When a client connects
      And the exported disk takes its time over writes
      And the exported disk refuses its next write as layer-io-failed
      And the client sends 4 writes of 64 KiB, side by side
      And the exported disk catches up
      Then 3 requests are done and 1 is refused as EIO

  @rule:impossible-requests-are-refused @capability:writable
  Rule: What the disk can't do is refused, and never reaches it
    Beyond its end, off its blocks, or more at once than it takes.

    Scenario Outline: Asking for the impossible
      Given an exported disk of 4 MiB in blocks of 512 B, better 4 KiB, at most 1 MiB
      When a client connects
      Then the client's <request> of <length> at <offset> is refused as <error>
      And the exported disk was asked for nothing

      Examples:
        | request | length | offset    | error              |
        | write   | 512 B  | 4 MiB     | "ENOSPC or EINVAL" |
        | write   | 1 KiB  | 4193792 B | "ENOSPC or EINVAL" |
        | zero    | 1 KiB  | 4193792 B | "ENOSPC or EINVAL" |
        | read    | 1 KiB  | 4193792 B | "EINVAL"           |
        | write   | 100 B  | 0 B       | "EINVAL"           |
        | read    | 512 B  | 100 B     | "EINVAL"           |
        | write   | 2 MiB  | 0 B       | "EINVAL"           |
        | read    | 2 MiB  | 0 B       | "EINVAL"           |

  @rule:read-only-is-told-and-kept @without:writable
  Rule: Where clients may only read, they are told so, and every change is refused

    Scenario: A client that tries all the same
      Given an exported disk of 1 MiB
      When a client connects
      Then the client is told that it may only read
      And the client's write is refused as EPERM
      And the client's zero is refused as EPERM
      And the exported disk holds what was written
