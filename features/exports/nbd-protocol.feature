Feature: Disks speak all of the NBD protocol
  Clients of every age find what they know: from those that only name a disk to those with headers of 64 bits. What is
  not offered is refused with the error that the protocol's document names, and the connection goes on. The table in
  plugins/export-nbd/README.md leads here.

  Rule: The handshake

    Background:
      Given the disk "web" of 1 MiB, full of data

    Scenario Outline: The oldest way to choose a disk still works
      Given a client that knows <flags> with "web"
      When it sends EXPORT_NAME with "nope"
      Then it is hung up on
      Given a client that knows <flags> with "web"
      When it sends EXPORT_NAME with "web"
      Then it is told of 1 MiB, with <zeroes> zeroes behind
      And it can read

      Examples:
        | flags                        | zeroes |
        | no flags                     | 124    |
        | FIXED_NEWSTYLE               | 124    |
        | FIXED_NEWSTYLE and NO_ZEROES | 0      |

    Scenario: What a client's flags say must be known
      Given a client that knows an unknown flag with "web"
      Then it is hung up on

    Scenario: Without the fixed handshake there is but one option
      Given a client that knows no flags with "web"
      When it sends LIST
      Then it is hung up on

    Scenario: Disks are listed, with a description
      Given the exports
        """
        { "nbd": { "plugin": "export-nbd", "listen": "127.0.0.1:0" } }
        """
      And the disk "db" of 1 MiB, full of data
      And a client in its handshake at the TCP port of "web"
      When it sends LIST
      Then the export answers SERVER, SERVER and ACK
      And the answers name "web" and "db", each described as "Pagurus disk"

    Scenario: A client asks about a disk before it chooses one, or none
      Given a client in its handshake with "web"
      When it sends INFO with "web"
      Then the export answers INFO, INFO, INFO, INFO and ACK
      And it is told EXPORT, BLOCK_SIZE, NAME and DESCRIPTION
      When it sends GO with "nope"
      Then the export answers ERR_UNKNOWN
      When it sends GO with "web"
      Then the export answers INFO, INFO, INFO, INFO and ACK
      And it can read

    Scenario: A client breaks off
      Given a client in its handshake with "web"
      When it sends ABORT
      Then the export answers ACK
      And it is hung up on

    Scenario: An option that can't be granted is refused, and the next one served
      There is no TLS here, and what the document has only reserved is unknown.
      Given a client in its handshake with "web"
      Then these options are answered, and the next one served:
        | option            | bytes | answer      |
        | STARTTLS          | 0     | ERR_UNSUP   |
        | PEEK_EXPORT       | 0     | ERR_UNSUP   |
        | 99                | 4     | ERR_UNSUP   |
        | LIST              | 1     | ERR_INVALID |
        | STRUCTURED_REPLY  | 1     | ERR_INVALID |
        | EXTENDED_HEADERS  | 1     | ERR_INVALID |
        | INFO              | 3     | ERR_INVALID |
        | SET_META_CONTEXT  | 8     | ERR_INVALID |
        | LIST_META_CONTEXT | 8     | ERR_INVALID |
        | INFO              | 70000 | ERR_TOO_BIG |

    Scenario: Structured replies first, then extended headers, and never back
      Given a client in its handshake with "web"
      When it sends STRUCTURED_REPLY
      Then the export answers ACK
      When it sends EXTENDED_HEADERS
      Then the export answers ACK
      When it sends STRUCTURED_REPLY
      Then the export answers ERR_EXT_HEADER_REQD
      When it sends EXPORT_NAME with "web"
      Then it is hung up on

    Scenario: Metadata contexts are listed, chosen, and chosen anew
      Given a client in its handshake with "web"
      When it sends LIST_META_CONTEXT for "web"
      Then the export answers ERR_INVALID
      When it sends SET_META_CONTEXT for "web", asking "base:allocation"
      Then the export answers ERR_INVALID
      When it sends EXTENDED_HEADERS
      And it sends LIST_META_CONTEXT for "web"
      Then the export answers META_CONTEXT, META_CONTEXT and ACK
      And the contexts are "base:allocation" and "pagurus:dirty"
      When it sends LIST_META_CONTEXT for "web", asking "pagurus:"
      Then the contexts are "pagurus:dirty"
      When it sends SET_META_CONTEXT for "web", asking "pagurus:dirty" and "base:allocation"
      Then the contexts are "base:allocation" and "pagurus:dirty"
      When it sends SET_META_CONTEXT for "web", asking "pagurus:dirty" and "none:such"
      Then the contexts are "pagurus:dirty"
      When it sends SET_META_CONTEXT for "nope", asking "base:allocation"
      Then the export answers ERR_UNKNOWN

    Scenario: A client in its handshake is told that the server ends
      Given a client in its handshake with "web"
      When it sends LIST again and again while the server is stopped
      Then the export answers ERR_SHUTDOWN
      And it is hung up on

    Scenario: What a disk can do
      Given a client of "web" with simple messages
      Then it is told the flags HAS_FLAGS, SEND_FLUSH, SEND_FUA, SEND_TRIM, SEND_WRITE_ZEROES, CAN_MULTI_CONN, SEND_CACHE and SEND_FAST_ZERO
      Given a client of "web" with structured messages
      Then it is told SEND_DF besides
      Given a client of "web" with extended messages
      Then it is told SEND_DF and BLOCK_STAT_PAYLOAD besides

  Rule: Requests

    Background:
      Given the disk "web" of 1 MiB, full of data

    Scenario Outline: All that a guest does, in <form> messages
      Given a client of "web" with <form> messages
      When it writes, zeroes, trims, caches, flushes and reads all over the disk
      Then the disk has what it wrote
      When it says DISC with a write still unanswered
      Then the write is answered, and it is hung up on

      Examples:
        | form       |
        | simple     |
        | structured |
        | extended   |

    Scenario Outline: Reads are answered as <form> messages are
      Given a client of "web" with <form> messages
      When it zeroes 256 KiB at 512 KiB
      And it sends READ for 128 KiB at 0 KiB
      Then the chunks are <data>
      When it sends READ for 128 KiB at 512 KiB
      Then the chunks are <hole>
      When it sends READ for 128 KiB at 1024 KiB
      Then the export answers EINVAL
      When it sends FLUSH for 0 KiB at 0 KiB
      Then the chunks are <done>

      Examples:
        | form       | data        | hole        | done |
        | simple     | none        | none        | none |
        | structured | OFFSET_DATA | OFFSET_HOLE | none |
        | extended   | OFFSET_DATA | OFFSET_HOLE | NONE |

    Scenario: Each command has its flags, and no others
      Given a client of "web" with extended messages
      Then these requests for 4 KiB are answered:
        | command      | flag        | answer |
        | READ         | FUA         | done   |
        | WRITE        | FUA         | done   |
        | TRIM         | FUA         | done   |
        | CACHE        | FUA         | done   |
        | WRITE_ZEROES | FUA         | done   |
        | BLOCK_STATUS | FUA         | done   |
        | READ         | DF          | done   |
        | WRITE_ZEROES | NO_HOLE     | done   |
        | WRITE_ZEROES | FAST_ZERO   | done   |
        | BLOCK_STATUS | REQ_ONE     | done   |
        | WRITE        | PAYLOAD_LEN | done   |
        | READ         | NO_HOLE     | EINVAL |
        | READ         | PAYLOAD_LEN | EINVAL |
        | WRITE        | DF          | EINVAL |
        | TRIM         | FAST_ZERO   | EINVAL |
        | CACHE        | REQ_ONE     | EINVAL |
        | BLOCK_STATUS | DF          | EINVAL |
        | WRITE_ZEROES | bit 15      | EINVAL |
      When it sends BLOCK_STATUS for 1 MiB at 0 KiB about "base:allocation"
      Then the export answers done
      When it sends WRITE without PAYLOAD_LEN for 4 KiB at 0 KiB
      Then the export answers EINVAL
      And it can read
      Given a client of "web" with structured messages
      When it sends WRITE with PAYLOAD_LEN for 4 KiB at 0 KiB
      Then the export answers EINVAL
      And it can read

    Scenario: What can't be done is refused by its error, and the next request served
      Then these requests to "web" are answered, and the next one done:
        | form       | command      | length | offset   | answer |
        | structured | READ         | 4 KiB  | 1022 KiB | EINVAL |
        | structured | WRITE        | 4 KiB  | 1022 KiB | ENOSPC |
        | structured | WRITE_ZEROES | 4 KiB  | 1022 KiB | ENOSPC |
        | structured | TRIM         | 4 KiB  | 1022 KiB | EINVAL |
        | structured | CACHE        | 4 KiB  | 1022 KiB | EINVAL |
        | structured | BLOCK_STATUS | 4 KiB  | 1022 KiB | EINVAL |
        | extended   | TRIM         | 6 GiB  | 0 KiB    | EINVAL |
        | extended   | WRITE_ZEROES | 6 GiB  | 0 KiB    | ENOSPC |
        | simple     | READ         | 0 KiB  | 0 KiB    | EINVAL |
        | simple     | READ         | 100 B  | 0 KiB    | EINVAL |
        | simple     | WRITE        | 100 B  | 0 KiB    | EINVAL |
        | structured | READ         | 33 MiB | 0 KiB    | EINVAL |
        | structured | WRITE        | 33 MiB | 0 KiB    | EINVAL |
        | structured | FLUSH        | 4 KiB  | 0 KiB    | EINVAL |
        | simple     | BLOCK_STATUS | 4 KiB  | 0 KiB    | EINVAL |
        | extended   | RESIZE       | 4 KiB  | 0 KiB    | EINVAL |
        | extended   | 99           | 4 KiB  | 0 KiB    | EINVAL |

    Scenario: Who announces more than any request may carry is hung up on
      Given a client of "web" with extended messages
      When it sends WRITE for 33 MiB at 0 KiB
      Then the export answers hung up on

    Scenario: A read in one piece
      Given a client of "web" with structured messages
      When it zeroes 4 KiB at 0 KiB
      And it sends READ with DF for 512 KiB at 0 KiB
      Then the chunks are OFFSET_DATA
      When it sends READ with DF for 33 MiB at 0 KiB
      Then the export answers EOVERFLOW

    Scenario: Zeroes that keep their space
      Given a client of "web" with structured messages
      When it sends WRITE_ZEROES for 64 KiB at 0 KiB
      And it sends WRITE_ZEROES with NO_HOLE for 64 KiB at 128 KiB
      Then "base:allocation" of 192 KiB at 0 KiB is
        | 64 KiB  | 3 |
        | 128 KiB | 0 |

    Scenario: Zeroes that are fast or refused
      Given a client of "web" with structured messages
      When it sends WRITE_ZEROES with FAST_ZERO for 64 KiB at 0 KiB
      Then the export answers done
      When it sends WRITE_ZEROES with FAST_ZERO and NO_HOLE for 64 KiB at 0 KiB
      Then the export answers ENOTSUP

  Rule: Beyond 4 GiB

    Scenario: One request covers what no compact one could
      Given the disk "large" of 16 GiB, empty
      And a client of "large" with extended messages
      When it sends WRITE for 4 KiB at 0 KiB
      And it sends WRITE_ZEROES with FAST_ZERO for 5 GiB at 4 KiB
      Then the export answers done
      When it sends TRIM for 6 GiB at 8 GiB
      Then the export answers done
      When it sends CACHE for 16 GiB at 0 KiB
      Then the export answers done
      When it sends BLOCK_STATUS for 16 GiB at 0 KiB
      Then the chunks are BLOCK_STATUS_EXT
      And "base:allocation" of 16 GiB at 0 KiB is
        | 4 KiB       | 0 |
        | 16777212 KiB | 3 |

    @needs:qemu-extended
    Scenario: QEMU agrees on extended headers and zeroes 5 GiB at once
      Given the disk "large" of 16 GiB, empty
      When QEMU zeroes 5 GiB of "large" in one request
      Then the server has counted a client with extended messages

  Rule: Metadata contexts

    Background:
      Given the disk "web" of 1 MiB, full of data

    Scenario: Several contexts in one answer, or those that are wanted now
      Given a client of "web" with extended messages and the contexts "base:allocation" and "pagurus:dirty"
      When it sends BLOCK_STATUS for 1 MiB at 0 KiB
      Then the chunks are BLOCK_STATUS_EXT and BLOCK_STATUS_EXT
      When it sends BLOCK_STATUS for 1 MiB at 0 KiB about "pagurus:dirty"
      Then the chunks are BLOCK_STATUS_EXT
      When it sends BLOCK_STATUS for 1 MiB at 0 KiB about "none:such"
      Then the export answers EINVAL

    Scenario: In structured replies, one extent each where that is asked for
      Given a client of "web" with structured messages and the contexts "base:allocation" and "pagurus:dirty"
      When it zeroes 64 KiB at 64 KiB
      And it sends BLOCK_STATUS with REQ_ONE for 1 MiB at 0 KiB
      Then the chunks are BLOCK_STATUS and BLOCK_STATUS
      And each chunk has one extent

  Rule: What an operator sets

    Background:
      Given the disk "web" of 1 MiB, full of data

    Scenario: The same disk, for some to change and for others to read
      Given the exports
        """
        {
          "nbd": { "plugin": "export-nbd" },
          "look": { "plugin": "export-nbd", "readOnly": true }
        }
        """
      And a client of "web" with extended messages
      And a client of "web" that may only read
      Then it is told the flags HAS_FLAGS, READ_ONLY, SEND_FLUSH, SEND_FUA, SEND_DF, CAN_MULTI_CONN and SEND_CACHE
      When it sends WRITE for 4 KiB at 0 KiB
      Then the export answers EPERM
      When it sends TRIM for 4 KiB at 0 KiB
      Then the export answers EPERM
      When it sends WRITE_ZEROES for 4 KiB at 0 KiB
      Then the export answers EPERM
      When another client of "web" writes block 1
      Then it reads what was written to block 1

    Scenario: Only so many clients at a time
      Given the exports
        """
        { "nbd": { "plugin": "export-nbd", "maxConnections": 2 } }
        """
      And a client of "web" with simple messages
      And a client of "web" with simple messages
      Then a further client of "web" is turned away
      When it says DISC
      Then a further client of "web" is let in in the end

  Rule: A disk in motion or in trouble

    Background:
      Given the rehearsed datastores "fast" and "archive"
      And moves switch over below 3 dirty blocks
      And the disk "web" of 1 MiB, full of data

    Scenario: What a move has still to copy
      Given a client of "web" with structured messages and the contexts "base:allocation" and "pagurus:dirty"
      Then "pagurus:dirty" of 1 MiB at 0 KiB is
        | 1 MiB | 0 |
      Given "web" on its way to "archive", held before it writes block 200
      When it sends WRITE for 8 KiB at 12 KiB
      Then "pagurus:dirty" of 24 KiB at 4 KiB is
        | 8 KiB | 0 |
        | 8 KiB | 1 |
        | 8 KiB | 0 |
      When the copy goes on
      Then the move has succeeded
      And "pagurus:dirty" of 1 MiB at 0 KiB is
        | 1 MiB | 0 |

    Scenario: Storage that fails or is full
      Given a client of "web" with structured messages
      And "fast" fails when it next writes block 3
      When it sends WRITE for 4 KiB at 12 KiB
      Then the export answers EIO
      Given "fast" is full when it next writes block 3
      When it sends WRITE for 4 KiB at 12 KiB
      Then the export answers ENOSPC

    Scenario Outline: Storage that fails to read, in <form> messages
      Given a client of "web" with <form> messages
      And "fast" fails when it next reads block 3
      When it sends READ for 64 KiB at 0 KiB
      Then the export answers EIO
      And the chunk that refuses it is <chunk>
      And it can read

      Examples:
        | form       | chunk |
        | simple     | none  |
        | structured | ERROR |
        | extended   | ERROR |

    Scenario: What is in flight when the server ends is answered, and what comes late is not
      A client that reconnects asks for it again, and its guest sees no error.
      Given a client of "web" with extended messages
      When it asks to write block 3, which "fast" keeps waiting
      And the server of "web" begins to stop
      And it asks to read block 0, too late
      And "fast" lets the guest's write go on
      Then the write is answered, and it is hung up on
      And the read was left unanswered
      And the server has stopped

    Scenario Outline: What comes late is refused where an operator wants that, in <form> messages
      Given the exports
        """
        { "nbd": { "plugin": "export-nbd", "lateRequests": "refuse" } }
        """
      And a client of "web" with <form> messages
      When it asks to write block 3, which "fast" keeps waiting
      And the server of "web" begins to stop
      And it sends READ for 4 KiB at 0 KiB
      Then the export answers ESHUTDOWN
      When it sends WRITE for 4 KiB at 0 KiB
      Then the export answers ESHUTDOWN
      When "fast" lets the guest's write go on
      Then the write is answered
      When it sends FLUSH for 0 KiB at 0 KiB
      Then the export answers ESHUTDOWN
      When it says DISC
      Then the server has stopped
      Given a client of "web" with <form> messages
      Then it reads what was written to block 3

      Examples:
        | form       |
        | simple     |
        | structured |
        | extended   |
