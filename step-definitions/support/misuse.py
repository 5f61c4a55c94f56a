"""Breaks the rules of NBD on purpose, as `libnbd` lets one do with its own checks switched off, and says as one line of
JSON what the server answered. Usage: misuse.py URI (flags | ranges | overlap | handles)"""

import errno
import json
import socket
import struct
import sys
from urllib.parse import parse_qs, unquote, urlsplit

import nbd

PAGE = 4096
MIB = 1 << 20


def connect(uri):
    handle = nbd.NBD()
    handle.set_strict_mode(0)
    handle.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
    handle.connect_uri(uri)
    return handle


def answer(call):
    """What the server said: `ok`, or the name of its error."""
    try:
        call()
        return "ok"
    except nbd.Error as error:
        return errno.errorcode.get(error.errnum, str(error))


def flags(uri):
    """For each command the flags that it takes; every other one must be refused with EINVAL."""
    names = {0: "FUA", 1: "NO_HOLE", 2: "DF", 3: "REQ_ONE", 4: "FAST_ZERO", 5: "PAYLOAD_LEN"}
    handle = connect(uri)
    commands = {
        "read": lambda bit: handle.pread(PAGE, 0, bit),
        "write": lambda bit: handle.pwrite(bytes(PAGE), 0, bit),
        "flush": lambda bit: handle.flush(bit),
        "trim": lambda bit: handle.trim(PAGE, 0, bit),
        "zero": lambda bit: handle.zero(PAGE, 0, bit),
        "cache": lambda bit: handle.cache(PAGE, 0, bit),
        "block status": lambda bit: handle.block_status(PAGE, 0, lambda *_: 0, bit),
    }
    told = {}
    for command, call in commands.items():
        answers = {names.get(bit, f"bit {bit}"): answer(lambda: call(1 << bit)) for bit in range(16)}
        # PAYLOAD_LEN belongs to extended headers, which the client's library offers from 1.18 on.
        taken = [name for name, said in answers.items() if said == "ok"]
        others = sorted({said for said in answers.values() if said != "ok"})
        told[command] = {"takes": " ".join(taken), "others": " ".join(others)}
    handle.shutdown()
    return told


def ranges(uri):
    """What lies outside the disk, is not a multiple of its blocks, is empty or too large."""
    handle = connect(uri)
    size = handle.get_size()
    big = 33 * MIB
    told = {
        "a read past the end": answer(lambda: handle.pread(PAGE, size)),
        "a read across the end": answer(lambda: handle.pread(2 * PAGE, size - PAGE)),
        "a read at 2^62": answer(lambda: handle.pread(PAGE, 1 << 62)),
        "a write past the end": answer(lambda: handle.pwrite(bytes(PAGE), size)),
        "a write across the end": answer(lambda: handle.pwrite(bytes(2 * PAGE), size - PAGE)),
        "zeroes past the end": answer(lambda: handle.zero(PAGE, size)),
        "a trim past the end": answer(lambda: handle.trim(PAGE, size)),
        "a block status past the end": answer(lambda: handle.block_status(PAGE, size, lambda *_: 0)),
        "an empty read": answer(lambda: handle.pread(0, 0)),
        "an empty write": answer(lambda: handle.pwrite(b"", 0)),
        "half a block": answer(lambda: handle.pread(256, 0)),
        "a block at half a block": answer(lambda: handle.pwrite(bytes(512), 256)),
        "a read of 33 MiB": answer(lambda: handle.pread(big, 0)),
        "a write of 33 MiB": answer(lambda: handle.pwrite(bytes(big), 0)),
        "a read afterwards": answer(lambda: handle.pread(PAGE, 0)),
    }
    handle.shutdown()
    return told


def overlap(uri):
    """Writes over one another, all in flight at once: each sector must hold one of them whole."""
    handle = connect(uri)
    count, length = 64, 16 * PAGE
    written = [bytes([n + 1]) * length for n in range(count)]
    cookies = [
        handle.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(data)), (n % 8) * 512)
        for n, data in enumerate(written)
    ]
    for cookie in cookies:
        while not handle.aio_command_completed(cookie):
            handle.poll(-1)
    held = handle.pread(length + 8 * 512, 0)
    sectors = [held[at : at + 512] for at in range(0, length, 512)]
    handle.shutdown()
    return {"torn sectors": sum(len(set(sector)) != 1 or sector[0] == 0 for sector in sectors)}


def handles(uri):
    """Handles are the client's own: used twice at once, zero, all ones. Raw, since the library makes its own."""
    place = parse_qs(urlsplit(uri).query)["socket"][0]
    name = unquote(urlsplit(uri).path[1:]).encode()
    raw = socket.socket(socket.AF_UNIX)
    raw.connect(place)

    def take(count):
        data = b""
        while len(data) < count:
            more = raw.recv(count - len(data))
            if not more:
                raise ConnectionError("the server hung up")
            data += more
        return data

    take(18)
    raw.sendall(struct.pack(">I8sII", 3, b"IHAVEOPT", 1, len(name)) + name)
    take(10)
    same = [7, 7, 7, 0, 0, (1 << 64) - 1]
    raw.sendall(b"".join(struct.pack(">IHHQQI", 0x25609513, 0, 0, handle, 0, 512) for handle in same))
    answered = []
    for _ in same:
        _magic, error, handle = struct.unpack(">IIQ", take(16))
        take(512)
        answered.append((handle, error))
    unknown = 9
    raw.sendall(struct.pack(">IHHQQI", 0x25609513, 0, 4711, unknown, 0, 0))
    _magic, error, handle = struct.unpack(">IIQ", take(16))
    # Not a request at all: nothing that follows can be told from payload any more.
    raw.sendall(bytes(28))
    dropped = raw.recv(1) == b""
    return {
        "every one answered": sorted(answered) == sorted((handle, 0) for handle in same),
        "an unknown command": errno.errorcode[error],
        "dropped after a request without its magic": dropped,
    }


uri, misuse = sys.argv[1:3]
print(json.dumps({"flags": flags, "ranges": ranges, "overlap": overlap, "handles": handles}[misuse](uri)))
